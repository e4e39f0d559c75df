"""The way out to a chat group's bot: WeCom, DingTalk, Feishu, through apprise."""

import importlib
import logging
import re
from collections.abc import Mapping
from typing import Any

from govgrid.errors import Invalid
from govgrid.outbox.transport import Deferred, Refused

# Each writes over https to its own provider's host and nowhere else. Named one by one: apprise would
# load a hundred and forty providers to look one up.
SCHEMAS = {
    "wecombot": "apprise.plugins.wecombot:NotifyWeComBot",
    "dingtalk": "apprise.plugins.dingtalk:NotifyDingTalk",
    "feishu": "apprise.plugins.feishu:NotifyFeishu",
}
PREFIX = "bot:"  # a bot's letters are addressed to it by name; no mail address has a colon
_KEY = r"[A-Za-z0-9_-]{8,128}"
_WORD = r"[A-Za-z0-9]{8,128}"
# What is taken, as it is kept or as the chat program shows it: no query, so nobody turns off TLS.
_TAKEN = (
    (re.compile(rf"wecombot://({_KEY})/?"), r"wecombot://\1"),
    (
        re.compile(rf"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=({_KEY})"),
        r"wecombot://\1",
    ),
    (re.compile(rf"dingtalk://((?:{_WORD}@)?{_WORD})/?"), r"dingtalk://\1"),
    (
        re.compile(rf"https://oapi\.dingtalk\.com/robot/send\?access_token=({_WORD})"),
        r"dingtalk://\1",
    ),
    (re.compile(rf"feishu://({_KEY})/?"), r"feishu://\1"),
    (
        re.compile(rf"https://open\.feishu\.cn/open-apis/bot/v2/hook/({_KEY})/?"),
        r"feishu://\1",
    ),
)


def address_of(typed: str) -> str:
    """Return the bot's address as it is kept. Raise `Invalid` on any other than the three kinds."""
    for pattern, kept in _TAKEN:
        if found := pattern.fullmatch(typed.strip()):
            return found.expand(kept)
    raise Invalid(
        "机器人地址不正确。",
        fields={"address": Invalid("请填写企业微信、钉钉或飞书群机器人的 Webhook 地址。")},
    )


def masked(address: str) -> str:
    """Return `wecombot://****1a2b`: which provider, and the secret's last four characters."""
    schema, _colon, secret = address.partition("://")
    return f"{schema}://****{secret[-4:]}"


def name(number: int) -> str:
    """Return what an area's bot is called in the outbox."""
    return f"{PREFIX}{number}"


def is_bot(address: str) -> bool:
    """Tell whether a letter is addressed to a bot."""
    return address.startswith(PREFIX)


def say(address: str, text: str, schemas: Mapping[str, str] = SCHEMAS) -> None:
    """Hand the text to the bot, or raise `Refused` or `Deferred`. `schemas` say who reads which.

    Feishu says where it turns a text down; WeCom and DingTalk answer 200 all the same, so what they
    turn down (a wrong key, a keyword that is missing, too many texts) counts as sent.
    """
    import apprise  # noqa: PLC0415  # 0.2 s of CPU: only where a bot is written to

    bot = provider(address, schemas)
    heard = {"level": logging.WARNING, "fmt": "%(message)s"}
    capture = apprise.LogCapture(**heard)  # type: ignore[no-untyped-call]  # apprise's own
    with capture as told:
        said = bot.notify(text, body_format=apprise.NotifyFormat.TEXT)
        words = told.getvalue()
    if not said:
        raise Deferred(None, " ".join(words.split())[:500] or "the bot did not take it")


def provider(address: str, schemas: Mapping[str, str] = SCHEMAS) -> Any:
    """Return apprise's writer to the address. Raise `Refused` on an address of another kind."""
    found = schemas.get(address.partition("://")[0])
    if found is None:
        raise Refused(None, "no such bot")
    module, _colon, name = found.partition(":")
    kind = getattr(importlib.import_module(module), name)
    return kind(**kind.parse_url(address))

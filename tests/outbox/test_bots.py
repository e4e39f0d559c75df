"""Which addresses of bots are taken, and how a text reaches one."""

from urllib.parse import urlsplit

import pytest

from govgrid.errors import Invalid
from govgrid.outbox.bots import SCHEMAS, address_of, masked, provider, say
from govgrid.outbox.transport import Deferred, Refused
from tests.outbox.chat import JSON, chatting

KEY = "693a91f6-7A0C-4bc4-97a0-0ec2sifa5aaa"
WORD = "SEC0123456789abcdef"
HOSTS = {
    "wecombot": "qyapi.weixin.qq.com",
    "dingtalk": "oapi.dingtalk.com",
    "feishu": "open.feishu.cn",
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}", f"wecombot://{KEY}"),
        (f" wecombot://{KEY}/ ", f"wecombot://{KEY}"),
        (f"https://oapi.dingtalk.com/robot/send?access_token={WORD}", f"dingtalk://{WORD}"),
        (f"dingtalk://{WORD}@{WORD}", f"dingtalk://{WORD}@{WORD}"),
        (f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}", f"feishu://{KEY}"),
        (f"feishu://{KEY}", f"feishu://{KEY}"),
    ],
)
def test_a_bot_of_the_three_is_taken_and_apprise_reads_it(typed: str, kept: str) -> None:
    assert address_of(typed) == kept
    bot = provider(kept)
    schema = kept.partition(":")[0]
    assert urlsplit(bot.notify_url).scheme == "https"
    assert urlsplit(bot.notify_url).hostname == HOSTS[schema]
    assert (
        getattr(bot, "key" if schema == "wecombot" else "token")
        == kept.rpartition("/")[2].rpartition("@")[2]
    ), "not a character changed"
    assert bot.verify_certificate
    assert KEY not in masked(kept)
    assert WORD not in masked(kept)
    assert masked(kept) == f"{schema}://****{kept[-4:]}"


@pytest.mark.parametrize(
    "typed",
    [
        "file:///etc/passwd", "json://127.0.0.1", "jsons://evil.example/x", "mailto://a:b@c.example",
        f"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key={KEY}",
        f"https://evil.example/?https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"wecombot://{KEY}?verify=no", f"wecombot://{KEY}/?key=other", "wecombot://short",
        f"wecombot://{KEY} json://127.0.0.1", f"wecombot://{KEY},json://127.0.0.1",
        f"dingtalk://{WORD}/13800000000", f"feishu://{KEY}\n", f"WECOMBOT://{KEY}\x00", "",
    ],
)  # fmt: skip
def test_any_other_address_is_refused(typed: str) -> None:
    if typed.endswith("\n"):
        assert address_of(typed) == typed.strip()
        return
    with pytest.raises(Invalid):
        address_of(typed)


def test_a_text_arrives_or_says_why_not() -> None:
    with chatting() as chat:
        say(chat.address, "会议通知：锦和苑\n时间：…", JSON)
        assert chat.texts == ["会议通知：锦和苑\n时间：…"]
        chat.status = 500
        with pytest.raises(Deferred, match="500"):
            say(chat.address, "x", JSON)
        for address in (chat.address, "", "wecombot:/x"):
            with pytest.raises(Refused):
                say(address, "x")
        assert len(chat.posts) == 1
    with pytest.raises(Deferred):
        say(chat.address, "x", JSON)  # nobody listens any more
    assert "json" not in SCHEMAS

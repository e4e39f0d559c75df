"""Every environment variable, read once into one frozen dataclass."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from govgrid.errors import Invalid

DEMO_SECRET = "demo-secret-that-guards-nothing"  # noqa: S105
ADMINISTRATORS, EVERYONE = "administrators", "everyone"  # who needs a second factor
MARK, BLOCK = "mark", "block"  # what happens to a decision without a quorum
SQLITE = "sqlite:///var/govgrid.db"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. `ahead` moves the demo's clock, so that a demo can live on any day."""

    database_url: str = SQLITE
    standby_url: str = field(default="", repr=False)
    web_only: bool = False  # `serve` without the worker inside
    secret: str = ""
    data_keys: tuple[str, ...] = field(default=(), repr=False)
    public_url: str = "http://127.0.0.1:8000"
    smtp_url: str = "file:var/mail"
    mailbox: str = "meetings@govgrid.invalid"
    imap_url: str = field(default="", repr=False)
    caldav_url: str = field(default="", repr=False)
    archive: Path = Path("var/archive")
    vendor: Path = ROOT / "vendor"
    house_fonts: Path | None = None
    locale: str = "zh_Hans"
    city: str = "成都市"
    idle: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(hours=12)
    trusted_proxies: str = ""
    digest: timedelta = timedelta(minutes=10)
    mail_rate: int = 0  # letters a minute; 0: as fast as the server takes them
    journal_months: int = 24
    mail_months: int = 12
    letter_months: int = 24
    case_reply_lead: timedelta = timedelta(minutes=30)  # before which letters warn of a due time
    case_on_site_lead: timedelta = timedelta(minutes=30)
    case_close_lead: timedelta = timedelta(hours=12)
    case_street_after: timedelta = timedelta(hours=24)  # overdue so long, the street is told
    without_quorum: str = MARK
    second_factor: str = ADMINISTRATORS
    one_click_hourly: int = 10  # complaints from one address within an hour
    api_minutely: int = 600  # requests with one token within a minute
    drain_seconds: int = 0  # from SIGTERM on, for a balancer to turn to others
    log: str = "text"  # or "json": one line a request
    metrics_token: str = field(default="", repr=False)
    feed_hosts: frozenset[str] = frozenset()
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = ""
    oidc_claim: str = "preferred_username"
    oidc_name: str = ""
    demo: bool = False
    ahead: timedelta = timedelta()

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read `GOVGRID_*`. Raise `Invalid` naming the variable that cannot be read."""
        given = {
            name.removeprefix("GOVGRID_").lower(): value
            for name, value in environ.items()
            if name.startswith("GOVGRID_") and value
        }
        values: dict[str, object] = {}
        for name in (
            "database_url",
            "standby_url",
            "secret",
            "public_url",
            "smtp_url",
            "mailbox",
            "imap_url",
            "caldav_url",
            "locale",
            "city",
            "trusted_proxies",
            "oidc_issuer",
            "oidc_client",
            "oidc_secret",
            "oidc_claim",
            "oidc_name",
            "log",
            "metrics_token",
        ):
            if name in given:
                values[name] = given[name]
        _refuse_foreign(given.get("database_url", SQLITE))
        _refuse_unknown(given)
        for name in ("archive", "vendor", "house_fonts"):
            if name in given:
                values[name] = Path(given[name])
        values["web_only"] = given.get("web_only", "0") not in {"0", "no", "false"}
        if "data_key" in given:
            values["data_keys"] = _data_keys(given["data_key"])
        if "feed_hosts" in given:
            values["feed_hosts"] = frozenset(re.split(r"[,\s]+", given["feed_hosts"].lower()))
        for name, least in (
            ("idle", 1), ("session", 1), ("digest", 0),
            ("case_reply_lead", 0), ("case_on_site_lead", 0), ("case_close_lead", 0),
            ("case_street_after", 1),
        ):  # fmt: skip
            if text := given.get(f"{name}_minutes"):
                values[name] = _minutes(f"GOVGRID_{name.upper()}_MINUTES", text, least)
        values |= _counts(given)
        values["without_quorum"] = _choice(given)
        values["second_factor"] = _who(given)
        for name in {"journal_months", "mail_months", "letter_months"} & given.keys():
            values[name] = _months(f"GOVGRID_{name.upper()}", given[name])
        return replace(cls(), **values)  # type: ignore[arg-type]  # names checked above

    def for_production(self) -> Self:
        """Return itself. Raise `Invalid` where a production start would be unsafe."""
        if len(self.secret) < 32 or self.secret == DEMO_SECRET:
            raise Invalid(
                "未设置密钥：请将环境变量 GOVGRID_SECRET 设为不少于 32 个字符的随机串"
                "（例如 openssl rand -hex 32 的输出）。"
            )
        if self.oidc_issuer and not self.oidc_issuer.startswith("https://"):
            raise Invalid("GOVGRID_OIDC_ISSUER 应以 https:// 开头：身份认证服务必须加密连接。")
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach the site over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")


def _refuse_foreign(address: str) -> None:
    if not re.match(r"(sqlite|postgresql)(\+\w+)?://", address):
        raise Invalid(
            "GOVGRID_DATABASE_URL 应以 sqlite:/// 或 postgresql:// 开头，现为“%(value)s”。",
            value=address.partition("://")[0],
        )


def _refuse_unknown(given: Mapping[str, str]) -> None:
    if not given.get("standby_url", "postgresql:").startswith("postgresql"):
        raise Invalid("GOVGRID_STANDBY_URL 应以 postgresql:// 开头。")
    if (log := given.get("log", "text")) not in {"text", "json"}:
        raise Invalid("GOVGRID_LOG 应为 text 或 json，现为“%(value)s”。", value=log)
    if 0 < len(given.get("metrics_token", "")) < 20:
        raise Invalid("GOVGRID_METRICS_TOKEN 应不少于 20 个字符。")


def _months(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) < 6:
        raise Invalid("%(name)s 应为不小于 6 的月数，现为“%(value)s”。", name=name, value=text)
    return int(text)


def _choice(given: Mapping[str, str]) -> str:
    word = given.get("without_quorum", MARK)
    if word not in {MARK, BLOCK}:
        raise Invalid(
            "GOVGRID_WITHOUT_QUORUM 应为 mark（标注）或 block（不允许），现为“%(value)s”。",
            value=word,
        )
    return word


def _who(given: Mapping[str, str]) -> str:
    word = given.get("second_factor", ADMINISTRATORS)
    if word not in {ADMINISTRATORS, EVERYONE}:
        raise Invalid(
            "GOVGRID_SECOND_FACTOR 应为 administrators（仅管理员）或 everyone（所有账号），"
            "现为“%(value)s”。",
            value=word,
        )
    return word


def _counts(given: Mapping[str, str]) -> dict[str, int]:
    names = {"mail_rate", "one_click_hourly", "api_minutely", "drain_seconds"} & given.keys()
    return {name: _count(f"GOVGRID_{name.upper()}", given[name]) for name in names}


def _count(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise Invalid("%(name)s 应为 0 到 999999 的整数，现为“%(value)s”。", name=name, value=text)
    return int(text)


def _minutes(name: str, text: str, least: int) -> timedelta:
    if not text.isdecimal() or int(text) < least:
        raise Invalid("%(name)s 应为分钟数，现为“%(value)s”。", name=name, value=text)
    return timedelta(minutes=int(text))


def _data_keys(text: str) -> tuple[str, ...]:
    keys = tuple(filter(None, re.split(r"[,\s]+", text)))
    if any(len(key) < 32 for key in keys):
        raise Invalid("GOVGRID_DATA_KEY 中的每个密钥都应不少于 32 个字符。")
    return keys

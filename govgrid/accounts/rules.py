"""What a password must be, and when an account is barred."""

from datetime import timedelta
from typing import NamedTuple

from govgrid.errors import Invalid
from govgrid.words import N_, Word

SHORTEST = 10
LONGEST = 128
FREE_FAILURES = 5
FIRST_BAR = timedelta(minutes=15)
LONGEST_BAR = timedelta(hours=12)
LEAST_SCORE = 3  # of zxcvbn: a hundred million guesses and more
CONTEXT = (
    "govgrid", "chengdu", "wangge", "weiwangge", "shequ", "jiedao", "xiaoqu", "yuanluo", "wuye",
    "shuji", "minjing", "zhujian", "lianxihui", "huiyi", "admin", "welcome", "woaini",
)  # fmt: skip
"""Words of this trade and place, which make a password no harder to guess."""
# The first sign that a browser's own name for itself contains; later ones pretend to be earlier.
BROWSERS = {
    "wxwork": "WeCom", "MicroMessenger": "WeChat", "DingTalk": "DingTalk", "Edg": "Edge",
    "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
INVITED_FOR = timedelta(hours=72)
CODE_WAITS = timedelta(minutes=10)
RECENT = timedelta(minutes=10)
"""So long after a sign-in, one's factors and sessions may be changed without another."""


class Scope(Word):
    """What a token of the interface opens."""

    CASES_WRITE = "cases:write", N_("写入诉求工单")
    MEETINGS_READ = "meetings:read", N_("读取会议")
    MINUTES_READ = "minutes:read", N_("读取已签发纪要")
    COVERAGE_READ = "coverage:read", N_("读取物业覆盖")
    RATES_READ = "rates:read", N_("读取四率")


class DemoSignIn(NamedTuple):
    """One way into the demo, as its sign-in page shows it."""

    login: str
    name: str
    role: str
    area: str


def check_password(login: str, password: str, name: str = "") -> None:
    """Raise `Invalid` where the password is too short, easy to guess, or holds login or name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("密码应为 %(least)s 到 %(most)s 个字符。", least=SHORTEST, most=LONGEST)
    plain = password.lower()
    own = login.lower() in plain or (len(name) > 1 and name.lower() in plain)
    if own or _score(password, login, name) < LEAST_SCORE:
        raise Invalid("密码过于简单或包含登录名、姓名，请换一个不易猜到的密码。")


def _score(password: str, *known: str) -> int:
    """Return how hard it is to guess, 0 to 4, for who has lists of passwords that leaked."""
    from zxcvbn import zxcvbn  # noqa: PLC0415  # its lists take a tenth of a second to load

    score: int = zxcvbn(password[:72], user_inputs=[*known, *CONTEXT])["score"]
    return score


def bar(failures: int) -> timedelta | None:
    """Return how long an account is barred after so many failures in a row."""
    if failures < FREE_FAILURES:
        return None
    doublings: int = min(failures - FREE_FAILURES, 6)
    return min(FIRST_BAR * (1 << doublings), LONGEST_BAR)


def device(browser: str) -> str:
    """Return `Chrome · Windows` of a User-Agent, as far as it is known."""
    name = next((word for sign, word in BROWSERS.items() if sign in browser), "")
    system = next((word for word in SYSTEMS if word in browser), "")
    return " · ".join(filter(None, (name, system))) or browser[:40] or "—"

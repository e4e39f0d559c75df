"""The language of this request: translation, and dates and numbers as people here write them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.support import NullTranslations, Translations
from starlette.requests import Request

from govgrid.clock import HERE
from govgrid.errors import Refusal
from govgrid.words import Term, Word

DEFAULT = "zh_Hans"
LANGUAGES = {"zh_Hans": "中文", "en": "English"}
_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


@cache
def _catalogue(language: str) -> NullTranslations:
    catalogue: NullTranslations = Translations.load(Path(__file__).parent / "locale", [language])
    return catalogue


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into that language inside the block."""
    token = _current.set(language if language in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def of_request(request: Request) -> Iterator[None]:
    """Speak the language that this browser chose, else the installation's."""
    with speaking(request.cookies.get("language", request.app.state.house.settings.locale)):
        yield


def current() -> str:
    """Return the language spoken now."""
    return _current.get()


def gettext(message: str, /, **params: object) -> str:
    """Return the message in this request's language, its `%(name)s` filled in."""
    text = _catalogue(current()).gettext(message)
    return text % {name: _said(value) for name, value in params.items()} if params else text


def _said(value: object) -> object:
    """Return a parameter as this language says it: our own words are translated, data is not."""
    if isinstance(value, Refusal):
        return refusal_text(value)
    if isinstance(value, Word):
        return gettext(value.word)
    if isinstance(value, Term):
        return gettext(value)
    if isinstance(value, (list, tuple)):
        return gettext("、").join(str(_said(one)) for one in value)
    return value


def refusal_text(refusal: Refusal) -> str:
    """Return a refusal as a sentence in this request's language."""
    return gettext(refusal.message, **refusal.params)


def local(moment: datetime) -> datetime:
    """Return the moment as a clock on the wall in China shows it."""
    return moment.astimezone(HERE)


def day_text(day: date) -> str:
    """Return `2026年12月8日` or `8 Dec 2026`."""
    if _chinese():  # lists are full of days, and a pattern read by Babel costs ten times as much
        return f"{day.year}年{day.month}月{day.day}日"
    return format_date(day, "d MMM y", locale=_locale())


def weekday_text(day: date) -> str:
    """Return `周二` or `Tue`."""
    if _chinese():
        return "周" + "一二三四五六日"[day.weekday()]
    return format_date(day, "EEE", locale=_locale())


def moment_text(moment: datetime) -> str:
    """Return `2026年12月8日 09:30` or `8 Dec 2026, 09:30`."""
    here = local(moment)
    if _chinese():
        return f"{day_text(here)} {here:%H:%M}"
    return format_datetime(here, "d MMM y, HH:mm", locale=_locale())


def clock_text(moment: datetime) -> str:
    """Return `09:30`."""
    return f"{local(moment):%H:%M}"


def month_text(day: date) -> str:
    """Return `2026年12月` or `December 2026`."""
    if _chinese():
        return f"{day.year}年{day.month}月"
    return format_date(day, "MMMM y", locale=_locale())


def figure_text(figure: float | None) -> str:
    """Write a whole figure in groups of three, such as 1,282; nothing is “—”."""
    return "—" if figure is None else f"{figure:,.0f}"


def rate_text(rate: float | None) -> str:
    """Return `93.5%`, or a dash where there is nothing to divide by."""
    return "—" if rate is None else f"{rate * 100:.1f}%"


def _chinese() -> bool:
    return current() == DEFAULT


def _locale() -> Locale:
    return Locale.parse(current())

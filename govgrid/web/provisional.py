"""暂定: a planned day of a year without a notice bears a mark, and the page that shows it a note."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from govgrid import workdays
from govgrid.web.language import day_text, gettext, local, moment_text

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?=[年-]\d)")
Shown = TypeVar("Shown", bound=date | str)


@dataclass(slots=True)
class _Almanac:
    """The calendar that a session sees, and the years of which something was shown."""

    db: Session
    years: set[int] = field(default_factory=set)


_open: ContextVar[_Almanac | None] = ContextVar("almanac", default=None)


@contextmanager
def consulting(db: Session) -> Iterator[None]:
    """Tell by this session's calendar, inside the block, which days are provisional."""
    token = _open.set(_Almanac(db))
    try:
        yield
    finally:
        _open.reset(token)


def noted(value: Shown) -> Shown:
    """Return the value as it is, and note the years that whoever reads it sees."""
    almanac = _open.get()
    if almanac is not None:
        if isinstance(value, str):
            almanac.years.update(int(year) for year in _YEAR.findall(value))
        else:
            almanac.years.add(_day(value).year)
    return value


def mark(value: date) -> str:
    """Return `（暂定）` for a day or moment that no notice settles, else nothing."""
    almanac, day = _open.get(), _day(value)
    if almanac is None:
        unsettled = not workdays.built_in().announced(day)
    else:
        unsettled = workdays.provisional(almanac.db, day)
    return gettext("（暂定）") if unsettled else ""


def planned_text(value: date) -> str:
    """Return a planned day, or moment, or a due one, with its mark."""
    text = moment_text(value) if isinstance(value, datetime) else day_text(value)
    return text + mark(value)


def shown_years() -> list[int]:
    """Return the years without a notice of which something was shown, for the note."""
    almanac = _open.get()
    if almanac is None:
        return []
    days = (date(year, 12, 31) for year in sorted(almanac.years))
    return [day.year for day in days if workdays.provisional(almanac.db, day)]


def _day(value: date) -> date:
    return local(value).date() if isinstance(value, datetime) else value

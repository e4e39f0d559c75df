"""The calendar value: is a day worked, what kind of day is it, is it announced."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from chinese_calendar import Holiday, holidays, workdays
from sqlalchemy import Integer, Label, String, cast, extract, literal_column, select
from sqlalchemy.orm import Session

from govgrid.clock import HERE
from govgrid.db import joined
from govgrid.words import N_, Word
from govgrid.workdays.models import WorkdayNotice, WorkdayRow
from govgrid.workdays.statutory import statutory

_DECEMBER = 12
_SATURDAY = 5
_KEPT = "workdays"


class DayKind(Word):
    """Kind of a day."""

    WORKDAY = "workday", N_("工作日")
    WEEKEND = "weekend", N_("周末")
    HOLIDAY = "holiday", N_("节假日")
    MAKEUP = "makeup", N_("调休上班")

    @property
    def works(self) -> bool:
        """Tell whether people work on such a day."""
        return self in {DayKind.WORKDAY, DayKind.MAKEUP}


@dataclass(frozen=True, slots=True)
class Decreed:
    """What a notice says of a day: which festival it belongs to, off or worked."""

    name: str
    off: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Announced years with the days their notices decree; other years are provisional."""

    years: frozenset[int]
    decreed: Mapping[date, Decreed]

    def kind(self, day: date) -> DayKind:
        """Return the kind of a local day."""
        weekend = day.weekday() >= _SATURDAY
        said = self.decreed.get(day)
        if said is not None and said.off:
            return DayKind.HOLIDAY
        if said is not None:
            return DayKind.MAKEUP if weekend else DayKind.WORKDAY
        if day.year not in self.years and day in statutory(day.year):
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if weekend else DayKind.WORKDAY

    def is_workday(self, day: date) -> bool:
        """Tell whether people work on a local day, make-up working days included."""
        return self.kind(day).works

    def announced(self, day: date) -> bool:
        """Tell whether a notice settles the day; where none does, the day is provisional 暂定."""
        return day.year in self.years or day in self.decreed

    def name(self, day: date) -> str:
        """Return the festival the day belongs to, or nothing."""
        said = self.decreed.get(day)
        if said is not None:
            return said.name
        return "" if day.year in self.years else statutory(day.year).get(day, "")

    def next_workday(self, day: date) -> date:
        """Return the first working day after the day."""
        day += timedelta(days=1)
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day


Notices = Mapping[int, Mapping[date, Decreed]]


def calendar_of(notices: Notices) -> Calendar:
    """Return the calendar of notices by year; in December the later year's notice wins."""
    decreed = {day: said for year in sorted(notices) for day, said in notices[year].items()}
    return Calendar(frozenset(notices), decreed)


def notices(db: Session) -> dict[int, Mapping[date, Decreed]]:
    """Return the days of the built-in and the imported notices; the imported one wins."""
    imported: dict[int, dict[date, Decreed]] = {
        year: {} for year in db.scalars(select(WorkdayNotice.year))
    }
    rows = select(WorkdayRow.year, WorkdayRow.day, WorkdayRow.name, WorkdayRow.off)
    for year, day, name, off in db.execute(rows) if imported else ():
        imported[year][day] = Decreed(name, off)
    return {**_built_in_notices(), **imported}


def calendar(db: Session) -> Calendar:
    """Return the calendar as this session sees it; `forget` has it read anew."""
    if _KEPT not in db.info:
        db.info[_KEPT] = calendar_of(notices(db))
    kept: Calendar = db.info[_KEPT]
    return kept


def forget(db: Session) -> None:
    """Have the calendar read anew: a notice was stored or taken back in this session."""
    db.info.pop(_KEPT, None)


def provisional(db: Session, day: date) -> bool:
    """Tell whether no notice settles the day 暂定; a built-in year costs no query."""
    return day.year not in _built_in_notices() and not calendar(db).announced(day)


class Imported(NamedTuple):
    """The imported notices as one statement reads them: their years, their days in other years."""

    years: str | None
    days: str | None


@cache
def imported_columns() -> tuple[Label[str | None], Label[str | None]]:
    """Return the columns `years` and `days` of `Imported`, to be read beside something else."""
    year, month, day = (extract(part, WorkdayRow.day) for part in ("year", "month", "day"))
    number = cast(year * literal_column("10000") + month * literal_column("100") + day, Integer)
    years = select(joined(cast(WorkdayNotice.year, String), " "))
    days = select(joined(cast(number, String), " "))
    return (
        years.scalar_subquery().label("years"),
        days.where(year != WorkdayRow.year).scalar_subquery().label("days"),
    )


@lru_cache(16)
def announced_by(imported: Imported) -> Calendar:
    """Return a calendar that knows which days are announced, and nothing else of imported ones."""
    years = {int(year): dict[date, Decreed]() for year in (imported.years or "").split()}
    known = calendar_of({**_built_in_notices(), **years})
    days = {date.fromisoformat(day): Decreed("", off=True) for day in (imported.days or "").split()}
    return replace(known, decreed={**known.decreed, **days})


@cache
def built_in() -> Calendar:
    """Return the calendar of the notices that chinesecalendar carries."""
    return calendar_of(_built_in_notices())


def local_day(moment: datetime) -> date:
    """Return the day that a clock on the wall in China shows at the moment."""
    return moment.astimezone(HERE).date()


@cache
def _built_in_notices() -> dict[int, dict[date, Decreed]]:
    # Every decreed December day so far belonged to the New Year of the next year's notice.
    words = {festival.value: festival.chinese for festival in Holiday}
    years = range(min(holidays).year, max(holidays).year + 1)
    notices: dict[int, dict[date, Decreed]] = {year: {} for year in years}
    for table, off in ((workdays, False), (holidays, True)):
        for day, name in table.items():
            year = day.year + (day.month == _DECEMBER)
            notices[year][day] = Decreed(words[name], off)
    return notices

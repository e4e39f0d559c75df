"""The calendar value: is a day worked, what kind of day is it, is it announced."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from chinese_calendar import Holiday, holidays, workdays
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.clock import HERE
from govgrid.words import N_, Word
from govgrid.workdays.models import WorkdayNotice, WorkdayRow
from govgrid.workdays.statutory import statutory

_DECEMBER = 12
_SATURDAY = 5


class DayKind(Word):
    """Kind of a day."""

    WORKDAY = "workday", N_("工作日")
    WEEKEND = "weekend", N_("周末")
    HOLIDAY = "holiday", N_("节假日")
    MAKEUP = "makeup", N_("调休上班")


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
        return self.kind(day) in {DayKind.WORKDAY, DayKind.MAKEUP}

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


def calendar(db: Session) -> Calendar:
    """Return the calendar of the built-in and the imported notices; the imported one wins."""
    imported = set(db.scalars(select(WorkdayNotice.year)))
    decreed: dict[date, Decreed] = {}
    for year, days in _built_in_notices().items():
        if year not in imported:
            decreed |= days
    rows = select(WorkdayRow.day, WorkdayRow.name, WorkdayRow.off).order_by(WorkdayRow.year)
    decreed |= {day: Decreed(name, off) for day, name, off in db.execute(rows)}
    return Calendar(frozenset(imported | _built_in_notices().keys()), decreed)


@cache
def built_in() -> Calendar:
    """Return the calendar of the notices that chinesecalendar carries."""
    notices = _built_in_notices()
    decreed = {day: said for days in notices.values() for day, said in days.items()}
    return Calendar(frozenset(notices), decreed)


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

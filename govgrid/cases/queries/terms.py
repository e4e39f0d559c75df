"""Which hours and promises hold for a compound on a day: due times follow from them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.cases.models import Promise, ServiceHours
from govgrid.cases.rules import CLOCK, NO_PLEDGE, Pledge, ServiceClock, strictest
from govgrid.grid.models import Area, Compound
from govgrid.workdays import Calendar, local_day


@dataclass(frozen=True, slots=True)
class Site:
    """Where a case is about: a compound, who serves it, and the path of its community."""

    compound_id: int
    company_id: int | None
    path: str

    @classmethod
    def of(cls, compound: Compound) -> "Site":
        """Return that of a compound whose community is loaded."""
        return cls(compound.id, compound.company_id, compound.community.path)


@dataclass(frozen=True, slots=True)
class _Held:
    path: str
    compound_id: int | None
    since: date
    until: date
    pledge: Pledge


class Terms:
    """All hours, and the promises of some companies, read once: a sheet has thousands of cases."""

    def __init__(
        self,
        hours: dict[str, list[tuple[date, ServiceClock]]],
        promises: dict[int, list[_Held]],
        calendar: Calendar,
    ) -> None:
        self._hours, self._promises, self._calendar = hours, promises, calendar

    def clock(self, path: str, day: date) -> ServiceClock:
        """Return the hours of the nearest area at or above the path that has set some by the day."""
        if not self._hours:
            return CLOCK
        end = len(path)
        while end > 0:
            for since, clock in self._hours.get(path[:end], ()):
                if since <= day:
                    return clock
            end = path.rfind("/", 0, end - 1) + 1
        return CLOCK

    def pledge(self, site: Site, day: date) -> Pledge:
        """Return what is promised there on that day."""
        held = self._promises.get(site.company_id or 0)
        if not held:
            return NO_PLEDGE
        return strictest(
            one.pledge
            for one in held
            if one.since <= day <= one.until
            and site.path.startswith(one.path)
            and one.compound_id in {None, site.compound_id}
        )

    def dues(self, received: datetime, site: Site) -> dict[str, object]:
        """Return the due times and the promise of a case by the names of their columns."""
        day = local_day(received)
        pledge = self.pledge(site, day)
        return self.clock(site.path, day).dues(received, self._calendar, pledge)

    def reply_due(self, received: datetime, path: str, promised: int | None) -> datetime:
        """Return when a reply is due to a case whose promise is known."""
        clock = self.clock(path, local_day(received))
        return clock.reply_due(received, self._calendar, promised)


def terms(db: Session, calendar: Calendar, companies: Iterable[int] | None = None) -> Terms:
    """Return what holds; of the promises only those of the companies, where some are named."""
    hours: dict[str, list[tuple[date, ServiceClock]]] = defaultdict(list)
    found = select(Area.path, ServiceHours).join(Area, Area.id == ServiceHours.area_id)
    for path, row in db.execute(found.order_by(ServiceHours.since.desc())):
        hours[path].append((row.since, clock_of(row.reply_workday, row.reply_other)))
    wanted = select(Area.path, Promise).join(Area, Area.id == Promise.area_id)
    if companies is not None:
        wanted = wanted.where(Promise.company_id.in_(list(companies)))
    promises: dict[int, list[_Held]] = defaultdict(list)
    for path, one in db.execute(wanted):
        pledge = Pledge(one.reply, one.on_site, one.owners_meetings)
        held = _Held(path, one.compound_id, one.since, one.until or date.max, pledge)
        promises[one.company_id].append(held)
    return Terms(dict(hours), dict(promises), calendar)


def clock_of(workday: int, other: int) -> ServiceClock:
    """Return the service clock with these minutes for a reply."""
    minutes = timedelta(minutes=workday), timedelta(minutes=other)
    return replace(CLOCK, reply_workday=minutes[0], reply_other=minutes[1])

"""The list of an area's old compounds: the uncovered first, then those whose term ends soon."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import Session

from govgrid.grid.models import OLD_KINDS, Area, Compound, CompoundKind, Organization
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries.scope import (
    ending,
    first_recorded_day,
    holds,
    last_managed_day,
    unmanaged,
    within,
)
from govgrid.oldcompounds.rules import DAY, SOON, ends_soon
from govgrid.words import N_, Word


class Show(Word):
    """Which compounds a list shows."""

    ALL = "all", N_("全部")
    ENDING = "ending", N_("90 天内到期")
    NONE = Mode.NONE.value, Mode.NONE.word
    SELF_MANAGED = Mode.SELF_MANAGED.value, Mode.SELF_MANAGED.word
    DELEGATED = Mode.DELEGATED.value, Mode.DELEGATED.word
    CUSTODIAL = Mode.CUSTODIAL.value, Mode.CUSTODIAL.word
    PROFESSIONAL = Mode.PROFESSIONAL.value, Mode.PROFESSIONAL.word


@dataclass(frozen=True, slots=True)
class Line:
    """A compound with who manages it on a day.

    `since` is the first day of the period, or of the uncovered time; `expired` tells that the
    last agreement ended and nothing was recorded after it.
    """

    code: str
    name: str
    kind: CompoundKind
    households: int | None
    floor_area: float | None
    community_code: str
    community_name: str
    path: str
    mode: Mode
    operator: str | None
    agreement: str | None
    since: date | None
    until: date | None
    expired: bool
    ends_soon: bool


def ledger(
    db: Session,
    area: Area,
    as_of: date,
    *,
    kinds: Iterable[CompoundKind] = OLD_KINDS,
    show: Show = Show.ALL,
    offset: int = 0,
    limit: int = 50,
) -> list[Line]:
    """Return one stretch of the area's compounds on that day."""
    rows = db.execute(
        select(
            Compound.code,
            Compound.name,
            Compound.kind,
            Compound.households,
            Compound.floor_area,
            Area.code.label("community_code"),
            Area.name.label("community_name"),
            Area.path,
            Coverage.mode,
            Coverage.gap,
            Organization.name.label("operator"),
            Coverage.agreement,
            Coverage.since,
            Coverage.until,
            last_managed_day(as_of).label("last_managed"),
            first_recorded_day(as_of).label("first_recorded"),
        )
        .select_from(Compound)
        .join(Area, Area.id == Compound.community_id)
        .outerjoin(Coverage, holds(as_of))
        .outerjoin(Organization, Organization.id == Coverage.operator_id)
        .where(within(area, kinds), _shown(show, as_of))
        .order_by(*_pressing_first(as_of), Area.path, Compound.code)
        .offset(offset)
        .limit(limit)
    )
    return [_line(as_of, row) for row in rows]


def _shown(show: Show, as_of: date) -> ColumnElement[bool]:
    if show is Show.ALL:
        return true()
    if show is Show.ENDING:
        return ending(as_of)
    if show is Show.NONE:
        return unmanaged()
    return Coverage.mode.in_([mode for mode in Mode if mode.value == show.value])


def _pressing_first(as_of: date) -> tuple[ColumnElement[int | date | None], ...]:
    soon = Coverage.until <= as_of + SOON
    return (
        case((unmanaged(), 0), (soon, 1), else_=2),
        case((unmanaged(), -func.coalesce(Compound.households, 0)), else_=0),
        case((soon, Coverage.until)),
    )


def _line(as_of: date, row: Any) -> Line:
    mode = row.mode or Mode.NONE
    managed = mode is not Mode.NONE
    uncovered_since = row.last_managed + DAY if row.last_managed else row.first_recorded
    return Line(
        code=row.code,
        name=row.name,
        kind=row.kind,
        households=row.households,
        floor_area=row.floor_area,
        community_code=row.community_code,
        community_name=row.community_name,
        path=row.path,
        mode=mode,
        operator=row.operator,
        agreement=row.agreement,
        since=row.since if managed else uncovered_since,
        until=row.until if managed else None,
        expired=(row.mode is None or row.gap) and row.last_managed is not None,
        ends_soon=managed and ends_soon(row.until, as_of),
    )

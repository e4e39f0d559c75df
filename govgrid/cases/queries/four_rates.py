"""The four rates of a month, counted by the database over one pass of its cases."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from govgrid.cases.models import Case
from govgrid.cases.queries.standing import COUNTED
from govgrid.cases.rules import FIXED, Counts
from govgrid.clock import HERE
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Area, Compound, CompoundMicroGrid, Level, Organization
from govgrid.grid.queries.realm import communities_of, managed_by, row_by_manager, row_of
from govgrid.words import N_

NO_GRID = N_("（未划入网格）")
NO_COMPANY = N_("（无物业企业）")
_BELOW_COMMUNITY = {Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID}


class By(StrEnum):
    """What the rows of a report stand for."""

    AREA = "area"
    COMPANY = "company"
    COMPOUND = "compound"
    CATEGORY = "category"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class RateRow:
    """The counts of one area (key: its code), company, compound (its code) or category."""

    key: str
    name: str
    counts: Counts

    def json(self) -> dict[str, Any]:
        """Return the row in the fixed form of `govgrid rates --json`."""
        counts = self.counts
        return {
            "key": self.key,
            "name": self.name,
            **{name: getattr(counts, name) for name in FIXED},
            "response_rate": counts.response_rate,
            "completion_rate": counts.completion_rate,
            "closed_48h_rate": counts.closed_48h_rate,
            "satisfaction_rate": counts.satisfaction_rate,
            "report_rate": counts.report_rate,
        }


@dataclass(frozen=True, slots=True)
class RatesReport:
    """The rates of a month (its first day) as they stood at a moment; the total counts once."""

    month: date
    as_of: datetime
    rows: tuple[RateRow, ...]
    total: RateRow

    def json(self) -> dict[str, Any]:
        """Return the report in the fixed form of `govgrid rates --json`."""
        return {
            "month": f"{self.month:%Y-%m}",
            "as_of": self.as_of.astimezone(HERE).isoformat(timespec="seconds"),
            "rows": [row.json() for row in self.rows],
            "total": self.total.json(),
        }


def rates(
    db: Session, month: date, area_path: str, by: str = By.AREA, *, as_of: datetime
) -> RatesReport:
    """Return the rates of the cases received in the month, in the subtree at that path.

    By area: every area one level below, cases or none; else whatever had a case, ordered by key.
    Raise `NotFound` for no such area, `Invalid` for a `by` that cannot be counted there.
    """
    area = db.scalar(select(Area).where(Area.path == area_path))
    if area is None:
        raise NotFound("没有这个区域，请核对区域代码。")
    where = and_(received_in(month), Case.received_at <= as_of, in_area(area))
    rows = _READERS[_by(by)](db, area, where, as_of)
    total = Counts.total(row.counts for row in rows)
    return RatesReport(month, as_of, tuple(rows), RateRow(area.code, area.name, total))


def month_span(month: date) -> tuple[datetime, datetime]:
    """Return the moments at which a month begins and the next one does, in China."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (
        datetime(month.year, month.month, 1, tzinfo=HERE),
        datetime(after.year, after.month, 1, tzinfo=HERE),
    )


def received_in(month: date) -> ColumnElement[bool]:
    """Return the condition that a case was received in the month."""
    start, end = month_span(month)
    return and_(Case.received_at >= start, Case.received_at < end)


def in_area(area: Area) -> ColumnElement[bool]:
    """Return the condition (over compounds) that a compound lies in, or is served by, the area."""
    if area.level is Level.MICRO_GRID:
        served = select(CompoundMicroGrid.compound_id)
        return Compound.id.in_(served.where(CompoundMicroGrid.micro_grid_id == area.id))
    if area.level in _BELOW_COMMUNITY:
        return Compound.grid_id == area.id
    if area.level is Level.COMMUNITY:
        return Compound.community_id == area.id
    return Compound.community_id.in_(communities_of(area))


def _by(text: str) -> By:
    try:
        return By(text)
    except ValueError:
        raise Invalid(
            "“%(value)s”不是统计口径，可用：%(all)s。", value=text, all="、".join(By)
        ) from None


Where = ColumnElement[bool]
Reader = Callable[[Session, Area, Where, datetime], list[RateRow]]


def counted(
    db: Session, where: Where, at: datetime, *keys: InstrumentedAttribute[Any]
) -> Iterator[tuple[Any, ...]]:
    """Yield keys and counts by columns of cases, their compounds and communities."""
    grouped = select(*keys, *numbers(at)).select_from(Case).join(Case.compound)
    if Area.path in keys:
        grouped = grouped.join(Compound.community)
    for row in db.execute(grouped.where(where).group_by(*keys)):
        yield (*row[: len(keys)], Counts(*row[len(keys) :]))


def numbers(at: datetime) -> tuple[ColumnElement[int], ...]:
    """Return the columns of a query that fill `Counts`."""
    return (func.count(), *(func.count().filter(counts(at)) for counts in COUNTED.values()))


def _by_area(db: Session, area: Area, where: Where, at: datetime) -> list[RateRow]:
    if area.level in _BELOW_COMMUNITY:
        raise Invalid("网格以下不再按区域统计，请改为按小区、物业企业或类别统计。")
    below = db.scalars(
        select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None)).order_by(Area.code)
    ).all()
    if area.level is Level.COMMUNITY:
        by_grid: dict[int | None, Counts] = dict(counted(db, where, at, Compound.grid_id))
        rows = [RateRow(one.code, one.name, by_grid.pop(one.id, Counts())) for one in below]
        rest = Counts.total(by_grid.values())
        return [*rows, RateRow("", NO_GRID, rest)] if rest.received else rows
    return _folded(db, [*below, *managed_by(db, area)], where, at, row_of(db, area))


def _by_manager(db: Session, area: Area, where: Where, at: datetime) -> list[RateRow]:
    """Count by who manages, wherever the codes lie; what others manage is left out."""
    if area.level in {*_BELOW_COMMUNITY, Level.COMMUNITY}:
        raise Invalid("按管理单位统计只用于市、区县和街道，请改为按区域统计。")
    below = select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None))
    rows = [*db.scalars(below.order_by(Area.code)), *managed_by(db, area)]
    return _folded(db, rows, where, at, row_by_manager(db, area))


def _folded(
    db: Session, shown: Sequence[Area], where: Where, at: datetime, row: Callable[[str], str]
) -> list[RateRow]:
    """Sum the counts of communities by the path of the area that each counts to."""
    found: dict[str, list[Counts]] = defaultdict(list)
    for path, counts in counted(db, where, at, Area.path):
        found[row(path)].append(counts)
    return [RateRow(one.code, one.name, Counts.total(found[one.path])) for one in shown]


def _by_company(db: Session, _area: Area, where: Where, at: datetime) -> list[RateRow]:
    found: dict[int | None, Counts] = dict(counted(db, where, at, Compound.company_id))
    none = found.pop(None, None)
    names = db.execute(select(Organization.id, Organization.name).where(Organization.id.in_(found)))
    rows = sorted((RateRow(name, name, found[id_]) for id_, name in names), key=_key)
    return [*rows, RateRow("", NO_COMPANY, none)] if none else rows


def _by_compound(db: Session, _area: Area, where: Where, at: datetime) -> list[RateRow]:
    found = counted(db, where, at, Compound.id, Compound.code, Compound.name)
    return sorted((RateRow(code, name, counts) for _, code, name, counts in found), key=_key)


def _by_category(db: Session, _area: Area, where: Where, at: datetime) -> list[RateRow]:
    found = counted(db, where, at, Case.category)
    return sorted((RateRow(word, word, counts) for word, counts in found), key=_key)


def _key(row: RateRow) -> str:
    return row.key


_READERS: dict[By, Reader] = {
    By.AREA: _by_area,
    By.MANAGER: _by_manager,
    By.COMPANY: _by_company,
    By.COMPOUND: _by_compound,
    By.CATEGORY: _by_category,
}

"""The four rates of a month, counted by the database over one pass of its cases."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from govgrid.cases.models import Case
from govgrid.cases.queries import standing
from govgrid.cases.rules import Counts
from govgrid.clock import HERE
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Area, Compound, CompoundMicroGrid, Level, Organization
from govgrid.grid.queries.realm import held_by, managed_by, row_by_manager, row_of
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
            **asdict(counts),
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
    where = and_(
        received_in(month),
        Case.received_at <= as_of,
        in_area(area),
    )
    rows = _READERS[_by(by)](db, area, where, as_of)
    total = sum((row.counts for row in rows), Counts())
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
    communities = select(Area.id).where(held_by(area))
    return Compound.community_id.in_(communities.where(Area.level == Level.COMMUNITY))


def _by(text: str) -> By:
    try:
        return By(text)
    except ValueError:
        raise Invalid(
            "“%(value)s”不是统计口径，可用：%(all)s。", value=text, all="、".join(By)
        ) from None


Where = ColumnElement[bool]
Reader = Callable[[Session, Area, Where, datetime], list[RateRow]]


def _counted(
    db: Session, key: InstrumentedAttribute[Any], where: Where, at: datetime
) -> dict[Any, Counts]:
    """Return the counts by one column of cases joined with their compounds."""
    outside = standing.outside(at)
    conditions = (
        standing.replied_in_time(at),
        standing.closed(at),
        and_(standing.closed(at), Case.closed_at <= Case.close_due),
        standing.rated(at),
        and_(standing.rated(at), Case.satisfied.is_(True)),
        outside,
        and_(outside, Case.reported_at <= at),
    )
    numbers = (func.count(), *(func.count().filter(condition) for condition in conditions))
    grouped = select(key, *numbers).select_from(Case).join(Case.compound)
    rows = db.execute(grouped.where(where).group_by(key))
    return {value: Counts(*counts) for value, *counts in rows}


def _by_area(db: Session, area: Area, where: Where, at: datetime) -> list[RateRow]:
    if area.level in _BELOW_COMMUNITY:
        raise Invalid("网格以下不再按区域统计，请改为按小区、物业企业或类别统计。")
    below = db.scalars(
        select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None)).order_by(Area.code)
    ).all()
    if area.level is Level.COMMUNITY:
        found = _counted(db, Compound.grid_id, where, at)
        rows = [RateRow(one.code, one.name, found.pop(one.id, Counts())) for one in below]
        rest = sum(found.values(), Counts())
        return [*rows, RateRow("", NO_GRID, rest)] if rest.received else rows
    found = _folded(db, _counted(db, Compound.community_id, where, at), row_of(db, area))
    shown = [*below, *managed_by(db, area)]
    return [RateRow(one.code, one.name, found.get(one.path, Counts())) for one in shown]


def _by_manager(db: Session, area: Area, where: Where, at: datetime) -> list[RateRow]:
    """Count by who manages, wherever the codes lie; what others manage is left out."""
    if area.level in {*_BELOW_COMMUNITY, Level.COMMUNITY}:
        raise Invalid("按管理单位统计只用于市、区县和街道，请改为按区域统计。")
    below = select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None))
    rows = [*db.scalars(below.order_by(Area.code)), *managed_by(db, area)]
    counted = _counted(db, Compound.community_id, where, at)
    found = _folded(db, counted, row_by_manager(db, area))
    return [RateRow(one.code, one.name, found.get(one.path, Counts())) for one in rows]


def _folded(db: Session, found: dict[int, Counts], row: Callable[[str], str]) -> dict[str, Counts]:
    """Sum the counts of communities by the path of the row that each counts to."""
    sums: dict[str, Counts] = defaultdict(Counts)
    for id_, path in _looked_up(db, Area.id, Area.path, found):
        sums[row(path)] += found[id_]
    return sums


def _by_company(db: Session, _area: Area, where: Where, at: datetime) -> list[RateRow]:
    found = _counted(db, Compound.company_id, where, at)
    none = found.pop(None, None)
    names = _looked_up(db, Organization.id, Organization.name, found)
    rows = sorted((RateRow(name, name, found[id_]) for id_, name in names), key=_key)
    return [*rows, RateRow("", NO_COMPANY, none)] if none else rows


def _by_compound(db: Session, _area: Area, where: Where, at: datetime) -> list[RateRow]:
    found = _counted(db, Compound.id, where, at)
    codes = dict(_looked_up(db, Compound.id, Compound.code, found))
    names = _looked_up(db, Compound.id, Compound.name, found)
    return sorted((RateRow(codes[id_], name, found[id_]) for id_, name in names), key=_key)


def _by_category(db: Session, _area: Area, where: Where, at: datetime) -> list[RateRow]:
    found = _counted(db, Case.category, where, at)
    return sorted((RateRow(word, word, counts) for word, counts in found.items()), key=_key)


def _looked_up(
    db: Session,
    id_: InstrumentedAttribute[int],
    column: InstrumentedAttribute[str],
    ids: Iterable[int],
) -> list[tuple[int, str]]:
    wanted = sorted(ids)
    chunks = (wanted[n : n + 5000] for n in range(0, len(wanted), 5000))
    return [
        (row[0], row[1])
        for chunk in chunks
        for row in db.execute(select(id_, column).where(id_.in_(chunk)))
    ]


def _key(row: RateRow) -> str:
    return row.key


_READERS: dict[By, Reader] = {
    By.AREA: _by_area,
    By.MANAGER: _by_manager,
    By.COMPANY: _by_company,
    By.COMPOUND: _by_compound,
    By.CATEGORY: _by_category,
}

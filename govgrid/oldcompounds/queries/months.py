"""Coverage of an area month by month, in one pass over its periods."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from govgrid.grid.models import OLD_KINDS, Area, Compound, CompoundKind
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries.rates import SUMS
from govgrid.oldcompounds.queries.scope import within
from govgrid.oldcompounds.rules import MONTHS, Month, Share, Tally, sample_days

Part = tuple[float, float, float]  # compounds, households, square metres


def months(
    db: Session,
    area: Area,
    as_of: date,
    *,
    count: int = MONTHS,
    kinds: Iterable[CompoundKind] = OLD_KINDS,
    today: Tally | None = None,
) -> list[Month]:
    """Return the coverage on the last day of each month, of the last one on `as_of`.

    Of a month that is a day's difference between its periods' beginnings and ends: what begins in
    it counts in it, what ends before its last day does not. `today` is the tally of `as_of`,
    where it is known.
    """
    wanted, days = within(area, kinds), sample_days(as_of, count)
    total = _whole(today) if today else _part(db.execute(select(*SUMS).where(wanted)).one())
    changes: list[dict[Mode, list[float]]] = [defaultdict(lambda: [0, 0, 0.0]) for _ in days]
    places = {f"{first:%Y-%m}": place for place, (first, _last) in enumerate(days)}
    for mode, month, sign, number, homes, metres in _changes(db, wanted, days[0][1], as_of):
        _add(changes[places.get(month, 0)][mode], (number, homes, float(metres)), sign)
    return list(_counted(days, changes, total))


def _changes(db: Session, wanted: ColumnElement[bool], first: date, as_of: date) -> Iterable[Any]:
    """Return what begins, and with the sign -1 what ends, by mode and month.

    A period ends in the month after its last day, or not by `as_of`.
    """
    ends = case((Coverage.until < as_of, _month(db, Coverage.until, 1)), else_="")
    periods = (
        select(
            Coverage.mode, _month(db, Coverage.since, 0).label("begins"), ends.label("ends"),
            Compound.households, Compound.floor_area,
        )
        .select_from(Compound)
        .join(Coverage, Coverage.compound_id == Compound.id)
        .where(
            wanted,
            Coverage.mode != Mode.NONE,
            Coverage.since <= as_of,
            or_(Coverage.until.is_(None), Coverage.until >= first),
        )
        .cte("periods")
    )  # fmt: skip
    held = periods.c
    sums = (
        func.count(),
        func.coalesce(func.sum(held.households), 0),
        func.coalesce(func.sum(held.floor_area), 0.0),
    )
    begun = select(held.mode, held.begins, literal(1), *sums).group_by(held.mode, held.begins)
    ended = select(held.mode, held.ends, literal(-1), *sums).group_by(held.mode, held.ends)
    return db.execute(union_all(begun, ended.where(held.ends != "")))


def _month(db: Session, column: InstrumentedAttribute[Any], later: int) -> ColumnElement[str]:
    """Return the month `2026-11` of a day so many days later: as text, which costs least."""
    if db.get_bind().dialect.name == "sqlite":
        if not later:
            return func.substr(column, 1, 7, type_=String)
        return func.strftime("%Y-%m", column, f"+{later} day", type_=String)
    return func.to_char(column + later, "YYYY-MM")


def _part(sums: Any) -> Part:
    number, homes, metres = sums
    return int(number), int(homes), float(metres)


def _whole(tally: Tally) -> Part:
    return int(tally.compounds.total), int(tally.households.total), tally.floor_area.total


def _add(held: list[float], part: Part, sign: int) -> None:
    number, homes, metres = part
    held[0] += sign * number
    held[1] += sign * homes
    held[2] += sign * metres


def _counted(
    days: list[tuple[date, date]], changes: list[dict[Mode, list[float]]], total: Part
) -> Iterable[Month]:
    running: dict[Mode, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for (first, on), changed in zip(days, changes, strict=True):
        for mode, (number, homes, metres) in changed.items():
            _add(running[mode], (number, homes, metres), 1)
        shares = [_share(running, place, total[place]) for place in range(3)]
        yield Month(first, on, Tally(*shares))


def _share(running: dict[Mode, list[float]], place: int, total: float) -> Share:
    by_mode = {mode: held[place] for mode, held in running.items() if held[place]}
    return Share({**by_mode, Mode.NONE: total - sum(by_mode.values())})

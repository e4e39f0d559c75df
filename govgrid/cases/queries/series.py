"""Counts of an area month by month, and where its breaches lie."""

from collections import Counter, defaultdict
from datetime import date, datetime

from sqlalchemy import and_, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from govgrid.cases.models import Case
from govgrid.cases.queries.four_rates import in_area, month_span, numbers, received_in
from govgrid.cases.queries.standing import closed_late, overdue, replied_late
from govgrid.cases.rules import Counts
from govgrid.grid.models import Area, Compound


def month_counts(db: Session, month: date, area: Area, *, as_of: datetime) -> Counts:
    """Return the counts of the cases received in the month, in the whole area."""
    found = select(*numbers(as_of)).select_from(Case).join(Case.compound)
    where = and_(received_in(month), Case.received_at <= as_of, in_area(area))
    return Counts(*list(db.execute(found.where(where)).one()))


def series(
    db: Session, last: date, months: int, area: Area, *, as_of: datetime
) -> list[tuple[date, Counts]]:
    """Return so many months up to the last, each with its counts as they stood at the moment."""
    first = last.year * 12 + last.month - months
    firsts = [date(n // 12, n % 12 + 1, 1) for n in range(first, first + months)]
    spans = [month_span(month) for month in firsts]
    which = case(*((Case.received_at < end, n) for n, (_start, end) in enumerate(spans)))
    whole = and_(Case.received_at >= spans[0][0], Case.received_at < spans[-1][1])
    found = select(which, *numbers(as_of)).select_from(Case).join(Case.compound)
    where = and_(whole, Case.received_at <= as_of, in_area(area))
    # By its place: PostgreSQL takes the expression with other parameters for another one.
    rows = db.execute(found.where(where).group_by(literal_column("1")))
    counts = {row[0]: Counts(*row[1:]) for row in rows}
    return [(month, counts.get(n, Counts())) for n, month in enumerate(firsts)]


def heat(
    db: Session, month: date, area: Area, *, as_of: datetime, most: int = 20
) -> tuple[list[str], list[tuple[Compound, dict[str, int]]]]:
    """Return the categories, and the compounds with most breaches with their breaches by category.

    A breach is a reply or a closing after its due time, or none although that is past.
    """
    breached = or_(replied_late(as_of), closed_late(as_of), overdue(as_of))
    where = and_(received_in(month), Case.received_at <= as_of, in_area(area), breached)
    rows = db.execute(
        select(Compound.id, Case.category, func.count())
        .select_from(Case)
        .join(Case.compound)
        .where(where)
        .group_by(Compound.id, Case.category)
    ).all()
    by_compound: dict[int, dict[str, int]] = defaultdict(dict)
    for id_, category, number in rows:
        by_compound[id_][category] = number
    worst = sorted(by_compound, key=lambda id_: (-sum(by_compound[id_].values()), id_))[:most]
    known = {one.id: one for one in db.scalars(select(Compound).where(Compound.id.in_(worst)))}
    shown = [(known[id_], by_compound[id_]) for id_ in worst]
    sums: Counter[str] = Counter()
    for id_ in worst:
        sums.update(by_compound[id_])
    return sorted(sums, key=lambda word: (-sums[word], word)), shown

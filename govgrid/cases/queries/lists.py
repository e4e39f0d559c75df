"""Lists of cases, starting from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor, under
from govgrid.cases.models import Case, UndoneClosing
from govgrid.cases.queries import standing
from govgrid.cases.queries.experts import consulted
from govgrid.cases.queries.four_rates import in_area, received_in
from govgrid.cases.rules import AsItStood, CaseState, Stood
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Organization
from govgrid.grid.queries import compounds_seen

FEW = 200  # compounds
NOBODY = "-"
FIGURES = {"received": standing.received, **standing.COUNTED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a list shows; None leaves a question open."""

    area: Area | None = None
    compound: Compound | None = None
    month: date | None = None
    state: CaseState | None = None
    company: str | None = None  # by name; NOBODY: compounds without one
    category: str | None = None
    figure: str | None = None  # what a figure of the rates counted
    by_code: bool = False  # the area's own tree, without what it manages beside it


def cases_seen(
    db: Session,
    actor: Actor,
    wanted: Wanted,
    *,
    at: datetime,
    offset: int = 0,
    limit: int = 50,
) -> list[Case]:
    """Return one stretch of the cases, the newest first, with compound and community."""
    rows = (
        _found(db, actor, wanted, at)
        .options(contains_eager(Case.compound).contains_eager(Compound.community))
        .order_by(Case.received_at.desc(), Case.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return list(db.scalars(rows))


def count_seen(db: Session, actor: Actor, wanted: Wanted, *, at: datetime) -> int:
    """Return how many cases such a list has."""
    return db.scalar(_found(db, actor, wanted, at).with_only_columns(func.count(Case.id))) or 0


def _found(db: Session, actor: Actor, wanted: Wanted, at: datetime) -> Select[Case]:
    found = seen(db, actor)
    if wanted.area is not None:
        own = under(Area.path, [wanted.area.path])
        found = found.where(own if wanted.by_code else in_area(wanted.area))
    if wanted.compound is not None:
        found = found.where(Case.compound_id == wanted.compound.id)
    if wanted.month is not None:
        found = found.where(received_in(wanted.month))
    if wanted.state is not None:
        found = found.where(standing.IN_STATE[wanted.state](at))
    return _drilled(found, wanted, at)


def _drilled(found: Select[Case], wanted: Wanted, at: datetime) -> Select[Case]:
    """Narrow the list to the cases behind one figure of the rates."""
    if wanted.company is not None:
        named = select(Organization.id).where(Organization.name == wanted.company)
        nobody = wanted.company == NOBODY
        company = Compound.company_id
        found = found.where(company.is_(None) if nobody else company.in_(named))
    if wanted.category is not None:
        found = found.where(Case.category == wanted.category)
    if wanted.figure is not None:
        found = found.where(FIGURES[wanted.figure](at), standing.received(at))
    return found


def stood_at(db: Session, cases: Sequence[Case], at: datetime) -> dict[int, Stood]:
    """Return by id how each case stood: one reopened later, with the closing of that time."""
    found: dict[int, Stood] = {case.id: case for case in cases}
    later = {c.id: c for c in cases if c.reopened_at is not None and c.reopened_at > at}
    undone = select(UndoneClosing).where(
        UndoneClosing.case_id.in_(later),
        UndoneClosing.closed_at <= at,
        UndoneClosing.undone_at > at,
    )
    for one in db.scalars(undone) if later else ():
        case = later[one.case_id]
        found[case.id] = AsItStood(
            case.reply_due, case.close_due, case.replied_at, one.closed_at, one.satisfied,
            case.in_remit,
        )  # fmt: skip
    return found


def case_seen(db: Session, actor: Actor, number: str) -> Case:
    """Return the case with its compound, community and company. Raise `NotFound` if unseen.

    Experts see the cases that called them in, wherever those lie.
    """
    found = db.scalar(_whole(seen(db, actor), number))
    if found is None and actor.officer_id:
        asked = select(Case).join(Case.compound).join(Compound.community)
        found = db.scalar(_whole(asked.where(consulted(actor)), number))
    if found is None:
        raise NotFound("没有编号为“%(number)s”的工单，或不在您的职责范围内。", number=number[:60])
    return found


def _whole(found: Select[Case], number: str) -> Select[Case]:
    return found.where(Case.number == number).options(
        contains_eager(Case.compound).contains_eager(Compound.community),
        contains_eager(Case.compound).options(
            joinedload(Compound.company), joinedload(Compound.grid)
        ),
    )


def months_cases(
    db: Session, compound: Compound, month: date, *, limit: int = 8
) -> tuple[list[Case], int]:
    """Return the latest cases of a compound's month, and how many it received."""
    found = select(Case).where(Case.compound_id == compound.id, received_in(month))
    total = db.scalar(found.with_only_columns(func.count(Case.id))) or 0
    rows = found.order_by(Case.closed_at.is_not(None), Case.received_at.desc()).limit(limit)
    return list(db.scalars(rows)), total


def seen(db: Session, actor: Actor) -> Select[Case]:
    """Return the cases that the actor may see, joined with compound and community."""
    found = select(Case).join(Case.compound).join(Compound.community)
    own = select(Compound.id).join(Compound.community).where(compounds_seen(actor))
    few = db.scalars(own.limit(FEW + 1)).all()
    # Named one by one, a few compounds are found by index; the condition alone reads every case.
    return found.where(Case.compound_id.in_(few) if len(few) <= FEW else compounds_seen(actor))

"""What was done to coverage at once: imports and takeovers, and what they replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from govgrid.access import Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound
from govgrid.oldcompounds.models import Act, ActKind, Coverage, Scan, Version
from govgrid.oldcompounds.queries.stored import touched

SHARED = (ActKind.IMPORTED, ActKind.TAKEN_OVER)


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act with the act that took it back, if any; `whole`: all of it is the actor's."""

    act: Act
    undone: Act | None
    whole: bool


def acts_page(
    db: Session, actor: Actor, *, offset: int = 0, limit: int = 20
) -> tuple[list[ActLine], int]:
    """Return one stretch of the imports and takeovers in the actor's areas, the latest first."""
    mine = or_(*(_touches(column, actor) for column in _COLUMNS))
    wanted = select(Act.id).where(Act.kind.in_(SHARED), mine)
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    undoing = aliased(Act)
    rows = (
        select(Act, undoing, ~or_(*(_touches(column, actor, own=False) for column in _COLUMNS)))
        .outerjoin(undoing, undoing.undoes == Act.id)
        .where(Act.id.in_(wanted))
        .order_by(Act.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [ActLine(act, undone, whole) for act, undone, whole in db.execute(rows)], total


_COLUMNS = (Coverage.act_id, Version.act_id, Version.replaced_by)


def _touches(column: object, actor: Actor, *, own: bool = True) -> ColumnElement[bool]:
    """Return the condition that an act changed a compound in the actor's areas, or outside."""
    table = Coverage if column is Coverage.act_id else Version
    place = under(Area.path, actor.paths(Power.COVER))
    return exists(
        select(table.id)
        .join(Compound, Compound.id == table.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .where(column == Act.id, place if own else ~place)
    )


def act_covered(db: Session, actor: Actor | None, number: int) -> tuple[Act, dict[int, str]]:
    """Return the act with its compounds' paths, all of them the actor's (None: the system's).

    Raise `NotFound` for any other.
    """
    act = db.get(Act, number)
    places = touched(db, number) if act else {}
    if act is None or not places or not (actor is None or _all_covered(actor, places)):
        raise NotFound("没有这次登记，或不由您撤回。")
    return act, places


def _all_covered(actor: Actor, places: dict[int, str]) -> bool:
    return all(actor.may(Power.COVER, path) for path in places.values())


def latest_acts(db: Session, limit: int = 20) -> list[tuple[Act, bool]]:
    """Return the latest imports and takeovers everywhere, and whether each was taken back."""
    undoing = aliased(Act)
    rows = (
        select(Act, undoing.id.is_not(None))
        .outerjoin(undoing, undoing.undoes == Act.id)
        .where(Act.kind.in_(SHARED))
        .order_by(Act.id.desc())
        .limit(limit)
    )
    return [(act, undone) for act, undone in db.execute(rows)]


def replaced_periods(
    db: Session, compound_id: int, offset: int = 0, limit: int = 20
) -> tuple[Sequence[Version], int]:
    """Return what acts replaced in the compound's history, the latest first, gaps left out."""
    told = and_(~Version.gap, ~Version.relinked)
    wanted = select(Version).where(Version.compound_id == compound_id, told)
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = (
        wanted.options(
            joinedload(Version.operator), joinedload(Version.act), joinedload(Version.replacing)
        )
        .order_by(Version.replaced_by.desc(), Version.since.desc(), Version.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return db.scalars(rows).all(), total


def scan_of(db: Session, compound_id: int, sha256: str) -> Scan:
    """Return a scan that the compound's history names. Raise `NotFound` for any other."""
    named = or_(
        exists().where(Coverage.compound_id == compound_id, Coverage.scan == Scan.sha256),
        exists().where(Version.compound_id == compound_id, Version.scan == Scan.sha256),
    )
    found = db.scalar(select(Scan).where(Scan.sha256 == sha256, named))
    if found is None:
        raise NotFound("没有这份扫描件，或不在您的职责范围内。")
    return found

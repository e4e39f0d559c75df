"""Compounds as an actor may see them."""

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from govgrid.access import Actor, Power
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, CompoundKind, CompoundMicroGrid, Level
from govgrid.grid.queries.areas import areas_of
from govgrid.grid.queries.realm import communities_of


def compound_seen(db: Session, actor: Actor, code: str) -> Compound:
    """Return the compound with its areas and company. Raise `NotFound` where it is not seen."""
    compound = db.scalar(
        select(Compound)
        .join(Compound.community)
        .where(Compound.code == code, compounds_seen(actor))
        .options(
            contains_eager(Compound.community),
            joinedload(Compound.grid),
            joinedload(Compound.company),
            selectinload(Compound.micro_grids),
        )
    )
    if compound is None:
        raise NotFound("没有编号为“%(code)s”的小区，或不在您的职责范围内。", code=code[:40])
    return compound


def compounds_seen(actor: Actor, power: Power = Power.SEE) -> ColumnElement[bool]:
    """Return the condition (over compounds joined with their community) that the actor sees one.

    Seen are the compounds of communities seen whole, of an own grid or micro-grid, and those at
    which the actor holds a post. With another power: those over which the actor has it.
    """
    own = select(Area.id).where(areas_of(actor, power))
    served = exists().where(
        CompoundMicroGrid.compound_id == Compound.id,
        CompoundMicroGrid.micro_grid_id.in_(own),
    )
    held = Compound.id.in_(actor.compounds() if power is Power.SEE else ())
    return or_(areas_of(actor, power), Compound.grid_id.in_(own), served, held)


def compounds_of(
    db: Session,
    area: Area,
    *,
    kind: CompoundKind | None = None,
    text: str = "",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Compound], int]:
    """Return one stretch of an area's compounds, by kind and by name, code or address."""
    wanted = compounds_within(area)
    if kind is not None:
        wanted = wanted.where(Compound.kind == kind)
    if text:
        wanted = wanted.where(
            or_(
                Compound.name.contains(text, autoescape=True),
                Compound.code.contains(text, autoescape=True),
                Compound.address.contains(text, autoescape=True),
            )
        )
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = (
        wanted.options(joinedload(Compound.company), joinedload(Compound.community))
        .order_by(Compound.community_id, Compound.code)
        .offset(offset)
        .limit(limit)
    )
    return list(db.scalars(rows)), total


def compounds_within(area: Area) -> Select[Compound]:
    """Return the compounds of an area, whatever its level."""
    if area.level is Level.MICRO_GRID:
        link = and_(
            CompoundMicroGrid.compound_id == Compound.id, CompoundMicroGrid.micro_grid_id == area.id
        )
        return select(Compound).where(exists().where(link))
    if area.level in {Level.GRID, Level.DEDICATED_GRID}:
        return select(Compound).where(Compound.grid_id == area.id)
    return select(Compound).where(Compound.community_id.in_(communities_of(area)))

"""Reads of the exchange: an actor's batches and their lines, column maps, areas to export."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import EVERYWHERE, Actor, Power, under
from govgrid.errors import NotFound
from govgrid.exchange.models import Batch, BatchLine, ColumnMap, Sort
from govgrid.grid.models import Area
from govgrid.sheets import SheetMap

MOST_AREAS = 400


def batch_of(db: Session, actor: Actor, number: int) -> Batch:
    """Return the actor's own batch. Raise `NotFound` for any other."""
    found = db.scalar(
        select(Batch)
        .where(Batch.id == number, Batch.account_id == actor.account_id)
        .options(joinedload(Batch.map))
    )
    if found is None:
        raise NotFound("没有这次导入，或不是您上传的。")
    return found


def batches(db: Session, actor: Actor, offset: int, limit: int) -> list[Batch]:
    """Return one stretch of the actor's batches, newest first."""
    mine = select(Batch).where(Batch.account_id == actor.account_id)
    newest = mine.order_by(Batch.uploaded_at.desc(), Batch.id.desc())
    return list(db.scalars(newest.offset(offset).limit(limit)))


def count_batches(db: Session, actor: Actor) -> int:
    """Count the actor's batches."""
    mine = select(func.count()).select_from(Batch).where(Batch.account_id == actor.account_id)
    return db.scalar(mine) or 0


def lines(batch: Batch, sort: Sort) -> Select[BatchLine]:
    """Return the lines of one sort in a batch's preview, in the file's order."""
    return (
        select(BatchLine)
        .where(BatchLine.batch_id == batch.id, BatchLine.sort == sort)
        .order_by(BatchLine.id)
    )


def count_lines(db: Session, batch: Batch) -> dict[Sort, int]:
    """Count the kept lines of a batch by sort."""
    counted = (
        select(BatchLine.sort, func.count())
        .where(BatchLine.batch_id == batch.id)
        .group_by(BatchLine.sort)
    )
    return dict.fromkeys(Sort, 0) | {sort: count for sort, count in db.execute(counted)}  # noqa: C416


def maps(db: Session, actor: Actor, kind: str | None = None) -> list[ColumnMap]:
    """Return the column maps of areas around those where the actor imports, by kind and name."""
    wanted = select(ColumnMap).join(ColumnMap.area).where(_near(actor))
    if kind is not None:
        wanted = wanted.where(ColumnMap.kind == kind)
    named = wanted.options(joinedload(ColumnMap.area)).order_by(ColumnMap.kind, ColumnMap.name)
    return list(db.scalars(named))


def map_of(db: Session, actor: Actor, number: int) -> ColumnMap:
    """Return a column map that the actor sees. Raise `NotFound` for any other."""
    found = db.scalar(
        select(ColumnMap)
        .join(ColumnMap.area)
        .where(ColumnMap.id == number, _near(actor))
        .options(joinedload(ColumnMap.area))
    )
    if found is None:
        raise NotFound("没有这个列对应，或不在您的职责范围内。")
    return found


def _near(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an area lies in or above one where the actor imports."""
    paths = actor.paths(Power.KEEP)
    above = {path[: at + 1] for path in paths for at, sign in enumerate(path) if sign == "/" and at}
    return or_(under(Area.path, paths), Area.path.in_(above))


def named_map(db: Session, kind: str, name: str) -> SheetMap:
    """Return the column map of that name for the command line. Raise `NotFound`."""
    found = db.scalar(select(ColumnMap).where(ColumnMap.kind == kind, ColumnMap.name == name))
    if found is None:
        raise NotFound("没有名为“%(name)s”的列对应。", name=name[:40])
    return SheetMap(found.columns, found.words)


def _roots(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an area is one of those where the actor imports, not one below."""
    paths = actor.paths(Power.KEEP)
    return or_(Area.path.in_(paths), and_(literal(EVERYWHERE in paths), Area.parent_id.is_(None)))


def home(db: Session, actor: Actor) -> Area:
    """Return the first area where the actor imports: what is kept for others belongs to it."""
    return db.scalars(select(Area).where(_roots(actor)).order_by(Area.path).limit(1)).one()


def exportable(db: Session, actor: Actor) -> Sequence[Area]:
    """Return the areas where the actor imports, and those one level below."""
    roots = select(Area.id).where(_roots(actor))
    wanted = select(Area).where(
        or_(Area.id.in_(roots), Area.parent_id.in_(roots)), Area.closed_on.is_(None)
    )
    return db.scalars(wanted.order_by(Area.path).limit(MOST_AREAS)).all()


def area_within(db: Session, actor: Actor, code: str, power: Power) -> Area:
    """Return the area of that code where the actor imports. Raise `NotFound` for any other."""
    found = db.scalar(select(Area).where(Area.code == code, under(Area.path, actor.paths(power))))
    if found is None:
        raise NotFound("没有代码为“%(code)s”的区域，或不在您的职责范围内。", code=code[:24])
    return found

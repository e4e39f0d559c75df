"""Which bot speaks for an area: its own, else that of the street above."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.grid.models import Area
from govgrid.outbox import bots
from govgrid.outbox.models import Bot, Letter


def own_bot(db: Session, area: Area) -> Bot | None:
    """Return the area's own bot."""
    return db.get(Bot, bots.name(area.id))


def speaker(db: Session, area: Area) -> tuple[Bot, Area] | None:
    """Return the nearest bot from the area upwards, and whose it is."""
    lines = select(Area).where(Area.code.in_(_codes(area))).order_by(Area.path.desc())
    near = {bots.name(one.id): one for one in db.scalars(lines)}
    found = {bot.name: bot for bot in db.scalars(select(Bot).where(Bot.name.in_(near)))}
    return next(((found[name], area) for name, area in near.items() if name in found), None)


def last_said(db: Session, name: str) -> Letter | None:
    """Return the last text queued for a bot."""
    said = select(Letter).where(Letter.to_address == name)
    return db.scalar(said.order_by(Letter.id.desc()).limit(1))


def speaking(db: Session) -> frozenset[str]:
    """Return the codes of the areas that have a bot."""
    numbers = [int(name.removeprefix(bots.PREFIX)) for name in db.scalars(select(Bot.name))]
    return frozenset(_codes_of(db, numbers))


def _codes_of(db: Session, numbers: list[int]) -> Iterable[str]:
    for first in range(0, len(numbers), 500):
        some = numbers[first : first + 500]
        yield from db.scalars(select(Area.code).where(Area.id.in_(some)))


def _codes(area: Area) -> list[str]:
    return area.path.strip("/").split("/")

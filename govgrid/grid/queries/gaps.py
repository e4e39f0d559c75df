"""Seats that several people hold at once, and people who hold several seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from govgrid.grid.models import Area, Officer, Post
from govgrid.grid.queries.officers import (
    Holder,
    Seat,
    below,
    find_holders,
    holders_at,
    on_duty,
    seat_of,
)
from govgrid.grid.rules import SEATS


@dataclass(frozen=True, slots=True)
class Doubled:
    """A person with more than one seat, and which."""

    officer: Officer
    seats: tuple[Holder, ...]


def crowded(
    db: Session, area: Area, on: date, *, offset: int = 0, limit: int = 50
) -> tuple[list[Seat], int]:
    """Return one stretch of the seats below an area held by more than one, and how many."""
    wanted = (
        select(Post.area_id)
        .join(Area, Area.id == Post.area_id)
        .where(below(area.path), _is_seat(), on_duty(on))
        .group_by(Post.area_id, Area.path)
        .having(func.count(Post.officer_id.distinct()) > 1)
    )
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    ids = db.scalars(wanted.order_by(Area.path).offset(offset).limit(limit)).all()
    return _seats(db, [number for number in ids if number is not None], on), total


def doubled(
    db: Session, area: Area, on: date, *, offset: int = 0, limit: int = 50
) -> tuple[list[Doubled], int]:
    """Return one stretch of the people who hold several seats, one of them below the area.

    All their seats below the area are given, and how many such people there are.
    """
    wanted = (
        select(Officer)
        .join(Post, Post.officer_id == Officer.id)
        .join(Area, Area.id == Post.area_id)
        .where(below(area.path), _is_seat(), on_duty(on))
        .group_by(Officer.id)
        .having(func.count(Post.area_id.distinct()) > 1)
    )
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    people = db.scalars(wanted.order_by(Officer.code).offset(offset).limit(limit)).all()
    ids = [officer.id for officer in people]
    held = find_holders(db, and_(Post.officer_id.in_(ids), below(area.path), _is_seat()), on)
    return [Doubled(o, tuple(h for h in held if h.officer.id == o.id)) for o in people], total


def _is_seat() -> ColumnElement[bool]:
    role = case({level.value: role.value for level, role in SEATS.items()}, value=Area.level)
    return and_(or_(*(Area.level == level for level in SEATS)), Post.role == role)


def _seats(db: Session, ids: Sequence[int], on: date) -> list[Seat]:
    areas = db.scalars(select(Area).where(Area.id.in_(ids)).order_by(Area.path)).all()
    found = holders_at(db, ids, on)
    return [seat_of(a, [h for h in found if h.post.area_id == a.id]) for a in areas]

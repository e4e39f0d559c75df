"""One officer as an actor may see them: posts with history, absences, substitutes, who may act."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from govgrid.access import ActingPost, Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import Absence, Area, BusyFeed, Compound, Officer, Post, Substitute
from govgrid.grid.queries.officers import on_duty, phone_tail

STREET_DEPTH = 3  # city, district, street: who works together knows one another


@dataclass(frozen=True, slots=True)
class Holding:
    """A post with its place; `path` is that of the place's area, `address` its page."""

    post: Post
    place_name: str
    path: str
    address: str

    def on(self, day: date) -> bool:
        """Tell whether it is held on the day."""
        return (self.post.since or date.min) <= day <= (self.post.until or date.max)

    def ended(self, day: date) -> bool:
        """Tell whether it was given up before the day."""
        return self.post.until is not None and self.post.until < day


def officer_seen(db: Session, actor: Actor, code: str) -> Officer:
    """Return the officer with the organization. Raise `NotFound` where the actor sees none."""
    found = db.scalar(
        select(Officer)
        .where(Officer.code == code, officers_seen(actor))
        .options(joinedload(Officer.organization))
    )
    if found is None:
        raise NotFound("没有编号为“%(code)s”的人员，或不在您的职责范围内。", code=code[:40])
    return found


def officers_seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see an officer at all, the phone perhaps masked.

    Seen are oneself, whoever has or had a post under the actor's street, over an area above it,
    or at a compound of the actor's own.
    """
    area, home = aliased(Area), aliased(Area)
    around = {_around(post) for post in actor.posts}
    above = {path for path in around for path in _above(path)}
    known = (
        select(Post.id)
        .outerjoin(area, area.id == Post.area_id)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .outerjoin(home, home.id == Compound.community_id)
        .where(
            Post.officer_id == Officer.id,
            or_(
                under(area.path, around),
                area.path.in_(above),
                under(home.path, around),
                Post.compound_id.in_(actor.compounds()),
            ),
        )
    )
    return or_(Officer.id == actor.officer_id, known.exists())


def _around(post: ActingPost) -> str:
    if post.compound_id is not None:
        return post.area_path
    return "/".join(post.area_path.split("/")[: STREET_DEPTH + 1]).rstrip("/") + "/"


def _above(path: str) -> Iterable[str]:
    codes = path.strip("/").split("/")
    return ("/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes)))


def holdings(db: Session, officer_id: int) -> list[Holding]:
    """Return all posts of an officer, the newest first."""
    return _holdings(db, Post.officer_id == officer_id)


def holdings_of(db: Session, officers: Collection[int]) -> dict[int, list[Holding]]:
    """Return all posts of several officers, by officer."""
    found: dict[int, list[Holding]] = {}
    for held in _holdings(db, Post.officer_id.in_(officers)):
        found.setdefault(held.post.officer_id, []).append(held)
    return found


def holding_seen(db: Session, actor: Actor, number: int, *, lock: bool = False) -> Holding:
    """Return a post, its officer loaded. Raise `NotFound` where the officer is not seen."""
    if lock:
        db.execute(select(Post.id).where(Post.id == number).with_for_update())
    seen = exists().where(Officer.id == Post.officer_id, officers_seen(actor))
    found = _holdings(db, and_(Post.id == number, seen))
    if not found:
        raise NotFound("该任职不存在，或不在您的职责范围内。")
    return found[0]


def _holdings(db: Session, where: ColumnElement[bool]) -> list[Holding]:
    home = aliased(Area)
    rows = db.execute(
        select(Post, Area, Compound, home.path)
        .outerjoin(Area, Area.id == Post.area_id)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .outerjoin(home, home.id == Compound.community_id)
        .where(where)
        .order_by(Post.since.desc().nulls_last(), Post.id.desc())
        .options(joinedload(Post.officer).joinedload(Officer.organization))
    )
    return [_holding(*row) for row in rows]


def _holding(post: Post, area: Area | None, compound: Compound | None, path: str) -> Holding:
    if area is not None:
        return Holding(post, area.name, area.path, f"/grid/{area.code}")
    assert compound is not None
    return Holding(post, compound.name, path, f"/compounds/{compound.code}")


def shows_phone(actor: Actor, officer: Officer, held: Iterable[Holding], on: date) -> bool:
    """Tell whether the phone is shown unmasked: one's own, or of who serves in the own area."""
    return actor.officer_id == officer.id or any(
        actor.may(Power.SEE, h.path) or h.post.compound_id in actor.compounds()
        for h in held
        if not h.ended(on)
    )


def keeps_calendar(actor: Actor, officer: Officer, held: Iterable[Holding], on: date) -> bool:
    """Tell whether the actor may note when the officer is away."""
    return actor.officer_id == officer.id or any(
        actor.may(Power.CONVENE, h.path) or actor.may(Power.KEEP, h.path)
        for h in held
        if not h.ended(on)
    )


def serves_outside(actor: Actor, held: Iterable[Holding], on: date) -> bool:
    """Tell whether a person also serves where the actor may not keep posts."""
    return any(not h.ended(on) and not actor.may(Power.KEEP, h.path) for h in held)


def candidates(
    db: Session, actor: Actor, text: str, *, offset: int = 0, limit: int = 20
) -> tuple[list[tuple[Officer, list[Holding]]], int]:
    """Return whom the actor may choose by full name, number or a phone's last four digits.

    Each with all posts, and how many there are.
    """
    hits = [Officer.name == text, Officer.code == text]
    if len(text) == 4 and text.isdecimal():
        hits.append(phone_tail(db, text))
    wanted = select(Officer).where(or_(*hits), officers_seen(actor))
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    found = db.scalars(_stretch(wanted, offset, limit)).all()
    posts: dict[int, list[Holding]] = {}
    for held in _holdings(db, Post.officer_id.in_([o.id for o in found])):
        posts.setdefault(held.post.officer_id, []).append(held)
    return [(o, posts.get(o.id, [])) for o in found], total


def _stretch(wanted: Select[Officer], offset: int, limit: int) -> Select[Officer]:
    return wanted.order_by(Officer.name, Officer.code).offset(offset).limit(limit)


def absences(
    db: Session, officer_id: int, after: datetime, *, offset: int = 0, limit: int = 20
) -> tuple[list[Absence], int]:
    """Return one stretch of the times away that end after a moment, and how many there are."""
    wanted = select(Absence).where(Absence.officer_id == officer_id, Absence.end > after)
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = db.scalars(wanted.order_by(Absence.start, Absence.id).offset(offset).limit(limit))
    return list(rows), total


def feeds(db: Session, officer_id: int) -> list[BusyFeed]:
    """Return the calendars outside from which an officer's busy times are read."""
    rows = select(BusyFeed).where(BusyFeed.officer_id == officer_id).order_by(BusyFeed.id)
    return list(db.scalars(rows))


def substitutes(db: Session, post_ids: Collection[int], from_day: date) -> list[Substitute]:
    """Return who stands in for these posts on a day or later, in order of time."""
    return list(
        db.scalars(
            select(Substitute)
            .where(Substitute.post_id.in_(post_ids), Substitute.until >= from_day)
            .order_by(Substitute.since, Substitute.id)
            .options(joinedload(Substitute.officer))
        )
    )


def substitutes_on(db: Session, officer_ids: Collection[int], on: date) -> dict[int, list[Officer]]:
    """Return, by officer, who stands in for one of the officer's posts on that day."""
    found: dict[int, list[Officer]] = {}
    rows = db.execute(
        select(Post.officer_id, Officer)
        .join(Substitute, Substitute.post_id == Post.id)
        .join(Officer, Officer.id == Substitute.officer_id)
        .where(
            Post.officer_id.in_(officer_ids),
            on_duty(on),
            Substitute.since <= on,
            Substitute.until >= on,
        )
        .order_by(Substitute.since, Officer.code)
    )
    for number, officer in rows:
        found.setdefault(number, []).append(officer)
    return found

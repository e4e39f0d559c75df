"""Hand a post over on a day: the old one ends, the new one begins, and what hangs on it follows."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Officer, Post, Substitute
from govgrid.grid.queries.people import Holding, holdings, serves_outside
from govgrid.grid.rules import clash
from govgrid.words import N_, Word

FARTHEST = timedelta(days=366)


class Follow(Word):
    """What becomes of something that hangs on a post."""

    MOVES = "moves", N_("移交")
    CANCELLED = "cancelled", N_("撤回")
    STAYS = "stays", N_("留在原处")


@dataclass(frozen=True, slots=True)
class Handover:
    """A post that goes from one officer to another (None: not chosen yet) on a day."""

    held: Holding
    to: Officer | None
    on: date

    @property
    def old(self) -> Officer:
        """Return who gives the post up."""
        return self.held.post.officer


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that hangs on the post: its kind's word, its name, what becomes of it, a note."""

    kind: str
    name: str
    follow: Follow
    when: date
    note: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Followers:
    """What a higher floor knows of a post: what would move, and how to move it."""

    list: Callable[[Session, Handover, datetime], Sequence[Move]]
    move: Callable[[Session, Actor, Handover, datetime], Sequence[Move]]


def check(db: Session, actor: Actor, change: Handover, today: date) -> None:
    """Refuse a handover that cannot be.

    Raise `Forbidden` where the actor keeps no posts there or the new holder serves elsewhere too,
    `Conflict` where the post has ended, `Invalid` on a wrong day or person.
    """
    may_change(actor, change.held)
    post, on = change.held.post, change.on
    if change.held.ended(on - timedelta(days=1)):
        raise Conflict("该任职在交接日之前已结束，请刷新页面核对。")
    if post.since is not None and on <= post.since:
        raise Invalid("交接日期应晚于任职起 %(day)s。", day=post.since.isoformat())
    if on > today + FARTHEST:
        raise Invalid("交接日期最多可以提前一年登记。")
    if change.to is not None:
        _check_new(db, actor, change, change.to, today)


def may_change(actor: Actor, held: Holding) -> None:
    """Raise `Forbidden` unless the actor keeps the posts of that place."""
    if not actor.may(Power.KEEP, held.path):
        raise Forbidden("您的职务不能调整这一任职；请联系街道联络员。")


def _check_new(db: Session, actor: Actor, change: Handover, to: Officer, today: date) -> None:
    if to.id == change.old.id:
        raise Invalid("接任人与原任职人是同一人，请另选接任人。")
    held = holdings(db, to.id) if to.id else []
    if serves_outside(actor, held, today):
        raise Forbidden(
            "%(name)s在您的职责范围外另有任职，请由系统管理员导入人员表调整。", name=to.name
        )
    post = change.held.post
    same = [h for h in held if (h.post.role, _place(h.post)) == (post.role, _place(post))]
    periods = [(h.post.since, h.post.until) for h in same]
    if clash([*periods, (change.on, post.until)]):
        raise Conflict("%(name)s在该岗位的任职时间有重叠，请核对。", name=to.name)


def hand_over(
    db: Session, actor: Actor, change: Handover, followers: Followers, *, at: datetime, today: date
) -> Sequence[Move]:
    """Hand the post over in this transaction; return what followed."""
    check(db, actor, change, today)
    post, to = change.held.post, change.to
    if to is None:
        raise Invalid("请选择接任人。")
    if to.id is None:
        db.add(to)
        db.flush()
        journal.record(db, actor, "add", "officer", to.code, after=journal.image(to, "name"))
    until = post.until
    post.until = change.on - timedelta(days=1)
    new = Post(
        officer_id=to.id,
        role=post.role,
        area_id=post.area_id,
        compound_id=post.compound_id,
        since=change.on,
        until=until,
    )
    db.add(new)
    db.flush()
    _end_substitutes(db, post)
    followed = followers.move(db, actor, change, at)
    moved = sum(move.follow is Follow.MOVES for move in followed)
    journal.record(
        db, actor, "hand_over", "post", post.id,
        role=post.role, place=change.held.address, on=change.on, new_post=new.id,
        before={"holder": change.old.code}, after={"holder": to.code}, moved=moved,
    )  # fmt: skip
    return followed


def new_officer(
    db: Session, change: Handover, name: str, phone: str | None, email: str | None, code: str
) -> Officer:
    """Return a person who is not stored yet, of the old holder's organization.

    Raise `Conflict` where the number is taken.
    """
    code = code or f"X{change.on:%y%m%d}{secrets.token_hex(3).upper()}"
    if db.scalar(select(Officer.id).where(Officer.code == code)) is not None:
        raise Conflict("人员编号 %(code)s 已有人使用，请核对或改选已有人员。", code=code)
    return Officer(
        code=code,
        name=name,
        phone=phone,
        email=email,
        organization_id=change.old.organization_id,
    )


def _end_substitutes(db: Session, post: Post) -> None:
    assert post.until is not None
    for stand_in in db.scalars(
        select(Substitute).where(Substitute.post_id == post.id, Substitute.until > post.until)
    ):
        if stand_in.since > post.until:
            db.delete(stand_in)
        else:
            stand_in.until = post.until


def _place(post: Post) -> tuple[int | None, int | None]:
    return post.area_id, post.compound_id

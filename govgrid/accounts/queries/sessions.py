"""Who is signed in, over which areas that person acts today, and what waits to be proved."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import ActingPost, Actor, Role, under
from govgrid.accounts.models import Account, Invitation, RecoveryCode, SignIn
from govgrid.accounts.rules import CODE_WAITS
from govgrid.clock import HERE
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Level, Officer, Post
from govgrid.grid.queries.realm import MANAGERS, managed_paths
from govgrid.settings import Settings

_Select = Select[*tuple[Any, ...]]
MARK = 16  # characters of a session's hash that name it on its owner's page


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is signed in, and when that person was last noted to be here."""

    actor: Actor
    seen_at: datetime


def token_hash(token: str) -> str:
    """Return what the database holds of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def present(db: Session, settings: Settings, token: str, at: datetime) -> Presence | None:
    """Return who is behind the token while its session is neither idle nor over."""
    if not token:
        return None
    row = (
        db.connection()
        .execute(
            _signed_in(),
            {
                "token_hash": token_hash(token),
                "seen": at - settings.idle,
                "started": at - settings.session,
            },
        )
        .one_or_none()
    )
    if row is None:
        return None
    return Presence(_actor(db, row, at), row.seen_at)


def started_at(db: Session, token: str) -> datetime | None:
    """Return when the session of that token began."""
    return db.scalar(select(SignIn.started_at).where(SignIn.token_hash == token_hash(token)))


# Every request asks this: putting the statement together costs more than running it.
@cache
def _signed_in() -> _Select:
    return (
        _acting()
        .add_columns(SignIn.seen_at)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(
            SignIn.token_hash == bindparam("token_hash"),
            SignIn.seen_at >= bindparam("seen"),
            SignIn.started_at >= bindparam("started"),
            SignIn.awaits_code.is_(False),
            Account.locked_at.is_(None),
        )
    )


def _acting() -> _Select:
    return select(
        Account.id, Account.officer_id, Account.name, Account.office, Officer.name.label("officer")
    ).outerjoin(Officer, Officer.id == Account.officer_id)


def _actor(db: Session, account: Row[*tuple[Any, ...]], at: datetime) -> Actor:
    if account.officer_id is None:
        return Actor(account.id, 0, account.name or "", (), account.office)
    posts = posts_of(db, account.officer_id, at)
    return Actor(account.id, account.officer_id, account.officer or "", posts)


def actor_of(db: Session, account_id: int, at: datetime) -> Actor | None:
    """Return who acts under an account with the posts held today; None where it is locked."""
    found = _acting().where(Account.id == account_id, Account.locked_at.is_(None))
    row = db.execute(found).one_or_none()
    return _actor(db, row, at) if row else None


def awaiting(db: Session, token: str, at: datetime) -> Account | None:
    """Return whose session waits for the second factor, while it may still wait."""
    return db.scalar(
        select(Account)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(
            SignIn.token_hash == token_hash(token),
            SignIn.awaits_code.is_(True),
            SignIn.started_at >= at - CODE_WAITS,
            Account.locked_at.is_(None),
        )
    )


def invited(db: Session, token: str, at: datetime, *, locked: bool = False) -> Invitation:
    """Return the unused invitation of a link, with its account. Raise `NotFound`."""
    wanted = (
        select(Invitation)
        .join(Invitation.account)
        .where(
            Invitation.token_hash == token_hash(token),
            Invitation.used_at.is_(None),
            Invitation.expires_at > at,
            Account.locked_at.is_(None),
        )
        .options(contains_eager(Invitation.account).joinedload(Account.officer))
    )
    found = db.scalar(wanted.with_for_update(of=Invitation) if locked else wanted)
    if found is None:
        raise NotFound("链接无效、已使用或已过期。请联系系统管理员重新发送。")
    return found


def own_sessions(db: Session, settings: Settings, actor: Actor, at: datetime) -> list[SignIn]:
    """Return the person's open sessions, the last used first."""
    return list(
        db.scalars(
            select(SignIn)
            .where(
                SignIn.account_id == actor.account_id,
                SignIn.seen_at >= at - settings.idle,
                SignIn.started_at >= at - settings.session,
                SignIn.awaits_code.is_(False),
            )
            .order_by(SignIn.seen_at.desc())
            .limit(50)
        )
    )


def codes_left(db: Session, account_id: int) -> int:
    """Count the recovery codes not yet used."""
    own = select(func.count()).where(RecoveryCode.account_id == account_id)
    return db.scalar(own) or 0


def who(db: Session, settings: Settings, token: str, at: datetime) -> Actor | None:
    """Return the actor of the token with the posts held today."""
    found = present(db, settings, token, at)
    return found.actor if found else None


def posts_of(db: Session, officer_id: int, at: datetime) -> tuple[ActingPost, ...]:
    """Return the posts a person holds that day; one at a compound lies in its community."""
    today = at.astimezone(HERE).date()
    rows = db.connection().execute(_posts(), {"officer": officer_id, "today": today}).all()
    managed = managed_paths(db, {row.path for row in rows if row.level in MANAGERS})
    posts = tuple(
        ActingPost(
            role,
            area_id,
            path,
            compound or area,
            compound_id,
            managed.get(path, ()),
        )
        for role, area_id, path, _, area, compound_id, compound in rows
    )
    over = [post for post in posts if post.role is Role.HEAD_OFFICE]
    return (*(p for p in posts if p not in over), *_served(db, officer_id, over)) if over else posts


def _served(db: Session, officer_id: int, over: list[ActingPost]) -> Iterator[ActingPost]:
    """Yield a post at each compound that the company of a head office's person serves there."""
    company = select(Officer.organization_id).where(Officer.id == officer_id).scalar_subquery()
    paths = [path for post in over for path in (post.area_path, *post.managed)]
    rows = db.execute(
        select(Area.id, Area.path, Compound.id, Compound.name)
        .join(Compound, Compound.community_id == Area.id)
        .where(Compound.company_id == company, under(Area.path, paths))
        .order_by(Area.path, Compound.code)
    )
    for area_id, path, compound_id, name in rows:
        yield ActingPost(Role.HEAD_OFFICE, area_id, path, name, compound_id)


@cache
def _posts() -> Select[Role, int, str, Level, str, int, str]:
    today: BindParameter[date] = bindparam("today")
    return (
        select(Post.role, Area.id, Area.path, Area.level, Area.name, Compound.id, Compound.name)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .join(Area, Area.id == func.coalesce(Post.area_id, Compound.community_id))
        .where(Post.officer_id == bindparam("officer"), held_on(today))
        .order_by(Area.path, Post.id)
    )


def held_on(today: ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition that a post is held that day."""
    return and_(
        or_(Post.since.is_(None), Post.since <= today),
        or_(Post.until.is_(None), Post.until >= today),
    )

"""Who is signed in, and over which areas that person acts today."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from govgrid.access import ActingPost, Actor
from govgrid.accounts.models import Account, SignIn
from govgrid.clock import HERE
from govgrid.grid.models import Area, Compound, Officer, Post
from govgrid.grid.queries.realm import managed_paths
from govgrid.settings import Settings


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
    row = db.execute(
        select(Account.id, Account.officer_id, Officer.name, SignIn.seen_at)
        .join_from(SignIn, Account, Account.id == SignIn.account_id)
        .join(Officer, Officer.id == Account.officer_id)
        .where(
            SignIn.token_hash == token_hash(token),
            SignIn.seen_at >= at - settings.idle,
            SignIn.started_at >= at - settings.session,
            Account.locked_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    account_id, officer_id, name, seen_at = row
    return Presence(Actor(account_id, officer_id, name, posts_of(db, officer_id, at)), seen_at)


def who(db: Session, settings: Settings, token: str, at: datetime) -> Actor | None:
    """Return the actor of the token with the posts held today."""
    found = present(db, settings, token, at)
    return found.actor if found else None


def posts_of(db: Session, officer_id: int, at: datetime) -> tuple[ActingPost, ...]:
    """Return the posts a person holds that day; one at a compound lies in its community."""
    today = at.astimezone(HERE).date()
    rows = db.execute(
        select(Post.role, Area.id, Area.path, Area.name, Compound.id, Compound.name)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .join(Area, Area.id == func.coalesce(Post.area_id, Compound.community_id))
        .where(
            Post.officer_id == officer_id,
            or_(Post.since.is_(None), Post.since <= today),
            or_(Post.until.is_(None), Post.until >= today),
        )
        .order_by(Area.path, Post.id)
    ).all()
    managed = managed_paths(db, {row.path for row in rows})
    return tuple(
        ActingPost(
            role,
            area_id,
            path,
            compound or area,
            compound_id,
            () if compound_id else managed[path],
        )
        for role, area_id, path, area, compound_id, compound in rows
    )

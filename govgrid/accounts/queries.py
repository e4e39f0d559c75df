"""Who is signed in, and over which areas that person acts today."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import ActingPost, Actor
from govgrid.accounts.models import Account, SignIn
from govgrid.grid.models import Area, Compound, Post
from govgrid.settings import Settings

HERE = ZoneInfo("Asia/Shanghai")


def token_hash(token: str) -> str:
    """Return what the database holds of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_sign_in(db: Session, settings: Settings, token: str, at: datetime) -> SignIn | None:
    """Return the session of the token while it is neither idle nor over."""
    found = db.get(SignIn, token_hash(token)) if token else None
    if found is None or at - found.seen_at > settings.idle:
        return None
    return found if at - found.started_at <= settings.session else None


def who(db: Session, settings: Settings, token: str, at: datetime) -> Actor | None:
    """Return the actor of the token with the posts held today."""
    sign_in = open_sign_in(db, settings, token, at)
    if sign_in is None:
        return None
    account = db.get_one(Account, sign_in.account_id, options=[joinedload(Account.officer)])
    if account.locked_at is not None:
        return None
    return Actor(account.id, account.officer_id, account.officer.name, _posts(db, account, at))


def _posts(db: Session, account: Account, at: datetime) -> tuple[ActingPost, ...]:
    today = at.astimezone(HERE).date()
    rows = db.execute(
        select(Post.role, Area, Compound)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .join(Area, or_(Area.id == Post.area_id, Area.id == Compound.community_id))
        .where(
            Post.officer_id == account.officer_id,
            or_(Post.since.is_(None), Post.since <= today),
            or_(Post.until.is_(None), Post.until >= today),
        )
        .order_by(Area.path, Post.id)
    )
    return tuple(
        ActingPost(
            role,
            area.id,
            area.path,
            compound.name if compound else area.name,
            compound.id if compound else None,
        )
        for role, area, compound in rows
    )

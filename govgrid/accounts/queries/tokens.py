"""Tokens of the interface: who holds one, and which there are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import ActingPost, Actor, Power, Role
from govgrid.accounts.models import ApiToken, ApiTokenUse
from govgrid.accounts.queries.sessions import token_hash
from govgrid.accounts.rules import Scope
from govgrid.errors import NotFound
from govgrid.grid.models import Area
from govgrid.grid.queries import areas_of
from govgrid.grid.queries.realm import managed_paths


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that asks: it acts as a street's liaison would in its area, within its scopes."""

    token: ApiToken
    actor: Actor
    used_at: datetime | None

    def has(self, scope: Scope) -> bool:
        """Tell whether the token opens that."""
        return scope.value in self.token.scopes


def caller(db: Session, token: str, at: datetime) -> Caller | None:
    """Return who holds the token while it is neither revoked nor over."""
    row = db.execute(
        select(ApiToken, ApiTokenUse.used_at)
        .join(ApiToken.area)
        .outerjoin(ApiTokenUse, ApiTokenUse.token_id == ApiToken.id)
        .where(
            ApiToken.token_hash == token_hash(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > at,
        )
        .options(contains_eager(ApiToken.area))
    ).one_or_none()
    if row is None:
        return None
    found, used_at = row
    area = found.area
    managed = managed_paths(db, [area.path]).get(area.path, ())
    post = ActingPost(Role.LIAISON, area.id, area.path, area.name, managed=managed)
    return Caller(found, Actor(found.made_by, 0, f"{found.prefix} {found.name}", (post,)), used_at)


def tokens(
    db: Session, actor: Actor, *, offset: int = 0, limit: int = 50
) -> tuple[list[tuple[ApiToken, datetime | None]], int]:
    """Return one stretch of the tokens in the actor's areas with their last use, and how many."""
    seen = select(ApiToken).join(ApiToken.area).where(areas_of(actor, Power.CONNECT))
    total = db.scalar(seen.with_only_columns(func.count(ApiToken.id))) or 0
    rows = db.execute(
        seen.add_columns(ApiTokenUse.used_at)
        .outerjoin(ApiTokenUse, ApiTokenUse.token_id == ApiToken.id)
        .options(contains_eager(ApiToken.area))
        .order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [(token, used_at) for token, used_at in rows], total


def token_seen(db: Session, actor: Actor, number: int) -> ApiToken:
    """Return a token of the actor's areas. Raise `NotFound`."""
    found = db.scalar(
        select(ApiToken)
        .join(ApiToken.area)
        .where(ApiToken.id == number, areas_of(actor, Power.CONNECT))
    )
    if found is None:
        raise NotFound("没有这个接口令牌，或不在您的职责范围内。")
    return found


def area_to_connect(db: Session, actor: Actor, code: str) -> Area:
    """Return an area for which the actor may make a token. Raise `NotFound`."""
    found = db.scalar(
        select(Area).where(
            Area.code == code, areas_of(actor, Power.CONNECT), Area.closed_on.is_(None)
        )
    )
    if found is None:
        raise NotFound("没有代码为“%(code)s”的区域，或不在您的职责范围内。", code=code[:24])
    return found

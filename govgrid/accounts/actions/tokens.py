"""Make and revoke tokens of the interface, and note that one is in use."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.accounts.models import ApiToken, ApiTokenUse
from govgrid.accounts.queries import token_hash
from govgrid.accounts.rules import Scope
from govgrid.db import Database, upsert
from govgrid.errors import Conflict, Forbidden
from govgrid.grid.models import Area

START = "gg_"
SHOWN = 10  # characters by which a token is told


def make_token(
    db: Session, actor: Actor, area: Area, name: str, scopes: Sequence[Scope], days: int,
    *, at: datetime,
) -> tuple[ApiToken, str]:  # fmt: skip
    """Return a new token with its text, which is nowhere kept."""
    if not actor.may(Power.CONNECT, area.path):
        raise Forbidden("只能为职责范围内的区域生成接口令牌。")
    text = START + secrets.token_urlsafe(32)
    made = ApiToken(
        name=name, prefix=text[:SHOWN], token_hash=token_hash(text), area_id=area.id,
        scopes=sorted({scope.value for scope in scopes}), made_by=actor.account_id, made_at=at,
        expires_at=at + timedelta(days=days),
    )  # fmt: skip
    db.add(made)
    db.flush()
    after = journal.image(made, "name", "prefix", "scopes", "expires_at")
    journal.record(db, actor, "add", "api_token", made.id, after=after, area=area.code)
    return made, text


def revoke_token(db: Session, actor: Actor, token: ApiToken, *, at: datetime) -> None:
    """Shut a token for good."""
    if token.revoked_at is not None:
        raise Conflict("这个接口令牌已经停用。")
    token.revoked_at = at
    journal.record(db, actor, "revoke", "api_token", token.id, prefix=token.prefix)


def note_use(database: Database, token_id: int, *, at: datetime) -> None:
    """Note that a token is in use."""
    with database.writing() as db:
        added = upsert(db, ApiTokenUse).values(token_id=token_id, used_at=at)
        db.execute(added.on_conflict_do_update(index_elements=["token_id"], set_={"used_at": at}))

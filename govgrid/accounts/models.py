"""Tables of sign-in: accounts, open sessions, one-time links, recovery codes."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.access import Office
from govgrid.cipher import Encrypted
from govgrid.db import Base, enumeration
from govgrid.grid.follow import follows
from govgrid.grid.models import Area, Officer
from govgrid.words import N_


class Account(Base):
    """How an officer signs in, whose role and area come from the posts; or an administrator.

    `password` is None until the first link is used. `secret` makes the second factor's codes; `step` is the time step of the last code taken, so that none is taken
    twice. `subject` is who the account is at the organization's own sign-in.
    """

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("(officer_id IS NULL) <> (office IS NULL)", name="one_kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"), unique=True)
    office: Mapped[Office | None] = mapped_column(enumeration(Office))
    name: Mapped[str | None] = mapped_column(String(40))
    login: Mapped[str] = mapped_column(String(40), unique=True)
    password: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    barred_until: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    secret: Mapped[str | None] = mapped_column(Encrypted("accounts.secret"))
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    subject: Mapped[str | None] = mapped_column(String(255), unique=True)

    officer: Mapped[Officer | None] = relationship(lazy="raise")


class SignIn(Base):
    """One open session; the cookie's token is stored hashed.

    While `awaits_code` it opens nothing but the page that asks for the second factor.
    """

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str | None] = mapped_column(String(45))
    browser: Mapped[str | None] = mapped_column(String(200))
    awaits_code: Mapped[bool] = mapped_column(default=False, server_default=false())


class Invitation(Base):
    """A link by which a person sets a password, once; stored hashed."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="raise")


class RecoveryCode(Base):
    """A code for whoever has lost the phone; stored as an HMAC, deleted when used."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_account_id_mark", "account_id", "mark"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    mark: Mapped[str] = mapped_column(String(64))


class ApiToken(Base):
    """How another program comes in: over one area, for what its scopes name; stored hashed.

    `prefix` is the beginning of the token, by which people tell one from another.
    """

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    prefix: Mapped[str] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    area_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"), index=True, info=follows(N_("接口令牌"))
    )
    made_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    area: Mapped[Area] = relationship(lazy="raise")


class ApiTokenUse(Base):
    """When a token was last used, to some minutes; apart, so that use changes no token."""

    __tablename__ = "api_token_uses"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True)
    used_at: Mapped[datetime]

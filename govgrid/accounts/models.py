"""Tables of sign-in: an officer's account and its open sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.models import Officer


class Account(Base):
    """How an officer signs in; role and area come from the posts."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), unique=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    password: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    barred_until: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]

    officer: Mapped[Officer] = relationship(lazy="raise")


class SignIn(Base):
    """One open session; the cookie's token is stored hashed."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)

"""Table of the outbox: one row a letter, leased by a worker while it is sent."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.cipher import Encrypted
from govgrid.db import Base, ordered
from govgrid.months import by_month


class Letter(Base):
    """A letter to one recipient. `key` makes it unique; the same key is never queued twice.

    Of one `thread` only the last letter that has not left yet leaves. `scope` is the path of the
    area it is about, for whose letters sending may be paused. From `not_after` on it is of no use.
    `in_doubt`: a try ended without the server's word, so that a copy may have arrived.
    """

    __tablename__ = "letters"
    __table_args__ = (
        Index(
            "ix_letters_waiting",
            "not_before",
            sqlite_where=text("sent_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
        ),
        Index(
            "ix_letters_in_order",
            "id",
            sqlite_where=text("sent_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
        ),
        Index(
            "ix_letters_tried",
            "to_address",
            sqlite_where=text("sent_at IS NULL AND dead_at IS NULL AND attempts > 0"),
            postgresql_where=text("sent_at IS NULL AND dead_at IS NULL AND attempts > 0"),
        ),
        Index(
            "ix_letters_dead",
            "dead_at",
            sqlite_where=text("dead_at IS NOT NULL"),
            postgresql_where=text("dead_at IS NOT NULL"),
        ),
        Index(
            "ix_letters_expiring",
            "not_after",
            sqlite_where=text("sent_at IS NULL AND dead_at IS NULL AND not_after IS NOT NULL"),
            postgresql_where=text("sent_at IS NULL AND dead_at IS NULL AND not_after IS NOT NULL"),
        ),
        {"info": by_month("queued_at")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    subject_of: Mapped[str] = mapped_column(String(60), index=True)
    thread: Mapped[str | None] = mapped_column(String(60), index=True)
    scope: Mapped[str | None] = mapped_column(ordered(200), index=True)
    message_id: Mapped[str] = mapped_column(String(120))
    sender_name: Mapped[str] = mapped_column(String(80))
    to_address: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    plain: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    calendar: Mapped[bytes | None] = mapped_column(LargeBinary)
    method: Mapped[str | None] = mapped_column(String(20))
    queued_at: Mapped[datetime]
    not_before: Mapped[datetime]
    not_after: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    in_doubt: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    dead_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)


class Bouncing(Base):
    """An address that a letter came back from for good; `words` are the server's."""

    __tablename__ = "bouncing_addresses"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(300))


class Bot(Base):
    """A chat group's bot, whose address lets anybody write there; `name` is its letters' address."""

    __tablename__ = "bots"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    address: Mapped[str] = mapped_column(Encrypted("bots.address"))
    set_by: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime]


class Beat(Base):
    """When a worker, by host and process, was last at work."""

    __tablename__ = "worker_beats"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class Pause(Base):
    """Sending stands still for letters about areas under `path`."""

    __tablename__ = "mail_pauses"

    path: Mapped[str] = mapped_column(ordered(200), primary_key=True)
    since: Mapped[datetime]
    paused_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))

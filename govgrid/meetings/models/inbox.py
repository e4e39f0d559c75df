"""Mails that came back, each once: what it said, what became of it, who dealt with it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.meetings.models.meeting import Attendee, Meeting
from govgrid.words import N_, Word


class Outcome(Word):
    """What became of a mail."""

    APPLIED = "applied", N_("已登记")
    STALE = "stale", N_("已过时")
    DUPLICATE = "duplicate", N_("重复")
    REVIEW = "review", N_("待核对")
    UNKNOWN = "unknown", N_("不相关")
    IGNORED = "ignored", N_("不处理")
    REFUSED = "refused", N_("无法采用")


class Verdict(Word):
    """What somebody decided about a mail that waited."""

    APPLY = "apply", N_("已采用")
    REFUSE = "refuse", N_("已拒绝")
    ASSIGN = "assign", N_("已归到参会人")


class IncomingMail(Base):
    """A mail as it came (`raw`, its beginning where it was too big) and what it says.

    After its time `raw` goes; what was done with the mail stays.
    `attendee_address`, `status`: the ATTENDEE and its PARTSTAT. `proposed_…`: of a COUNTER.
    """

    __tablename__ = "incoming_mails"
    __table_args__ = (
        Index(
            "ix_incoming_mails_waiting",
            "meeting_id",
            sqlite_where=text("outcome = 'review' AND handled_at IS NULL"),
            postgresql_where=text("outcome = 'review' AND handled_at IS NULL"),
        ),
        Index(
            "ix_incoming_mails_whole",
            "received_at",
            sqlite_where=text("raw IS NOT NULL"),
            postgresql_where=text("raw IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[datetime]
    size: Mapped[int] = mapped_column(BigInteger)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    message_id: Mapped[str] = mapped_column(String(250), default="")
    sender: Mapped[str] = mapped_column(String(254), default="")
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    method: Mapped[str] = mapped_column(String(20), default="")
    uid: Mapped[str] = mapped_column(String(250), default="")
    sequence: Mapped[int | None]
    stamp: Mapped[datetime | None]
    attendee_address: Mapped[str] = mapped_column(String(254), default="")
    status: Mapped[str] = mapped_column(String(20), default="")
    delegated_to: Mapped[str] = mapped_column(String(254), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    proposed_start: Mapped[datetime | None]
    proposed_end: Mapped[datetime | None]
    proposed_place: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[Outcome] = mapped_column(enumeration(Outcome))
    reason: Mapped[str] = mapped_column(String(200), default="")
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    attendee_id: Mapped[int | None] = mapped_column(ForeignKey("attendees.id"))
    verdict: Mapped[Verdict | None] = mapped_column(enumeration(Verdict))
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(default=1)

    meeting: Mapped[Meeting | None] = relationship(lazy="raise")
    attendee: Mapped[Attendee | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class MailboxMark(Base):
    """How far a mailbox was read: the last UID under its UIDVALIDITY."""

    __tablename__ = "mailbox_marks"

    mailbox: Mapped[str] = mapped_column(String(250), primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)

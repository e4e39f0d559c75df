"""Minutes with their archived paper."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.models import Officer
from govgrid.meetings.models.meeting import Meeting
from govgrid.words import N_, Word


class MinutesStage(Word):
    """Minutes go one way: draft, in review, signed."""

    DRAFT = "draft", N_("起草中")
    IN_REVIEW = "in_review", N_("待签发")
    SIGNED = "signed", N_("已签发")


class Minutes(Base):
    """The minutes of a meeting; a correction is a new number, never an edit.

    `record` is the meeting as signed, `record_hash` its SHA-256, `paper` that of the archived PDF.
    `code` stands on the paper and leads to /v/{code}.
    """

    __tablename__ = "minutes"
    __table_args__ = (
        UniqueConstraint("meeting_id", "number"),
        Index("ix_minutes_code", "code", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    number: Mapped[int] = mapped_column(default=1)
    issue: Mapped[int]
    stage: Mapped[MinutesStage] = mapped_column(enumeration(MinutesStage))
    drafted_by: Mapped[str] = mapped_column(String(40))
    submitted_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"), index=True)
    record: Mapped[dict[str, object] | None] = mapped_column(JSON)
    record_hash: Mapped[str | None] = mapped_column(String(64))
    paper: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)

    meeting: Mapped[Meeting] = relationship(lazy="raise")
    signer: Mapped[Officer | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

"""Minutes: their versions, who approved them, the archived paper."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration, metadata
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Officer
from govgrid.meetings.models.meeting import Meeting
from govgrid.words import N_, Word

_JSON = JSON(none_as_null=True)


class MinutesStage(Word):
    """Minutes go one way: draft, in review, signed. What is archived says so by `archived_at`."""

    DRAFT = "draft", N_("起草中")
    IN_REVIEW = "in_review", N_("审核中")
    SIGNED = "signed", N_("已签发")


class Reviewer(Word):
    """In whose place somebody approves minutes."""

    CONVENOR = "convenor", N_("召集人审核")
    STREET = "street", N_("街道审核")


class Retention(Word):
    """How long the signed paper is kept (DA/T 22-2015)."""

    TEN = "years_10", N_("10年")
    THIRTY = "years_30", N_("30年")
    PERMANENT = "permanent", N_("永久")


class Minutes(Base):
    """The minutes of a meeting; a correction is a new number, never an edit.

    `words` is what was written for the draft beside the meeting's own records: opening, copies,
    attachments. `draft` is what was handed in: what is approved is what is signed. A correction has
    it from the start, and `correction` says why. `record` is the meeting as signed, `record_hash`
    its SHA-256, `paper` that of the archived PDF of `pages`. `code` stands on the paper and leads
    to /v/{code}.
    """

    __tablename__ = "minutes"
    __table_args__ = (
        UniqueConstraint("meeting_id", "number"),
        Index("ix_minutes_code", "code", unique=True),
        Index(
            "ix_minutes_unarchived",
            "id",
            sqlite_where=text("stage = 'signed' AND archived_at IS NULL"),
            postgresql_where=text("stage = 'signed' AND archived_at IS NULL"),
        ),
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
    words: Mapped[dict[str, object] | None] = mapped_column(_JSON)
    draft: Mapped[dict[str, object] | None] = mapped_column(_JSON)
    correction: Mapped[str | None] = mapped_column(String(400))
    retention: Mapped[Retention | None] = mapped_column(enumeration(Retention))
    archived_at: Mapped[datetime | None]
    pages: Mapped[int | None]

    meeting: Mapped[Meeting] = relationship(lazy="raise")
    signer: Mapped[Officer | None] = relationship(lazy="raise")
    approvals: Mapped[list["Approval"]] = relationship(order_by="Approval.id", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Approval(Base):
    """Somebody approved what was handed in; an edit retracts it, and both stay on record."""

    __tablename__ = "minutes_approvals"
    __table_args__ = (
        Index(
            "uq_minutes_approvals_standing",
            "minutes_id",
            "reviewer",
            unique=True,
            sqlite_where=text("retracted_at IS NULL"),
            postgresql_where=text("retracted_at IS NULL"),
        ),
        Index("ix_minutes_approvals_minutes_id", "minutes_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"))
    reviewer: Mapped[Reviewer] = mapped_column(enumeration(Reviewer))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]
    retracted_by: Mapped[str | None] = mapped_column(String(40))


class MinutesText(Base):
    """What signed minutes say, as plain text: what is searched and quoted.

    Its index of character pairs is the database's own: see `queries/texts.py`.
    """

    __tablename__ = "minutes_texts"

    minutes_id: Mapped[int] = mapped_column(
        ForeignKey("minutes.id"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(Text)


_SQLITE = (
    "CREATE VIRTUAL TABLE minutes_fts USING fts5(grams, content='', detail=none, tokenize='ascii')",
)
_POSTGRESQL = (
    "CREATE TABLE minutes_fts (id integer PRIMARY KEY, grams tsvector NOT NULL)",
    "CREATE INDEX ix_minutes_fts_grams ON minutes_fts USING gin (grams)",
)


@event.listens_for(metadata, "after_create")
def _lay(_target: object, connection: Connection, tables: list[Table], **_: object) -> None:
    """Lay the index where tables are made without the revisions, which have their own."""
    if MinutesText.__table__ not in tables:
        return
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


@event.listens_for(metadata, "before_drop")
def _lift(_target: object, connection: Connection, tables: list[Table], **_: object) -> None:
    if MinutesText.__table__ in tables:
        connection.exec_driver_sql("DROP TABLE IF EXISTS minutes_fts")


class HouseStyle(Base):
    """How the minutes of an area look and who must approve them; None: as above it.

    `body` is the issuing office, `masthead` the red head; {社区} and {街道} stand for the names.
    """

    __tablename__ = "house_styles"

    area_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"), primary_key=True, autoincrement=False, info=STAYS
    )
    body: Mapped[str | None] = mapped_column(String(60))
    masthead: Mapped[str | None] = mapped_column(String(60))
    copied_to: Mapped[str | None] = mapped_column(String(400))
    red_rule: Mapped[bool | None] = mapped_column(Boolean)
    retention: Mapped[Retention | None] = mapped_column(enumeration(Retention))
    street_review: Mapped[bool | None] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

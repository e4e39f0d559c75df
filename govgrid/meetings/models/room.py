"""What is kept of the hour itself: entries taken once, the clock of items, counted votes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base, enumeration
from govgrid.words import N_, Word


class RoomEntry(Base):
    """Something written down in the room, taken once; `key` is made by the page that wrote it.

    `outcome` is what that page was told: the same entry sent once more is answered the same.
    """

    __tablename__ = "room_entries"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[int]
    written_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)


class Guest(Base):
    """Somebody at the table who is nobody's officer: a resident, an expert. Attends without a vote."""

    __tablename__ = "guests"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    affiliation: Mapped[str] = mapped_column(String(60), default="")
    duty: Mapped[str] = mapped_column(String(40), default="")


class ItemTime(Base):
    """A stretch in which an item was heard; while it is, `stopped_at` is None. One at a time."""

    __tablename__ = "item_times"
    __table_args__ = (
        CheckConstraint("stopped_at >= started_at", name="period"),
        Index(
            "uq_item_times_running",
            "meeting_id",
            unique=True,
            sqlite_where=text("stopped_at IS NULL"),
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class VoteRule(Word):
    """By what majority a vote decides; the owners' rules are article 278 of the Civil Code."""

    MEMBERS = "members", N_("到会人员过半数")
    OWNERS = "owners", N_("业主表决：过半数")
    OWNERS_SPECIAL = "owners_special", N_("业主表决：四分之三以上")


class Vote(Base):
    """A counted vote with the resolution that states it; never changed. Areas are in dm²."""

    __tablename__ = "votes"
    __table_args__ = (
        CheckConstraint("yes_persons + no_persons + abstained_persons <= persons", name="persons"),
        CheckConstraint("yes_area + no_area + abstained_area <= area", name="area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    resolution_id: Mapped[int] = mapped_column(
        ForeignKey("resolutions.id", ondelete="CASCADE"), unique=True
    )
    question: Mapped[str] = mapped_column(Text)
    rule: Mapped[VoteRule] = mapped_column(enumeration(VoteRule))
    persons: Mapped[int]
    area: Mapped[int]
    yes_persons: Mapped[int]
    yes_area: Mapped[int]
    no_persons: Mapped[int]
    no_area: Mapped[int]
    abstained_persons: Mapped[int]
    abstained_area: Mapped[int]
    passed: Mapped[bool]

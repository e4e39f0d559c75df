"""Agenda items, what is heard and decided under them, who does it by when, and what stood when."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.cases.models import Case, SupervisionStep
from govgrid.db import Base, enumeration
from govgrid.grid.follow import follows
from govgrid.grid.models import Compound, Officer
from govgrid.meetings.models.meeting import Meeting, Unit
from govgrid.words import N_, Word

if TYPE_CHECKING:
    from govgrid.meetings.models.follow_up import ActionReport

WITHOUT_QUORUM = "（作出时到会未达法定人数）"


class AgendaKind(Word):
    """What an agenda item is about."""

    REQUIREMENT = "requirement", N_("部门要求")
    CASE = "case", N_("诉求办理")
    SHOWCASE = "showcase", N_("双晒")
    CARRY_OVER = "carry_over", N_("上次督办")
    COVERAGE = "coverage", N_("老旧小区覆盖")
    PROPOSAL = "proposal", N_("提议")


class AgendaItem(Base):
    """One item in its place; `brief` is prepared before, `notes` are written in the room.

    `allotted`: the minutes it is given. `notes_version` counts the texts that the notes had: who
    writes over one that has passed is told.
    """

    __tablename__ = "agenda_items"
    __table_args__ = (Index("ix_agenda_items_meeting_id_position", "meeting_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    position: Mapped[int]
    kind: Mapped[AgendaKind] = mapped_column(enumeration(AgendaKind))
    title: Mapped[str] = mapped_column(String(120))
    brief: Mapped[str] = mapped_column(Text, default="")
    allotted: Mapped[int] = mapped_column(default=10, server_default="10")
    notes: Mapped[str] = mapped_column(Text, default="")
    notes_version: Mapped[int] = mapped_column(default=1, server_default="1")
    notes_by: Mapped[str | None] = mapped_column(String(80))
    notes_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    meeting: Mapped[Meeting] = relationship(lazy="raise")
    cases: Mapped[list["AgendaCase"]] = relationship(order_by="AgendaCase.id", lazy="raise")
    resolutions: Mapped[list["Resolution"]] = relationship(order_by="Resolution.id", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class AgendaCase(Base):
    """A case heard under an agenda item."""

    __tablename__ = "agenda_cases"
    __table_args__ = (UniqueConstraint("agenda_item_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)

    case: Mapped[Case] = relationship(lazy="raise")


class AgendaPoint(Base):
    """What else is raised under an item: a step against a company, or a compound's showcase."""

    __tablename__ = "agenda_points"
    __table_args__ = (
        UniqueConstraint("agenda_item_id", "step_id"),
        UniqueConstraint("agenda_item_id", "compound_id"),
        CheckConstraint("(step_id IS NULL) <> (compound_id IS NULL)", name="one_thing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("supervision_steps.id"), index=True)
    compound_id: Mapped[int | None] = mapped_column(ForeignKey("compounds.id"), index=True)

    item: Mapped[AgendaItem] = relationship(lazy="raise")
    step: Mapped[SupervisionStep | None] = relationship(lazy="raise")
    compound: Mapped[Compound | None] = relationship(lazy="raise")


class Stamp(Word):
    """Which moment an agenda was kept for."""

    NOTICE = "notice", N_("通知发出时")
    HELD = "held", N_("会议召开时")


class AgendaStamp(Base):
    """What stood at a moment, never changed: when a notice left, or when the meeting was held.

    `stood` has the agenda's lines (`rules.agenda.Line`) of a notice; of a meeting held, what was
    heard (`material.shown`). `number` counts a meeting's stamps of one kind.
    """

    __tablename__ = "agenda_stamps"
    __table_args__ = (UniqueConstraint("meeting_id", "kind", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    kind: Mapped[Stamp] = mapped_column(enumeration(Stamp))
    number: Mapped[int]
    at: Mapped[datetime]
    stood: Mapped[dict[str, Any]] = mapped_column(JSON)


class Resolution(Base):
    """What was decided on an item, and what it is about.

    `quorate`: whether the quorum was there; None until attendance is taken.
    """

    __tablename__ = "resolutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    compound_id: Mapped[int | None] = mapped_column(ForeignKey("compounds.id"), index=True)
    pipeline_id: Mapped[int | None] = mapped_column(ForeignKey("pipelines.id"), index=True)
    quorate: Mapped[bool | None]

    @property
    def said(self) -> str:
        """Return the text as minutes print it, marked where the quorum was missing."""
        return f"{self.text}{WITHOUT_QUORUM}" if self.quorate is False else self.text


class ActionItem(Base):
    """Who does what by when; open until closed with evidence.

    `done_on`: the day on which it was said to be done, while that waits or once it was accepted.
    `carried` counts the unit's later meetings that found it open; `escalated_at`: when the street
    was told.
    """

    __tablename__ = "action_items"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (evidence IS NULL)", name="evidence"),
        Index("ix_action_items_owner_id_closed_at", "owner_id", "closed_at"),
        Index("ix_action_items_unit_id_closed_at", "unit_id", "closed_at"),
        Index("ix_action_items_deadline_closed_at", "deadline", "closed_at"),
        Index(
            "ix_action_items_open",
            "deadline",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("units.id"),
        info=follows(
            N_("未办结的督办事项"),
            label="meeting_id.title",
            only=lambda items: items.c.closed_at.is_(None),
        ),
    )
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    matter: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    co_owners: Mapped[str | None] = mapped_column(String(200))
    deadline: Mapped[date]
    closed_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(Text)
    done_on: Mapped[date | None]
    escalated_at: Mapped[datetime | None]
    carried: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1)

    meeting: Mapped[Meeting] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    owner: Mapped[Officer] = relationship(lazy="raise")
    reports: Mapped[list["ActionReport"]] = relationship(
        back_populates="item", order_by="ActionReport.id", lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

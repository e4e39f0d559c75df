"""Units, venues, meetings and who attends them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.access import Role
from govgrid.db import Base, enumeration
from govgrid.grid.follow import follows
from govgrid.grid.models import Area, Compound, Officer
from govgrid.meetings.models.settings import Kind, SettingColumns
from govgrid.words import N_, Word


class Stage(Word):
    """How far a meeting has come; moves stand in `rules.MOVES`."""

    PLANNED = "planned", N_("已排定")
    CONFIRMED = "confirmed", N_("已确认")
    HELD = "held", N_("已召开")
    CANCELLED = "cancelled", N_("已取消")


class Reply(Word):
    """An attendee's answer to the invitation."""

    NEEDS_ACTION = "needs_action", N_("未回复")
    ACCEPTED = "accepted", N_("参加")
    TENTATIVE = "tentative", N_("待定")
    DECLINED = "declined", N_("请假")
    SUBSTITUTE = "substitute", N_("委派代会")


class Attendance(Word):
    """Whether an attendee came."""

    PRESENT = "present", N_("出席")
    EXCUSED = "excused", N_("请假")
    ABSENT = "absent", N_("缺席")
    SUBSTITUTE = "substitute", N_("代会")


OPEN = (Stage.PLANNED, Stage.CONFIRMED)


class Venue(Base):
    """A room for meetings; it holds one meeting at a time. No `capacity`: nobody has counted."""

    __tablename__ = "venues"
    __table_args__ = (
        UniqueConstraint("community_id", "name"),
        CheckConstraint("capacity > 0", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"), info=follows(N_("会议室"), distinct="name")
    )
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(200))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    capacity: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    community: Mapped[Area] = relationship(lazy="raise")
    closures: Mapped[list["VenueClosure"]] = relationship(
        back_populates="venue", order_by="VenueClosure.start", lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class VenueClosure(Base):
    """A time in which a room is not to be had: let to others, under repair, lost; `end` excluded."""

    __tablename__ = "venue_closures"
    __table_args__ = (
        CheckConstraint('"end" > start', name="period"),
        Index("ix_venue_closures_venue_id_end", "venue_id", "end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venues.id", ondelete="CASCADE"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(80))

    venue: Mapped[Venue] = relationship(back_populates="closures", lazy="raise")


class Unit(SettingColumns, Base):
    """What meets every month: a compound, or a whole community (compound_id None).

    A compound may meet twice: jointly, and its project with the owners. The settings are the
    unit's own; None: as those of the areas above. While `paused` it is not planned.
    """

    __tablename__ = "units"
    __table_args__ = (
        UniqueConstraint("compound_id", "kind"),
        CheckConstraint("kind = 'joint' OR compound_id IS NOT NULL", name="owners_of_compound"),
        Index(
            "uq_units_community_id",
            "community_id",
            unique=True,
            sqlite_where=text("compound_id IS NULL"),
            postgresql_where=text("compound_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"),
        index=True,
        info=follows(
            N_("会议单元"),
            label="compound_id.name",
            via="compound_id",
            inherited=lambda units: units.c.compound_id.is_(None),
        ),
    )
    compound_id: Mapped[int | None] = mapped_column(ForeignKey("compounds.id"))
    kind: Mapped[Kind] = mapped_column(enumeration(Kind), default=Kind.JOINT)
    paused: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    community: Mapped[Area] = relationship(lazy="raise")
    compound: Mapped[Compound | None] = relationship(lazy="raise")
    venue: Mapped[Venue | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def name(self) -> str:
        return self.compound.name if self.compound else self.community.name


class Meeting(Base):
    """One unit's joint meeting of a month (its first day); `end` is excluded.

    `sequence` counts what calendars must notice: start, end, place, cancelling.
    """

    __tablename__ = "meetings"
    __table_args__ = (
        CheckConstraint('"end" > start', name="period"),
        Index(
            "uq_meetings_unit_id_month",
            "unit_id",
            "month",
            unique=True,
            sqlite_where=text("stage <> 'cancelled'"),
            postgresql_where=text("stage <> 'cancelled'"),
        ),
        Index("ix_meetings_community_id_month", "community_id", "month"),
        Index("ix_meetings_month", "month"),
        Index("ix_meetings_community_id_start", "community_id", "start"),
        Index("ix_meetings_unit_id_start", "unit_id", "start"),
        Index("ix_meetings_venue_id_start", "venue_id", "start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("units.id"),
        info=follows(
            N_("未召开的会议（会议单元）"),
            label="title",
            only=lambda meetings: meetings.c.stage.in_(OPEN),
            once="month",
            rivals=lambda meetings: meetings.c.stage != Stage.CANCELLED,
        ),
    )
    community_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"),
        info=follows(
            N_("未召开的会议"),
            label="title",
            via="unit_id",
            only=lambda meetings: meetings.c.stage.in_(OPEN),
        ),
    )
    month: Mapped[date]
    stage: Mapped[Stage] = mapped_column(enumeration(Stage))
    title: Mapped[str] = mapped_column(String(120))
    start: Mapped[datetime]
    end: Mapped[datetime]
    venue_id: Mapped[int] = mapped_column(ForeignKey("venues.id"))
    convenor_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    invited_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit] = relationship(lazy="raise")
    community: Mapped[Area] = relationship(lazy="raise")
    venue: Mapped[Venue] = relationship(lazy="raise")
    convenor: Mapped[Officer] = relationship(lazy="raise")
    attendees: Mapped[list["Attendee"]] = relationship(
        back_populates="meeting", order_by="Attendee.id", lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Attendee(Base):
    """A person due at a meeting; a removed one keeps the row, so that the CANCEL is known.

    `nonce` makes the reply link; changing it revokes the link. `link` is the link token's hash.
    `known_away`: taken elsewhere when the meeting was placed, and left out knowingly. `asked` is
    the SEQUENCE of the last request; an answer to an earlier one is stale.
    """

    __tablename__ = "attendees"
    __table_args__ = (
        UniqueConstraint("meeting_id", "officer_id"),
        Index("ix_attendees_officer_id_meeting_id", "officer_id", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    role: Mapped[Role] = mapped_column(enumeration(Role))
    required: Mapped[bool] = mapped_column(default=True)
    observer: Mapped[bool] = mapped_column(default=False)
    nonce: Mapped[str] = mapped_column(String(40))
    link: Mapped[str] = mapped_column(String(64), unique=True)
    reply: Mapped[Reply] = mapped_column(enumeration(Reply), default=Reply.NEEDS_ACTION)
    replied_at: Mapped[datetime | None]
    reply_note: Mapped[str | None] = mapped_column(String(200))
    substitute: Mapped[str | None] = mapped_column(String(40))
    attendance: Mapped[Attendance | None] = mapped_column(enumeration(Attendance))
    known_away: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="attendees", lazy="raise")
    officer: Mapped[Officer] = relationship(lazy="raise")

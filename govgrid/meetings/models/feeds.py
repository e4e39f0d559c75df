"""Calendar addresses that people subscribe to, events kept for them, copies on a CalDAV server."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import follows
from govgrid.grid.models import Area
from govgrid.meetings.models.meeting import Stage, Unit
from govgrid.words import N_


class FeedLink(Base):
    """One address of a person: own meetings, or those of an area or a unit.

    Changing the nonce revokes the address. What an area or unit feed shows is asked for anew at
    each request: it ends with the right to see the place.
    """

    __tablename__ = "feed_links"
    __table_args__ = (CheckConstraint("area_id IS NULL OR unit_id IS NULL", name="one_subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(
        ForeignKey("areas.id"),
        index=True,
        info=follows(N_("日历订阅"), label="officer_id.name"),
    )
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("units.id"),
        index=True,
        info=follows(N_("日历订阅（会议单元）"), label="officer_id.name"),
    )
    nonce: Mapped[str] = mapped_column(String(40))
    link: Mapped[str] = mapped_column(String(64), unique=True)

    area: Mapped[Area | None] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")


class FeedEvent(Base):
    """A meeting as feeds show it, beside all that went into it.

    It is looked up by every one of these values as they are now, so that nothing has to be told
    when a meeting, its room or its convenor changes. `manner` stands for what is no meeting's own
    (see `feeds.manner`); `mark` is the start of the text's digest, and a feed's ETag their sum.
    """

    __tablename__ = "feed_events"

    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    manner: Mapped[str] = mapped_column(String(64))
    uid: Mapped[str] = mapped_column(String(36))
    sequence: Mapped[int]
    start: Mapped[datetime]
    end: Mapped[datetime]
    title: Mapped[str] = mapped_column(String(120))
    stage: Mapped[Stage] = mapped_column(enumeration(Stage))
    invited_at: Mapped[datetime]
    room: Mapped[str] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(200))
    convenor: Mapped[str] = mapped_column(String(40))
    mark: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)


class CalendarCopy(Base):
    """What we wrote of a meeting to the CalDAV server: its versions, where, and the ETag.

    An empty `href`: nothing of it lies there. After a refusal it is tried again at `retry_after`.
    """

    __tablename__ = "calendar_copies"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    version: Mapped[int]
    room_version: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    href: Mapped[str] = mapped_column(String(500))
    etag: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int]
    retry_after: Mapped[datetime | None]

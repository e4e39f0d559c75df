"""Calendar addresses that people subscribe to, and copies on a CalDAV server."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.follow import follows
from govgrid.grid.models import Area
from govgrid.meetings.models.meeting import Unit
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

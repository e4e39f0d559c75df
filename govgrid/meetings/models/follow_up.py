"""What becomes of action items: who helps, what was reported done, with pictures, and the answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.models import Officer
from govgrid.meetings.models.agenda import ActionItem


class CoOwner(Base):
    """An officer who does an action item together with its owner."""

    __tablename__ = "action_co_owners"

    action_item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True
    )
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), primary_key=True, index=True)

    officer: Mapped[Officer] = relationship(lazy="raise")


class ActionReport(Base):
    """That an action item was said to be done, and what the convenor answered.

    `accepted` None: it waits. `reason` stands where it was sent back.
    """

    __tablename__ = "action_reports"
    __table_args__ = (
        CheckConstraint("(accepted IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("accepted IS NULL OR accepted OR reason IS NOT NULL", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action_item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    accepted: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(500))

    item: Mapped[ActionItem] = relationship(back_populates="reports", lazy="raise")
    photos: Mapped[list["ReportPhoto"]] = relationship(order_by="ReportPhoto.id", lazy="raise")


class ReportPhoto(Base):
    """A picture in a report; its bytes (`size` of them) lie in the archive by their hash."""

    __tablename__ = "report_photos"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(
        ForeignKey("action_reports.id", ondelete="CASCADE"), index=True
    )
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)

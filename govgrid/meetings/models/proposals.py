"""Tables of what attendees propose for an agenda."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.meetings.models.meeting import Attendee
from govgrid.words import N_, Word


class ProposalStage(Word):
    """How far a proposal has come."""

    WAITING = "waiting", N_("待处理")
    TAKEN = "taken_up", N_("已列入议程")
    DECLINED = "turned_down", N_("未列入议程")


class Proposal(Base):
    """What an attendee proposed through the private link, and what the convening office said."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("(stage = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("stage <> 'turned_down' OR reason IS NOT NULL", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    attendee_id: Mapped[int] = mapped_column(ForeignKey("attendees.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    stage: Mapped[ProposalStage] = mapped_column(
        enumeration(ProposalStage), default=ProposalStage.WAITING
    )
    reason: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    agenda_item_id: Mapped[int | None] = mapped_column(
        ForeignKey("agenda_items.id", ondelete="SET NULL"), index=True
    )
    version: Mapped[int] = mapped_column(default=1)

    attendee: Mapped[Attendee] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

"""Tables of supervision: by what thresholds a company is measured, and what followed."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Area, Organization
from govgrid.words import N_, Word


class Sanction(Word):
    """A step against a company, the mildest first."""

    INTERVIEW = "interview", N_("约谈")
    CIRCULAR = "circular", N_("通报")
    CREDIT = "credit", N_("信用扣分")


class Verdict(Word):
    """How far a step has come."""

    PROPOSED = "proposed", N_("待决定")
    CONFIRMED = "confirmed", N_("已确认")
    REJECTED = "rejected", N_("不予采取")


class Threshold(Base):
    """What an area asks of companies; areas below without a row of their own ask the same.

    The four rates in per cent, `least` the cases of a month below which nobody is measured,
    `circular_at` and `credit_at` how many rates must be missed for that step.
    """

    __tablename__ = "rate_thresholds"

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True, info=STAYS)
    least: Mapped[int]
    response: Mapped[int]
    completion: Mapped[int]
    satisfaction: Mapped[int]
    report: Mapped[int]
    circular_at: Mapped[int]
    credit_at: Mapped[int]
    points: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SupervisionStep(Base):
    """What is to follow for a company's month in an area: proposed by rule, decided by a person.

    `figures` are the counts that led to it, as they stood `as_of`; `misses` the rates below their
    thresholds, each with both.
    """

    __tablename__ = "supervision_steps"
    __table_args__ = (
        UniqueConstraint("area_id", "month", "company_id"),
        Index("ix_supervision_steps_company_id_month", "company_id", "month"),
        CheckConstraint("(stage = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("stage <> 'rejected' OR reason IS NOT NULL", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    company_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    month: Mapped[date]
    kind: Mapped[Sanction] = mapped_column(enumeration(Sanction))
    points: Mapped[int]
    stage: Mapped[Verdict] = mapped_column(enumeration(Verdict))
    figures: Mapped[dict[str, int]] = mapped_column(JSON)
    misses: Mapped[list[tuple[str, float, int]]] = mapped_column(JSON)
    as_of: Mapped[datetime]
    proposed_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(400))
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(lazy="raise")
    company: Mapped[Organization] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

"""Tables of the pipeline: an area's rules, a compound's way, its votes and each step taken."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Compound, Officer
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode
from govgrid.words import N_, Word


class Stage(Word):
    """How far a compound has come; the last two end the way."""

    SURVEY = "survey", N_("摸底调查")
    OPINION = "opinion", N_("居民意见")
    PLAN = "plan", N_("制定方案")
    AGREEMENT = "agreement", N_("签订协议")
    HANDOVER = "handover", N_("交接进场")
    REVIEW = "review", N_("回访评估")
    DONE = "done", N_("已完成")
    DROPPED = "dropped", N_("已终止")


class Quota(Word):
    """A share that must be reached, or passed."""

    MORE_THAN_HALF = "more_than_half", N_("过半数")
    TWO_THIRDS = "two_thirds", N_("三分之二以上")
    THREE_QUARTERS = "three_quarters", N_("四分之三以上")

    def met(self, part: Decimal, whole: Decimal) -> bool:
        """Tell whether the part is enough of the whole; of nothing, nothing is enough."""
        asked = _SHARES[self]
        have = Fraction(part) * asked.denominator
        want = Fraction(whole) * asked.numerator
        return whole > 0 and (have > want if self is Quota.MORE_THAN_HALF else have >= want)


_SHARES = {
    Quota.MORE_THAN_HALF: Fraction(1, 2),
    Quota.TWO_THIRDS: Fraction(2, 3),
    Quota.THREE_QUARTERS: Fraction(3, 4),
}


class PipelineRule(Base):
    """What an area asks of votes and stages; areas below without a row of their own ask the same.

    `days` are the working days of each stage, by its key.
    """

    __tablename__ = "pipeline_rules"

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True, info=STAYS)
    participation: Mapped[Quota] = mapped_column(enumeration(Quota))
    consent: Mapped[Quota] = mapped_column(enumeration(Quota))
    days: Mapped[dict[str, int]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Pipeline(Base):
    """A compound's way; only one of a compound runs. The terms are what was agreed, until handover.

    `deadline` is the last day of the stage.
    """

    __tablename__ = "pipelines"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (stage NOT IN ('done', 'dropped'))", name="end"),
        CheckConstraint("goal <> 'none'", name="goal"),
        CheckConstraint("until IS NULL OR since IS NULL OR until >= since", name="period"),
        CheckConstraint("fee IS NULL OR fee_unit IS NOT NULL", name="fee_unit"),
        Index(
            "ix_pipelines_running",
            "compound_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index("ix_pipelines_compound_id", "compound_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"))
    goal: Mapped[Mode] = mapped_column(enumeration(Mode))
    stage: Mapped[Stage] = mapped_column(enumeration(Stage))
    owner_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    deadline: Mapped[date]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    operator: Mapped[str | None] = mapped_column(String(120))
    agreement: Mapped[str | None] = mapped_column(String(60))
    since: Mapped[date | None]
    until: Mapped[date | None]
    fee: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    fee_unit: Mapped[FeeUnit | None] = mapped_column(enumeration(FeeUnit))
    fee_model: Mapped[FeeModel | None] = mapped_column(enumeration(FeeModel))
    version: Mapped[int] = mapped_column(default=1)

    compound: Mapped[Compound] = relationship(lazy="raise")
    owner: Mapped[Officer] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Ballot(Base):
    """A vote of the owners, by persons and by floor area in square metres, with the rule it followed."""

    __tablename__ = "pipeline_ballots"
    __table_args__ = (
        CheckConstraint(
            "persons > 0 AND persons_voted BETWEEN 0 AND persons"
            " AND persons_for BETWEEN 0 AND persons_voted",
            name="persons",
        ),
        CheckConstraint(
            "area > 0 AND area_voted BETWEEN 0 AND area AND area_for BETWEEN 0 AND area_voted",
            name="area",
        ),
        Index("ix_pipeline_ballots_pipeline_id", "pipeline_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipelines.id"))
    held_on: Mapped[date]
    question: Mapped[str] = mapped_column(String(200))
    persons: Mapped[int]
    persons_voted: Mapped[int]
    persons_for: Mapped[int]
    area: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    area_voted: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    area_for: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    participation: Mapped[Quota] = mapped_column(enumeration(Quota))
    consent: Mapped[Quota] = mapped_column(enumeration(Quota))
    passed: Mapped[bool]
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime]


class PipelineStep(Base):
    """One step of a way, forward, back or to its end; never changed.

    `note` says what came of the stage, or why it went back. `resolution_id` is the number of the
    resolution behind it, which knows its pipeline; `resolution` what it said, and where.
    """

    __tablename__ = "pipeline_steps"
    __table_args__ = (Index("ix_pipeline_steps_pipeline_id", "pipeline_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipelines.id"))
    before: Mapped[Stage | None] = mapped_column(enumeration(Stage))
    after: Mapped[Stage] = mapped_column(enumeration(Stage))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    owner: Mapped[str] = mapped_column(String(40))
    deadline: Mapped[date]
    note: Mapped[str] = mapped_column(Text)
    resolution_id: Mapped[int | None]
    resolution: Mapped[str | None] = mapped_column(Text)

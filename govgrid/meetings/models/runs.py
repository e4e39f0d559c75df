"""Plans in the making: a run of the planner over an area's month, and a line for each unit."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Area
from govgrid.meetings.models.meeting import Meeting, Unit, Venue
from govgrid.words import N_, Word

_JSON = JSON(none_as_null=True)


class RunState(Word):
    """How far a run has come; it goes one way."""

    WAITING = "waiting", N_("等待编排")
    RUNNING = "running", N_("正在编排")
    DONE = "done", N_("编排完成")
    FAILED = "failed", N_("未能编排")


UNDER_WAY = (RunState.WAITING, RunState.RUNNING)


class PlanRun(Base):
    """One run over an area's month, worked off under a lease.

    `paths` are the area's and those it manages. `base_id` is the run whose lines should move as
    little as can be; with `repair` the meetings that stand are. `adjust` is what gives way, by
    unit id. `progress` is what the solver told last. `taken_at`: when lines became meetings.
    """

    __tablename__ = "plan_runs"
    __table_args__ = (
        Index("ix_plan_runs_area_id_month", "area_id", "month", "id"),
        Index(
            "ix_plan_runs_under_way",
            "month",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    paths: Mapped[list[str]] = mapped_column(JSON)
    month: Mapped[date]
    repair: Mapped[bool] = mapped_column(default=False)
    again: Mapped[bool] = mapped_column(default=False)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("plan_runs.id"), index=True)
    seed: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int]
    adjust: Mapped[dict[str, Any]] = mapped_column(JSON)
    account_id: Mapped[int]
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    state: Mapped[RunState] = mapped_column(enumeration(RunState), default=RunState.WAITING)
    stop_asked: Mapped[bool] = mapped_column(default=False)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    progress: Mapped[dict[str, Any]] = mapped_column(JSON)
    taken_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PlanLine(Base):
    """A unit's meeting in a run: when and where, who is due, or why there is no place.

    `due` are triples of officer, role and part, `guests` officers who are asked and can come.
    `before` is last month's start, `stood` and `stood_venue_id` where the meeting stood before the
    run. `meeting_id` is the meeting that stands or was made; `taken` how it was before it was
    taken over (empty: there was none). `reasons` and `ways` say why not, and what would help.
    """

    __tablename__ = "plan_lines"
    __table_args__ = (
        UniqueConstraint("run_id", "unit_id"),
        Index("ix_plan_lines_run_id_start", "run_id", "start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("plan_runs.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True, info=STAYS)
    start: Mapped[datetime | None]
    minutes_long: Mapped[int]
    venue_id: Mapped[int] = mapped_column(ForeignKey("venues.id"))
    fixed: Mapped[bool] = mapped_column(default=False)
    pinned: Mapped[bool] = mapped_column(default=False)
    due: Mapped[list[list[Any]]] = mapped_column(JSON)
    guests: Mapped[list[int]] = mapped_column(JSON)
    before: Mapped[datetime | None]
    stood: Mapped[datetime | None]
    stood_venue_id: Mapped[int | None]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    taken: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    ways: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)

    run: Mapped[PlanRun] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    venue: Mapped[Venue] = relationship(lazy="raise")
    meeting: Mapped[Meeting | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PlanPart(Base):
    """Some meetings of a run, one street's as a rule, that any worker may search under a lease.

    `part` and `found` are JSON; `tries` counts the leases. The worker that leads the run lays the
    parts out and clears them away.
    """

    __tablename__ = "plan_parts"
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        Index(
            "ix_plan_parts_open",
            "run_id",
            "number",
            sqlite_where=text("found IS NULL"),
            postgresql_where=text("found IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("plan_runs.id", ondelete="CASCADE"))
    number: Mapped[int]
    part: Mapped[str] = mapped_column(Text)
    found: Mapped[str | None] = mapped_column(Text)
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)

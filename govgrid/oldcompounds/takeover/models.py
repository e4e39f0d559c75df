"""Tables of package takeovers: a run that proposes packages, the packages, their compounds."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Area, Compound
from govgrid.words import N_, Word

_JSON = JSON(none_as_null=True)


class RunState(Word):
    """How far a run has come; it goes one way."""

    WAITING = "waiting", N_("等待测算")
    RUNNING = "running", N_("正在测算")
    DONE = "done", N_("测算完成")
    FAILED = "failed", N_("未能测算")


class PackageRun(Base):
    """One search for packages in an area, worked off under a lease.

    `reach` is in metres, `fee` in yuan a square metre and month for compounds without a plan.
    `outcome` holds score, bound, and why compounds were left out; `progress` what was told last.
    """

    __tablename__ = "package_runs"
    __table_args__ = (
        Index("ix_package_runs_area_id", "area_id", "id"),
        Index(
            "ix_package_runs_under_way",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    least_households: Mapped[int]
    reach: Mapped[int]
    fee: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    collection_rate: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    seconds: Mapped[int]
    seed: Mapped[int]
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    state: Mapped[RunState] = mapped_column(enumeration(RunState))
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(200))
    progress: Mapped[dict[str, Any]] = mapped_column(JSON)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(_JSON)

    area: Mapped[Area] = relationship(lazy="raise")
    packages: Mapped[list["Package"]] = relationship(order_by="Package.number", lazy="raise")


class Package(Base):
    """A proposed package; once signed it carries its contract and who signed it when."""

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        CheckConstraint("(signed_at IS NULL) = (contract IS NULL)", name="signed"),
        CheckConstraint("until IS NULL OR until >= since", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("package_runs.id"))
    number: Mapped[int]
    centre_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), index=True)
    contract: Mapped[str | None] = mapped_column(String(60), unique=True)
    operator: Mapped[str | None] = mapped_column(String(120))
    since: Mapped[date | None]
    until: Mapped[date | None]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("coverage_acts.id"), index=True)
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(default=1)

    run: Mapped[PackageRun] = relationship(back_populates="packages", lazy="raise")
    members: Mapped[list["PackageMember"]] = relationship(order_by="PackageMember.id", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PackageMember(Base):
    """A compound of a package: households, a month's income and cost in yuan, metres to the centre.

    `signed` tells whether the contract took it in.
    """

    __tablename__ = "package_members"
    __table_args__ = (UniqueConstraint("package_id", "compound_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), index=True)
    households: Mapped[int]
    income: Mapped[int]
    cost: Mapped[int]
    metres: Mapped[int]
    planned: Mapped[bool]
    signed: Mapped[bool] = mapped_column(default=False)

    compound: Mapped[Compound] = relationship(lazy="raise")

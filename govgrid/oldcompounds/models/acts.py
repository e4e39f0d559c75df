"""Tables of what was done to coverage: acts, the periods they replaced, scans of agreements."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.models import Organization
from govgrid.oldcompounds.models.coverage import Held
from govgrid.words import N_, Word


class ActKind(Word):
    """What somebody did to the histories of one or more compounds."""

    RECORDED = "coverage_recorded", N_("登记")
    CORRECTED = "coverage_corrected", N_("更正")
    REMOVED = "coverage_removed", N_("删除")
    IMPORTED = "coverage_imported", N_("导入")
    TAKEN_OVER = "coverage_taken_over", N_("整体承接")
    UNDONE = "coverage_undone", N_("撤回")


class Act(Base):
    """Something done at once, and undone at once: who, when, why, from which file."""

    __tablename__ = "coverage_acts"
    __table_args__ = (Index("ix_coverage_acts_kind", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ActKind] = mapped_column(enumeration(ActKind))
    at: Mapped[datetime]
    by_id: Mapped[int | None]  # the account; None: the command line
    by_name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(300))
    file: Mapped[str | None] = mapped_column(String(120))
    sha256: Mapped[str | None] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    undoes: Mapped[int | None] = mapped_column(ForeignKey("coverage_acts.id"), unique=True)


class Version(Held, Base):
    """A period as it stood before an act replaced or removed it. Never changed."""

    __tablename__ = "coverage_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), index=True)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("coverage_acts.id"), index=True)
    replaced_by: Mapped[int] = mapped_column(ForeignKey("coverage_acts.id"), index=True)
    relinked: Mapped[bool] = mapped_column(default=False)  # only what it follows was changed

    operator: Mapped[Organization | None] = relationship(lazy="raise")
    act: Mapped[Act | None] = relationship(foreign_keys=[act_id], lazy="raise")
    replacing: Mapped[Act] = relationship(foreign_keys=[replaced_by], lazy="raise")


class Scan(Base):
    """An agreement's scan, kept in the archive under its hash."""

    __tablename__ = "agreement_scans"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(80))

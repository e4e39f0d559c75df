"""Tables of notices: the year one is for, the days it decrees, and each one that came in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base


class WorkdayNotice(Base):
    """The State Council's notice for a year; the same year imported again replaces it."""

    __tablename__ = "workday_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    papers: Mapped[list[str]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]


class WorkdayRow(Base):
    """A day that a notice decrees; `year` is the notice's, so that it may lie in December before."""

    __tablename__ = "workday_days"

    year: Mapped[int] = mapped_column(ForeignKey("workday_years.year"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    off: Mapped[bool]


class WorkdayChange(Base):
    """A notice that came in: looked at, applied, perhaps taken back.

    `notice` and `before` (what it took the place of; None: no imported one) are in the open form.
    `turned` are the days that changed when it was applied: day, kind before, kind after, festival.
    """

    __tablename__ = "workday_changes"
    __table_args__ = (Index("ix_workday_changes_year", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    file: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    notice: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    turned: Mapped[list[list[str]]] = mapped_column(JSON)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(40))
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[str | None] = mapped_column(String(40))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

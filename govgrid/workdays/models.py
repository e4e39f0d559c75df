"""Tables of imported notices: the year a notice is for, and the days it decrees."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String
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

"""Table of reports that a worker makes: a district with all its streets."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Area


class ReportJob(Base):
    """The reports of an area and of those below it for a month, bound as one.

    `done` of `total` are printed, `skipped` holds a line for each that could not be; `paper` and
    `book` are the hashes of the PDF and of the workbook.
    """

    __tablename__ = "report_jobs"
    __table_args__ = (
        Index("ix_report_jobs_area_id_asked_at", "area_id", "asked_at"),
        Index(
            "ix_report_jobs_open",
            "asked_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    month: Mapped[date]
    as_of: Mapped[datetime]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[list[str]] = mapped_column(JSON)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    paper: Mapped[str | None] = mapped_column(String(64))
    book: Mapped[str | None] = mapped_column(String(64))
    failure: Mapped[str | None] = mapped_column(String(200))

    area: Mapped[Area] = relationship(lazy="raise")

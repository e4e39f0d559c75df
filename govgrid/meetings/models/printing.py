"""A street's minutes to be printed as one file."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Area
from govgrid.words import N_, Word


class PrintState(Word):
    """How far a print has come."""

    UNDER_WAY = "under_way", N_("正在汇编")
    DONE = "done", N_("已完成")
    EMPTY = "empty", N_("没有可印的纪要")


class MinutesPrint(Base):
    """Minutes of an area's month to be bound; a worker takes a few at a time, under a lease.

    `waiting` are ids of minutes in order, `parts` the id of each that is ready with the file's hash,
    `skipped` the id of each left out with the reason. `missing` says what the register names as not
    in the file. `paper` is the hash of the bound PDF.
    """

    __tablename__ = "minutes_prints"
    __table_args__ = (
        Index("ix_minutes_prints_area_id_month", "area_id", "month", "id"),
        Index(
            "ix_minutes_prints_open",
            "asked_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    month: Mapped[date]
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    total: Mapped[int]
    waiting: Mapped[list[int]] = mapped_column(JSON)
    parts: Mapped[list[tuple[int, str]]] = mapped_column(JSON)
    skipped: Mapped[list[tuple[int, str]]] = mapped_column(JSON)
    missing: Mapped[list[str]] = mapped_column(JSON)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    paper: Mapped[str | None] = mapped_column(String(64))

    area: Mapped[Area] = relationship(lazy="raise")

    @property
    def state(self) -> PrintState:
        """Return how far it has come."""
        if self.finished_at is None:
            return PrintState.UNDER_WAY
        return PrintState.DONE if self.paper else PrintState.EMPTY

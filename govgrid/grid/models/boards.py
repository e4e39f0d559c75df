"""Table of notice boards that are printed."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import STAYS
from govgrid.grid.models.areas import Area
from govgrid.grid.models.officers import Officer
from govgrid.words import N_, Word


class PaperSize(Word):
    """Paper of a notice board: the same page, larger."""

    A4 = "A4", N_("A4 竖版")
    A3 = "A3", N_("A3 竖版")


class BoardPrint(Base):
    """Notice boards of an area to be printed as one PDF; a worker takes a few at a time.

    `waiting` are ids of compounds, `parts` community, name and hash of each board printed,
    `skipped` a line for each left out, `paper` the hash of the bound PDF.
    """

    __tablename__ = "board_prints"
    __table_args__ = (
        Index("ix_board_prints_area_id_asked_at", "area_id", "asked_at"),
        Index(
            "ix_board_prints_open",
            "asked_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    asked_at: Mapped[datetime]
    size: Mapped[PaperSize] = mapped_column(enumeration(PaperSize))
    with_gaps: Mapped[bool]
    total: Mapped[int]
    waiting: Mapped[list[int]] = mapped_column(JSON)
    parts: Mapped[list[list[str]]] = mapped_column(JSON)
    skipped: Mapped[list[str]] = mapped_column(JSON)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    paper: Mapped[str | None] = mapped_column(String(64))
    failure: Mapped[str | None] = mapped_column(String(200))

    area: Mapped[Area] = relationship(lazy="raise")
    officer: Mapped[Officer] = relationship(lazy="raise")

"""Tables of the letters about watched compounds: one turn a day, each stage told once."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base


class CoverageTurn(Base):
    """A day on which old compounds were looked through for what to tell."""

    __tablename__ = "coverage_turns"

    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    letters: Mapped[int]


class CoverageCall(Base):
    """That people were told of a compound's concern at a stage: `mark` names all three."""

    __tablename__ = "coverage_calls"

    mark: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]

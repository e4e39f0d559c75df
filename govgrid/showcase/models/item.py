"""Table of what is published now: promised and done, money in and out."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.models import Compound


class ShowcaseItem(Base):
    """One line of a panel that a compound's project published for a period (its first day).

    Panels are free words by configuration; the default two are 晒服务 and 晒收支. How it came to
    this stands in the versions, where it was not a sheet that brought it.
    """

    __tablename__ = "showcase_items"
    __table_args__ = (UniqueConstraint("compound_id", "period", "panel", "item"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"))
    period: Mapped[date]
    panel: Mapped[str] = mapped_column(String(20))
    item: Mapped[str] = mapped_column(String(80))
    promise: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    met: Mapped[bool | None]
    published_on: Mapped[date | None]

    compound: Mapped[Compound] = relationship(lazy="raise")

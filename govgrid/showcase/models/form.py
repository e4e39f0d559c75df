"""Table of what an area wants to be shown, how often and by when."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base
from govgrid.grid.follow import STAYS


class ShowcaseForm(Base):
    """What a district or street wants shown; areas below without a row of their own follow it.

    A period is so many months; it is due on the `due_day` of the month after it. `panels` are
    word, kind and items, each item with its promise and whether money comes in or goes out.
    """

    __tablename__ = "showcase_forms"
    __table_args__ = (
        CheckConstraint("months IN (1, 3, 6, 12)", name="months"),
        CheckConstraint("due_day BETWEEN 1 AND 28", name="due_day"),
    )

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True, info=STAYS)
    months: Mapped[int]
    due_day: Mapped[int]
    panels: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

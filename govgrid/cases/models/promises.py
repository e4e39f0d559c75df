"""Tables of how fast a company must answer: an area's hours, and what a company itself promises."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Area, Compound, Organization


class ServiceHours(Base):
    """Minutes for a reply in an area from a day on; areas below without a row have the same."""

    __tablename__ = "service_hours"
    __table_args__ = (CheckConstraint("reply_workday > 0 AND reply_other > 0", name="positive"),)

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True, info=STAYS)
    since: Mapped[date] = mapped_column(primary_key=True)
    reply_workday: Mapped[int]
    reply_other: Mapped[int]
    set_by: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime]


class Promise(Base):
    """What a company promises in an area, or for one compound, dated; `until` is the last day.

    `reply` and `on_site` in minutes from the receipt, `owners_meetings` a month. None: nothing said.
    """

    __tablename__ = "promises"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="period"),
        CheckConstraint(
            "reply IS NOT NULL OR on_site IS NOT NULL OR owners_meetings IS NOT NULL",
            name="something",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True, info=STAYS)
    company_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    compound_id: Mapped[int | None] = mapped_column(ForeignKey("compounds.id"), index=True)
    reply: Mapped[int | None]
    on_site: Mapped[int | None]
    owners_meetings: Mapped[int | None]
    since: Mapped[date]
    until: Mapped[date | None]
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(lazy="raise")
    company: Mapped[Organization] = relationship(lazy="raise")
    compound: Mapped[Compound | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

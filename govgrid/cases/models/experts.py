"""Tables of expert groups: who knows about what, and which cases called them in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Area, Officer


class ExpertGroup(Base):
    """A named group of an area, usually a district, for a field of knowledge; closed ones rest."""

    __tablename__ = "expert_groups"
    __table_args__ = (UniqueConstraint("area_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    name: Mapped[str] = mapped_column(String(60))
    field: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(lazy="raise")
    members: Mapped[list["ExpertMember"]] = relationship(
        lazy="raise", order_by="ExpertMember.id", back_populates="group"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ExpertMember(Base):
    """An officer, or somebody known by the title of a post elsewhere."""

    __tablename__ = "expert_members"
    __table_args__ = (
        UniqueConstraint("group_id", "officer_id"),
        CheckConstraint("(officer_id IS NULL) <> (title IS NULL)", name="one_way"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("expert_groups.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"), index=True)
    title: Mapped[str | None] = mapped_column(String(80))

    group: Mapped[ExpertGroup] = relationship(lazy="raise", back_populates="members")
    officer: Mapped[Officer | None] = relationship(lazy="raise")

    @property
    def name(self) -> str:
        """Return by what the member is known; the officer is loaded."""
        return self.officer.name if self.officer else self.title or ""


class ExpertCall(Base):
    """That a case called a group in; what was asked and advised are events of the case."""

    __tablename__ = "expert_calls"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("expert_groups.id"), primary_key=True, index=True
    )
    called_at: Mapped[datetime]

"""Tables of compounds and of the organizations that serve them."""

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.cipher import Encrypted
from govgrid.db import Base, enumeration, ordered
from govgrid.grid.follow import follows
from govgrid.grid.models.areas import Area
from govgrid.words import N_, Word


class CompoundKind(Word):
    """Kind of a residential compound; all but commodity are the old kinds."""

    COMMODITY = "commodity", N_("商品房小区")
    OLD_COURTYARD = "old_courtyard", N_("老旧院落")
    RESETTLEMENT = "rural_resettlement", N_("农民集中居住区")
    AFFORDABLE = "affordable", N_("保障性住房小区")
    RELOCATION = "relocation", N_("拆迁安置小区")


OLD_KINDS = tuple(kind for kind in CompoundKind if kind is not CompoundKind.COMMODITY)


class OrganizationKind(Word):
    """Kind of an organization."""

    PROPERTY_COMPANY = "property_company", N_("物业企业")
    SOCIAL_ORGANIZATION = "social_organization", N_("社会组织")
    RESIDENTS_COMMITTEE = "residents_committee", N_("居委会")
    OWNERS_COMMITTEE = "owners_committee", N_("业委会")
    STREET_OFFICE = "street_office", N_("街道办")
    HOUSING_DEPARTMENT = "housing_department", N_("住建部门")
    POLICE_STATION = "police_station", N_("派出所")
    OTHER = "other", N_("其他")


class Organization(Base):
    """A company, committee, office or department."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("name", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[OrganizationKind] = mapped_column(enumeration(OrganizationKind))
    phone: Mapped[str | None] = mapped_column(Encrypted("organizations.phone"))


class Compound(Base):
    """A residential compound; floor area in square metres, position in WGS84 degrees."""

    __tablename__ = "compounds"
    __table_args__ = (
        Index("ix_compounds_community_id_kind", "community_id", "kind"),
        CheckConstraint("households >= 0", name="households"),
        CheckConstraint("floor_area >= 0", name="floor_area"),
        CheckConstraint("buildings >= 0", name="buildings"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ordered(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[CompoundKind] = mapped_column(enumeration(CompoundKind))
    community_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"), info=follows(N_("小区"), via="grid_id")
    )
    grid_id: Mapped[int | None] = mapped_column(
        ForeignKey("areas.id"), index=True, info=follows(N_("小区（所属网格）"))
    )
    address: Mapped[str | None] = mapped_column(String(200))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    households: Mapped[int | None]
    floor_area: Mapped[float | None]
    buildings: Mapped[int | None]
    built_year: Mapped[int | None]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    contract_until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    community: Mapped[Area] = relationship(foreign_keys=[community_id], lazy="raise")
    grid: Mapped[Area | None] = relationship(foreign_keys=[grid_id], lazy="raise")
    company: Mapped[Organization | None] = relationship(lazy="raise")
    micro_grids: Mapped[list[Area]] = relationship(secondary="compound_micro_grids", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CompoundMicroGrid(Base):
    """A compound is served by one or more micro-grids."""

    __tablename__ = "compound_micro_grids"

    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), primary_key=True)
    micro_grid_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"),
        primary_key=True,
        index=True,
        info=follows(N_("小区（服务微网格）"), label="compound_id.name"),
    )

"""The table of coverage: who manages a compound, from when until when, on what terms."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.models import Compound, Organization
from govgrid.words import N_, Word


class Mode(Word):
    """Who manages a compound."""

    PROFESSIONAL = "professional", N_("专业化物业")
    CUSTODIAL = "custodial", N_("社区托管")
    DELEGATED = "delegated", N_("社会组织代管")
    SELF_MANAGED = "self_managed", N_("居民自管")
    NONE = "none", N_("无管理")


class FeeUnit(Word):
    """What a fee is counted by."""

    HOUSEHOLD_MONTH = "household_month", N_("元/户·月")
    AREA_MONTH = "area_month", N_("元/㎡·月")


class FeeModel(Word):
    """How the operator is paid."""

    LUMP = "lump", N_("包干制")
    FEE_BASED = "fee_based", N_("酬金制")
    TRUST = "trust", N_("信托制")


# A range of whole numbers, the compound's number in front of the days: such an index needs no
# extension (btree_gist), which not every database user may install.
DAYS = (
    "int8range(compound_id::bigint * 10000000 + (since - DATE '0001-01-01'),"
    " compound_id::bigint * 10000000 + (coalesce(until, DATE '9999-12-31') - DATE '0001-01-01'),"
    " '[]')"
)


class Held:
    """The columns of a period, as it stands or as it stood."""

    mode: Mapped[Mode] = mapped_column(enumeration(Mode))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    agreement: Mapped[str | None] = mapped_column(String(60))
    scan: Mapped[str | None] = mapped_column(ForeignKey("agreement_scans.sha256"), index=True)
    services: Mapped[list[str]] = mapped_column(JSON, default=list)
    fee: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    fee_unit: Mapped[FeeUnit | None] = mapped_column(enumeration(FeeUnit))
    fee_model: Mapped[FeeModel | None] = mapped_column(enumeration(FeeModel))
    collection_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    package: Mapped[str | None] = mapped_column(String(60), index=True)
    follows: Mapped[date | None]  # the last day of the period before, None for the first
    gap: Mapped[bool] = mapped_column(default=False)  # days that nobody recorded, between others
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Coverage(Held, Base):
    """One period of a compound's history; `until` is the last covered day, None while it runs.

    The periods of a compound are one chain: each but the first follows the one that ends on the
    day before it, and none is followed twice. So the database lets no gap and no overlap in.
    """

    __tablename__ = "coverages"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="period"),
        CheckConstraint("collection_rate BETWEEN 0 AND 1", name="collection_rate"),
        CheckConstraint("fee IS NULL OR fee >= 0", name="fee"),
        CheckConstraint("fee IS NULL OR fee_unit IS NOT NULL", name="fee_unit"),
        CheckConstraint("mode = 'none' OR NOT gap", name="gap"),
        CheckConstraint("follows = since - 1", name="follows").ddl_if(dialect="postgresql"),
        CheckConstraint("follows = date(since, '-1 day')", name="follows").ddl_if(dialect="sqlite"),
        UniqueConstraint("compound_id", "until"),
        ForeignKeyConstraint(
            ["compound_id", "follows"],
            ["coverages.compound_id", "coverages.until"],
            name="fk_coverages_compound_id_follows",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index(
            "ix_coverages_first",
            "compound_id",
            unique=True,
            sqlite_where=text("follows IS NULL"),
            postgresql_where=text("follows IS NULL"),
        ),
        Index("ix_coverages_compound_id_since", "compound_id", "since", unique=True),
        ExcludeConstraint(
            (literal_column(DAYS), "&&"), using="gist", name="ex_coverages_days"
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"))
    act_id: Mapped[int | None] = mapped_column(ForeignKey("coverage_acts.id"), index=True)

    compound: Mapped[Compound] = relationship(lazy="raise")
    operator: Mapped[Organization | None] = relationship(lazy="raise")

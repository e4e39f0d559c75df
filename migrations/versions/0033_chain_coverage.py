"""Chain the periods of a compound, keep what acts replace, and scans of agreements."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

DAY = timedelta(days=1)
DAYS = (
    "int8range(compound_id::bigint * 10000000 + (since - DATE '0001-01-01'),"
    " compound_id::bigint * 10000000 + (coalesce(until, DATE '9999-12-31') - DATE '0001-01-01'),"
    " '[]')"
)
FIRST = sa.text("follows IS NULL")
COVERAGES = sa.table(
    "coverages",
    sa.column("id", sa.Integer),
    sa.column("compound_id", sa.Integer),
    sa.column("mode", sa.String),
    sa.column("since", sa.Date),
    sa.column("until", sa.Date),
    sa.column("services", sa.JSON),
    sa.column("follows", sa.Date),
    sa.column("gap", sa.Boolean),
    sa.column("recorded_at", sa.DateTime(timezone=True)),
    sa.column("version", sa.Integer),
)


def upgrade() -> None:
    _add_tables()
    with op.batch_alter_table("coverages") as batch:
        batch.add_column(sa.Column("scan", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("services", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("follows", sa.Date(), nullable=True))
        batch.add_column(sa.Column("gap", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("act_id", sa.Integer(), nullable=True))
    _chain()
    sqlite = op.get_bind().dialect.name == "sqlite"
    before = "date(since, '-1 day')" if sqlite else "since - 1"
    with op.batch_alter_table("coverages") as batch:
        batch.alter_column("services", server_default=None)
        batch.alter_column("gap", server_default=None)
        batch.create_foreign_key(op.f("fk_coverages_scan"), "agreement_scans", ["scan"], ["sha256"])
        batch.create_foreign_key(op.f("fk_coverages_act_id"), "coverage_acts", ["act_id"], ["id"])
        batch.create_check_constraint(op.f("ck_coverages_gap"), "mode = 'none' OR NOT gap")
        batch.create_check_constraint(op.f("ck_coverages_follows"), f"follows = {before}")
        batch.create_unique_constraint(
            op.f("uq_coverages_compound_id_until"), ["compound_id", "until"]
        )
        batch.create_foreign_key(
            op.f("fk_coverages_compound_id_follows"),
            "coverages",
            ["compound_id", "follows"],
            ["compound_id", "until"],
            deferrable=True,
            initially="DEFERRED",
        )
    op.create_index(
        "ix_coverages_first", "coverages", ["compound_id"], unique=True, sqlite_where=FIRST,
        postgresql_where=FIRST,
    )  # fmt: skip
    op.create_index(op.f("ix_coverages_scan"), "coverages", ["scan"])
    op.create_index(op.f("ix_coverages_act_id"), "coverages", ["act_id"])
    if not sqlite:
        op.execute(
            "ALTER TABLE coverages ADD CONSTRAINT ex_coverages_days"
            f" EXCLUDE USING gist ({DAYS} WITH &&)"
        )


def _add_tables() -> None:
    op.create_table(
        "agreement_scans",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_agreement_scans")),
    )
    op.create_table(
        "coverage_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("file", sa.String(length=120), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undoes"], ["coverage_acts.id"], name=op.f("fk_coverage_acts_undoes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_acts")),
        sa.UniqueConstraint("undoes", name=op.f("uq_coverage_acts_undoes")),
    )
    op.create_index("ix_coverage_acts_kind", "coverage_acts", ["kind", "id"])
    op.create_table(
        "coverage_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("replaced_by", sa.Integer(), nullable=False),
        sa.Column("relinked", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("agreement", sa.String(length=60), nullable=True),
        sa.Column("scan", sa.String(length=64), nullable=True),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("fee_unit", sa.String(length=32), nullable=True),
        sa.Column("fee_model", sa.String(length=32), nullable=True),
        sa.Column("collection_rate", sa.Numeric(precision=5, scale=4), nullable=True),
        sa.Column("package", sa.String(length=60), nullable=True),
        sa.Column("follows", sa.Date(), nullable=True),
        sa.Column("gap", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_coverage_versions_compound_id")
        ),
        sa.ForeignKeyConstraint(
            ["act_id"], ["coverage_acts.id"], name=op.f("fk_coverage_versions_act_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["coverage_acts.id"], name=op.f("fk_coverage_versions_replaced_by")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["organizations.id"], name=op.f("fk_coverage_versions_operator_id")
        ),
        sa.ForeignKeyConstraint(
            ["scan"], ["agreement_scans.sha256"], name=op.f("fk_coverage_versions_scan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_versions")),
    )
    for name in ("compound_id", "act_id", "replaced_by", "operator_id", "scan", "package"):
        op.create_index(op.f(f"ix_coverage_versions_{name}"), "coverage_versions", [name])


def _chain() -> None:
    """Say of each period which it follows; write the days between two as unmanaged."""
    bind, c = op.get_bind(), COVERAGES.c
    rows = bind.execute(
        sa.select(c.id, c.compound_id, c.since, c.until, c.recorded_at).order_by(
            c.compound_id, c.since
        )
    ).all()
    gaps: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    last: Any = None
    for row in rows:
        if last is not None and last.compound_id == row.compound_id:
            before: date = row.since - DAY
            if last.until is None or last.until > before:
                msg = f"coverage periods {last.id} and {row.id} overlap: correct one of them first"
                raise ValueError(msg)
            if last.until < before:
                gaps.append(
                    {
                        "compound_id": row.compound_id, "mode": "none",
                        "since": last.until + DAY, "until": before, "services": [],
                        "follows": last.until, "gap": True, "recorded_at": row.recorded_at,
                        "version": 1,
                    }
                )  # fmt: skip
            links.append({"row": row.id, "before": before})
        last = row
    if links:
        link = sa.update(COVERAGES).where(c.id == sa.bindparam("row"))
        bind.execute(link.values(follows=sa.bindparam("before")), links)
    if gaps:
        bind.execute(sa.insert(COVERAGES), gaps)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE coverages DROP CONSTRAINT ex_coverages_days")
    op.drop_index(op.f("ix_coverages_act_id"), "coverages")
    op.drop_index(op.f("ix_coverages_scan"), "coverages")
    op.drop_index("ix_coverages_first", "coverages")
    with op.batch_alter_table("coverages") as batch:
        batch.drop_constraint(op.f("fk_coverages_compound_id_follows"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_coverages_compound_id_until"), type_="unique")
        batch.drop_constraint(op.f("ck_coverages_follows"), type_="check")
        batch.drop_constraint(op.f("ck_coverages_gap"), type_="check")
        batch.drop_constraint(op.f("fk_coverages_act_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_coverages_scan"), type_="foreignkey")
    op.execute("DELETE FROM coverages WHERE gap")  # only now: others follow them
    with op.batch_alter_table("coverages") as batch:
        for name in ("act_id", "gap", "follows", "services", "scan"):
            batch.drop_column(name)
    op.drop_table("coverage_versions")
    op.drop_table("coverage_acts")
    op.drop_table("agreement_scans")

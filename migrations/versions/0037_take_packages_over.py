"""Propose packages of old compounds, and keep what was signed."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "package_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("least_households", sa.Integer(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("collection_rate", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_package_runs_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_runs")),
    )
    op.create_index("ix_package_runs_area_id", "package_runs", ["area_id", "id"], unique=False)
    op.create_index(
        "ix_package_runs_under_way",
        "package_runs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "packages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(length=60), nullable=True),
        sa.Column("operator", sa.String(length=120), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (contract IS NULL)", name=op.f("ck_packages_signed")
        ),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_packages_period")),
        sa.ForeignKeyConstraint(["act_id"], ["coverage_acts.id"], name=op.f("fk_packages_act_id")),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["compounds.id"], name=op.f("fk_packages_centre_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["package_runs.id"], name=op.f("fk_packages_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
        sa.UniqueConstraint("contract", name=op.f("uq_packages_contract")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_packages_run_id_number")),
    )
    op.create_index(op.f("ix_packages_act_id"), "packages", ["act_id"], unique=False)
    op.create_index(op.f("ix_packages_centre_id"), "packages", ["centre_id"], unique=False)
    op.create_table(
        "package_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("income", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_package_members_compound_id")
        ),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name=op.f("fk_package_members_package_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_members")),
        sa.UniqueConstraint(
            "package_id", "compound_id", name=op.f("uq_package_members_package_id_compound_id")
        ),
    )
    op.create_index(
        op.f("ix_package_members_compound_id"), "package_members", ["compound_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_package_members_compound_id"), table_name="package_members")
    op.drop_table("package_members")
    op.drop_index(op.f("ix_packages_centre_id"), table_name="packages")
    op.drop_index(op.f("ix_packages_act_id"), table_name="packages")
    op.drop_table("packages")
    op.drop_index(
        "ix_package_runs_under_way",
        table_name="package_runs",
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.drop_index("ix_package_runs_area_id", table_name="package_runs")
    op.drop_table("package_runs")

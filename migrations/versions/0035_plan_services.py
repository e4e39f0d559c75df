"""Keep unit costs of services, and compounds' service plans with their variants."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_costs",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("costs", sa.JSON(), nullable=False),
        sa.Column("overhead", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("overhead BETWEEN 0 AND 1", name=op.f("ck_service_costs_overhead")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_service_costs_area_id")),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_service_costs")),
    )
    op.create_table(
        "service_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("floor_area", sa.Double(), nullable=False),
        sa.Column("costs", sa.JSON(), nullable=False),
        sa.Column("overhead", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=True),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("chosen BETWEEN 1 AND 3", name=op.f("ck_service_plans_chosen")),
        sa.CheckConstraint("floor_area > 0", name=op.f("ck_service_plans_floor_area")),
        sa.CheckConstraint("households > 0", name=op.f("ck_service_plans_households")),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_service_plans_compound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_plans")),
        sa.UniqueConstraint("compound_id", name=op.f("uq_service_plans_compound_id")),
    )
    op.create_table(
        "service_variants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("fee", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("fee_unit", sa.String(length=32), nullable=False),
        sa.Column("collection_rate", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("other_income", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("quantities", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "collection_rate > 0 AND collection_rate <= 1",
            name=op.f("ck_service_variants_collection_rate"),
        ),
        sa.CheckConstraint(
            "fee >= 0 AND other_income >= 0", name=op.f("ck_service_variants_income")
        ),
        sa.CheckConstraint("position BETWEEN 1 AND 3", name=op.f("ck_service_variants_position")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["service_plans.id"], name=op.f("fk_service_variants_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_variants")),
        sa.UniqueConstraint(
            "plan_id", "position", name=op.f("uq_service_variants_plan_id_position")
        ),
    )


def downgrade() -> None:
    op.drop_table("service_variants")
    op.drop_table("service_plans")
    op.drop_table("service_costs")

"""Find areas of one level fast; keep thresholds and what is proposed against companies."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_areas_level_path", "areas", ["level", "path"])
    op.create_table(
        "rate_thresholds",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("response", sa.Integer(), nullable=False),
        sa.Column("completion", sa.Integer(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("circular_at", sa.Integer(), nullable=False),
        sa.Column("credit_at", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_rate_thresholds_area_id")),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_rate_thresholds")),
    )
    op.create_table(
        "supervision_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("misses", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(stage = 'proposed') = (decided_at IS NULL)",
            name=op.f("ck_supervision_steps_decided"),
        ),
        sa.CheckConstraint(
            "stage <> 'rejected' OR reason IS NOT NULL",
            name=op.f("ck_supervision_steps_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["area_id"], ["areas.id"], name=op.f("fk_supervision_steps_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["organizations.id"], name=op.f("fk_supervision_steps_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_steps")),
        sa.UniqueConstraint(
            "area_id",
            "month",
            "company_id",
            name=op.f("uq_supervision_steps_area_id_month_company_id"),
        ),
    )
    op.create_index(
        "ix_supervision_steps_company_id_month", "supervision_steps", ["company_id", "month"]
    )


def downgrade() -> None:
    op.drop_table("supervision_steps")
    op.drop_table("rate_thresholds")
    op.drop_index("ix_areas_level_path", "areas")

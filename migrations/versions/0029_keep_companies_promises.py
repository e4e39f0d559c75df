"""Keep districts' hours and companies' promises, what a case was promised, who came on site when."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "service_hours",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reply_workday", sa.Integer(), nullable=False),
        sa.Column("reply_other", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "reply_workday > 0 AND reply_other > 0", name=op.f("ck_service_hours_positive")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_service_hours_area_id")),
        sa.PrimaryKeyConstraint("area_id", "since", name=op.f("pk_service_hours")),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=True),
        sa.Column("reply", sa.Integer(), nullable=True),
        sa.Column("on_site", sa.Integer(), nullable=True),
        sa.Column("owners_meetings", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_promises_period")),
        sa.CheckConstraint(
            "reply IS NOT NULL OR on_site IS NOT NULL OR owners_meetings IS NOT NULL",
            name=op.f("ck_promises_something"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_promises_area_id")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["organizations.id"], name=op.f("fk_promises_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_promises_compound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index("ix_promises_area_id", "promises", ["area_id"])
    op.create_index("ix_promises_company_id", "promises", ["company_id"])
    op.create_index("ix_promises_compound_id", "promises", ["compound_id"])
    op.add_column("cases", sa.Column("promised_reply", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("on_site_due", MOMENT, nullable=True))
    op.add_column("cases", sa.Column("on_site_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "on_site_at")
    op.drop_column("cases", "on_site_due")
    op.drop_column("cases", "promised_reply")
    op.drop_table("promises")
    op.drop_table("service_hours")

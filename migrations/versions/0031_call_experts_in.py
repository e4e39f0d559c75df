"""Keep groups of experts, and which of them a case called in and what they advised."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expert_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("field", sa.String(length=120), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_expert_groups_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_groups")),
        sa.UniqueConstraint("area_id", "name", name=op.f("uq_expert_groups_area_id_name")),
    )
    op.create_table(
        "expert_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "(officer_id IS NULL) <> (title IS NULL)", name=op.f("ck_expert_members_one_way")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["expert_groups.id"], name=op.f("fk_expert_members_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_expert_members_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_members")),
        sa.UniqueConstraint(
            "group_id", "officer_id", name=op.f("uq_expert_members_group_id_officer_id")
        ),
    )
    op.create_index("ix_expert_members_officer_id", "expert_members", ["officer_id"])
    op.create_table(
        "expert_calls",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_expert_calls_case_id")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["expert_groups.id"], name=op.f("fk_expert_calls_group_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "group_id", name=op.f("pk_expert_calls")),
    )
    op.create_index("ix_expert_calls_group_id", "expert_calls", ["group_id"])
    op.add_column("case_events", sa.Column("experts", sa.String(length=60), nullable=True))
    op.add_column("case_events", sa.Column("said_by", sa.String(length=80), nullable=True))


def downgrade() -> None:
    op.drop_column("case_events", "said_by")
    op.drop_column("case_events", "experts")
    op.drop_table("expert_calls")
    op.drop_table("expert_members")
    op.drop_table("expert_groups")

"""Keep the steps of a case, the level at which it lies, and which letters its due times called."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

UNANSWERED = sa.text("replied_at IS NULL AND closed_at IS NULL")
OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    level = sa.Column(
        "company_level", sa.String(length=32), nullable=False, server_default="project"
    )
    op.add_column("cases", level)
    op.add_column("cases", sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_cases_unanswered", "cases", ["reply_due"], sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )  # fmt: skip
    op.create_index(
        "ix_cases_open", "cases", ["close_due"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("company_level", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.Boolean(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case_id", "at"])
    op.create_table(
        "case_calls",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("due", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_calls_case_id")),
        sa.PrimaryKeyConstraint("case_id", "due", "stage", name=op.f("pk_case_calls")),
    )


def downgrade() -> None:
    op.drop_table("case_calls")
    op.drop_index("ix_case_events_case_id", "case_events")
    op.drop_table("case_events")
    op.drop_index("ix_cases_open", "cases")
    op.drop_index("ix_cases_unanswered", "cases")
    op.drop_column("cases", "reopened_at")
    op.drop_column("cases", "company_level")

"""Keep on which days old compounds were looked through, and of what people were told."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage_turns",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_coverage_turns")),
    )
    op.create_table(
        "coverage_calls",
        sa.Column("mark", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_coverage_calls")),
    )


def downgrade() -> None:
    op.drop_table("coverage_calls")
    op.drop_table("coverage_turns")

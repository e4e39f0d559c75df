"""Count complaints of one sender across all web processes."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_counts",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_limit_counts")),
    )
    op.create_index("ix_limit_counts_until", "limit_counts", ["until"])


def downgrade() -> None:
    op.drop_table("limit_counts")

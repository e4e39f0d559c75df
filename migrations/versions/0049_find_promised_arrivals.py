"""Find the cases in which somebody promised to come on site and has not."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

AWAITED = sa.text("on_site_at IS NULL AND closed_at IS NULL AND on_site_due IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_cases_awaited", "cases", ["on_site_due"], sqlite_where=AWAITED, postgresql_where=AWAITED
    )


def downgrade() -> None:
    op.drop_index("ix_cases_awaited", table_name="cases")

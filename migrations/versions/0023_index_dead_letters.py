"""Count dead letters without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_DEAD = sa.text("dead_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_letters_dead", "letters", ["dead_at"], sqlite_where=_DEAD, postgresql_where=_DEAD
    )


def downgrade() -> None:
    op.drop_index("ix_letters_dead", table_name="letters")

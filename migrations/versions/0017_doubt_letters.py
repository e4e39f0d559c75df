"""Know of which letters a copy may have arrived though no server said so."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    never = sa.false()
    op.add_column(
        "letters", sa.Column("in_doubt", sa.Boolean(), nullable=False, server_default=never)
    )
    with op.batch_alter_table("letters") as batch_op:
        batch_op.alter_column("in_doubt", server_default=None)


def downgrade() -> None:
    op.drop_column("letters", "in_doubt")

"""Thread letters, and keep which request an attendee was asked by last."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("thread", sa.String(length=60), nullable=True))
    op.create_index("ix_letters_thread", "letters", ["thread"])
    op.add_column("attendees", sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("attendees") as batch_op:
        batch_op.alter_column("asked", server_default=None)


def downgrade() -> None:
    op.drop_column("attendees", "asked")
    op.drop_index("ix_letters_thread", "letters")
    op.drop_column("letters", "thread")

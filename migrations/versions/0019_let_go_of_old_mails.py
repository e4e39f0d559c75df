"""Let the text of old mails go, and find those whose time is over."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WHOLE = sa.text("raw IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("incoming_mails") as batch_op:
        batch_op.alter_column("raw", existing_type=sa.LargeBinary(), nullable=True)
    op.create_index(
        "ix_incoming_mails_whole",
        "incoming_mails",
        ["received_at"],
        sqlite_where=WHOLE,
        postgresql_where=WHOLE,
    )


def downgrade() -> None:
    op.drop_index("ix_incoming_mails_whole", "incoming_mails")
    op.execute(
        sa.text("UPDATE incoming_mails SET raw = :none WHERE raw IS NULL").bindparams(none=b"")
    )
    with op.batch_alter_table("incoming_mails") as batch_op:
        batch_op.alter_column("raw", existing_type=sa.LargeBinary(), nullable=False)

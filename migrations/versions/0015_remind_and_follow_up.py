"""Remind of meetings and action items by settings; let letters expire; keep groups' bots."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OWN: dict[str, sa.types.TypeEngine[Any]] = {
    "reminders": sa.JSON(),
    "follow_up": sa.Integer(),
    "due_days": sa.Integer(),
}
TABLES = ("units", "area_settings")


def upgrade() -> None:
    for table in TABLES:
        for name, kind in OWN.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column("letters", sa.Column("not_after", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "bots",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bots")),
    )
    waiting = sa.text("sent_at IS NULL AND dead_at IS NULL AND not_after IS NOT NULL")
    op.create_index(
        "ix_letters_expiring", "letters", ["not_after"], sqlite_where=waiting,
        postgresql_where=waiting,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("bots")
    op.execute("DELETE FROM letters WHERE to_address LIKE 'bot:%'")
    op.drop_index("ix_letters_expiring", "letters")
    op.drop_column("letters", "not_after")
    for table in TABLES:
        for name in OWN:
            op.drop_column(table, name)

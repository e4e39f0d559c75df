"""Keep the text of signed minutes, with an index of character pairs in each engine's own way."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "minutes_texts",
        sa.Column("minutes_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_texts_minutes_id")
        ),
        sa.PrimaryKeyConstraint("minutes_id", name=op.f("pk_minutes_texts")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE minutes_fts USING fts5"
            "(grams, content='', detail=none, tokenize='ascii')"
        )
        return
    op.execute("CREATE TABLE minutes_fts (id integer PRIMARY KEY, grams tsvector NOT NULL)")
    op.execute("CREATE INDEX ix_minutes_fts_grams ON minutes_fts USING gin (grams)")


def downgrade() -> None:
    op.execute("DROP TABLE minutes_fts")
    op.drop_table("minutes_texts")

"""Seal the journal: whence a line came, cuts by retention, guards against change.

A later revision that rebuilds one of the two tables on SQLite (batch mode with a changed column)
loses the triggers and must put them up again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQLITE = {
    "journal_no_update": "BEFORE UPDATE ON journal",
    "journal_no_insert_before": "BEFORE INSERT ON journal "
    "WHEN NEW.id <= (SELECT coalesce(max(id), 0) FROM journal)",
    "journal_no_delete": "BEFORE DELETE ON journal "
    "WHEN OLD.id > coalesce((SELECT max(last_id) FROM journal_cuts), 0) "
    "OR OLD.at > datetime('now', '-6 months')",
    "journal_cuts_no_update": "BEFORE UPDATE ON journal_cuts",
    "journal_cuts_no_delete": "BEFORE DELETE ON journal_cuts",
}
POSTGRESQL = {
    "journal_guard ON journal": "BEFORE UPDATE OR DELETE ON journal FOR EACH ROW",
    "journal_whole ON journal": "BEFORE TRUNCATE ON journal FOR EACH STATEMENT",
    "journal_cuts_guard ON journal_cuts": "BEFORE UPDATE OR DELETE ON journal_cuts FOR EACH ROW",
    "journal_cuts_whole ON journal_cuts": "BEFORE TRUNCATE ON journal_cuts FOR EACH STATEMENT",
}
FUNCTION = """
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'journal' THEN
    IF OLD.id <= coalesce((SELECT max(last_id) FROM journal_cuts), 0)
       AND OLD.at <= now() - interval '6 months' THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the journal is append-only';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "journal_cuts",
        sa.Column(
            "last_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seal", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("last_id", name=op.f("pk_journal_cuts")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("address", sa.String(length=64), server_default="", nullable=False)
        )
        batch_op.create_index("ix_journal_account_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_journal_actor", ["actor", "id"], unique=False)
        batch_op.create_index("ix_journal_subject_line", ["subject", "id"], unique=False)
        batch_op.create_index("ix_journal_verb", ["verb", "id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for name, when in SQLITE.items():
            refuse = "SELECT RAISE(ABORT, 'the journal is append-only')"
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN {refuse}; END")
    else:
        op.execute(FUNCTION)
        for name, when in POSTGRESQL.items():
            op.execute(
                f"CREATE TRIGGER {name.partition(' ')[0]} {when} EXECUTE FUNCTION journal_guard()"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name in POSTGRESQL:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP FUNCTION journal_guard()")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_verb")
        batch_op.drop_index("ix_journal_subject_line")
        batch_op.drop_index("ix_journal_actor")
        batch_op.drop_index("ix_journal_account_id")
        batch_op.drop_column("address")
    op.drop_table("journal_cuts")

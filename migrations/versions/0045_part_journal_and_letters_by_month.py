"""Part the journal and the letters by month on PostgreSQL, where retention drops whole months.

What stands becomes the partition for the rest as it is: no row is copied and no index built, so
that the locks are brief at any size. The worker makes the months to come.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

COLUMNS = {"journal": "at", "letters": "queued_at"}
WHOLE = "BEFORE TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION journal_guard()"
ROWS = "BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_guard()"
INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made,
       indisunique AS one
FROM pg_index WHERE indrelid = to_regclass(:table)
"""
MONTHS = """
SELECT inhrelid::regclass::text FROM pg_inherits
WHERE inhparent = to_regclass(:table) AND inhrelid <> to_regclass(:table || '_rest')
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME {} THEN
    IF OLD.id <= coalesce((SELECT max(last_id) FROM journal_cuts), 0)
       AND OLD.at <= now() - interval '6 months' THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the journal is append-only';
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER journal_guard ON journal")
    op.execute("DROP TRIGGER journal_whole ON journal")
    for name, column in COLUMNS.items():
        split(name, column)
    op.execute(FUNCTION.format("<> 'journal_cuts'"))
    op.execute(f"CREATE TRIGGER journal_guard {ROWS}")
    op.execute(f"CREATE TRIGGER journal_whole {WHOLE.format('journal')}")
    op.execute(f"CREATE TRIGGER journal_rest_whole {WHOLE.format('journal_rest')}")


def split(name: str, column: str) -> None:
    bind = op.get_bind()
    indexes = bind.execute(sa.text(INDEXES), {"table": name}).all()
    sequence = bind.scalar(sa.text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": name})
    op.execute(f"ALTER TABLE {name} RENAME TO {name}_rest")
    for index in indexes:
        op.execute(f"ALTER INDEX {index.name} RENAME TO {index.name}_rest")
    op.execute(
        f"CREATE TABLE {name} (LIKE {name}_rest INCLUDING DEFAULTS) PARTITION BY RANGE ({column})"
    )
    op.execute(f"ALTER TABLE {name} ATTACH PARTITION {name}_rest DEFAULT")
    for index in indexes:
        if not index.one:
            op.execute(index.made)
    if sequence:
        op.execute(f"ALTER SEQUENCE {sequence} OWNED BY {name}.id")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER journal_guard ON journal")
    op.execute("DROP TRIGGER journal_rest_whole ON journal_rest")
    for name in COLUMNS:
        join(name)
    op.execute(FUNCTION.format("= 'journal'"))
    op.execute(f"CREATE TRIGGER journal_guard {ROWS}")
    op.execute(f"CREATE TRIGGER journal_whole {WHOLE.format('journal')}")


def join(name: str) -> None:
    """Bring the months' rows into the rest, which is the table again."""
    bind = op.get_bind()
    for month in bind.execute(sa.text(MONTHS), {"table": name}).scalars().all():
        op.execute(f"ALTER TABLE {name} DETACH PARTITION {month}")
        op.execute(f"INSERT INTO {name}_rest SELECT * FROM {month}")  # noqa: S608
        op.execute(f"DROP TABLE {month}")
    op.execute(f"ALTER TABLE {name} DETACH PARTITION {name}_rest")
    sequence = bind.scalar(sa.text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": name})
    if sequence:
        op.execute(f"ALTER SEQUENCE {sequence} OWNED BY {name}_rest.id")
    op.execute(f"DROP TABLE {name}")
    op.execute(f"ALTER TABLE {name}_rest RENAME TO {name}")
    for index in bind.execute(sa.text(INDEXES), {"table": name}).scalars().all():
        op.execute(f"ALTER INDEX {index} RENAME TO {index.removesuffix('_rest')}")

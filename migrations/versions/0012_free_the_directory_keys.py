"""Free the directory's keys: no foreign key looks a subject up for each; a trigger takes them away.

A later revision that lays areas, compounds or officers anew on SQLite (batch mode with a changed
column) loses that table's trigger and must put it up again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEYS = {
    "areas": ("area_keys", "area_id"),
    "compounds": ("compound_keys", "compound_id"),
    "officers": ("officer_keys", "officer_id"),
}
FUNCTION = """
CREATE OR REPLACE FUNCTION forget_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'DELETE FROM ' || TG_ARGV[0] || ' WHERE ' || TG_ARGV[1] || ' = $1' USING OLD.id;
  RETURN NULL;
END $$
"""
NO_ROWID = {"sqlite_with_rowid": False}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(FUNCTION)
    for table, (keys, subject) in KEYS.items():
        with op.batch_alter_table(keys, table_kwargs=NO_ROWID) as batch_op:
            batch_op.drop_constraint(f"fk_{keys}_{subject}", type_="foreignkey")
        act = (
            f"BEGIN DELETE FROM {keys} WHERE {subject} = OLD.id; END"  # noqa: S608
            if sqlite
            else f"FOR EACH ROW EXECUTE FUNCTION forget_keys('{keys}', '{subject}')"
        )
        op.execute(f"CREATE TRIGGER {table}_forget_keys AFTER DELETE ON {table} {act}")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, (keys, subject) in KEYS.items():
        op.execute(f"DROP TRIGGER {table}_forget_keys" + ("" if sqlite else f" ON {table}"))
        gone = sa.text(f"DELETE FROM {keys} WHERE {subject} NOT IN (SELECT id FROM {table})")  # noqa: S608
        op.execute(gone)
        with op.batch_alter_table(keys, table_kwargs=NO_ROWID) as batch_op:
            batch_op.create_foreign_key(
                f"fk_{keys}_{subject}", table, [subject], ["id"], ondelete="CASCADE"
            )
    if not sqlite:
        op.execute("DROP FUNCTION forget_keys()")

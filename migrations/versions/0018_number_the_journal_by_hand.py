"""Leave the journal's numbers to the application, which seals each line with its own."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE journal ALTER COLUMN id DROP DEFAULT")
        op.execute("DROP SEQUENCE IF EXISTS journal_id_seq")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE journal_id_seq OWNED BY journal.id")
        op.execute("ALTER TABLE journal ALTER COLUMN id SET DEFAULT nextval('journal_id_seq')")

"""Keep the hour in the room: entries taken once, versions of notes, clocks, votes."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

RUNNING = sa.text("stopped_at IS NULL")


def upgrade() -> None:
    version = sa.Column("notes_version", sa.Integer(), nullable=False, server_default="1")
    op.add_column("agenda_items", version)
    op.add_column("agenda_items", sa.Column("notes_by", sa.String(length=80), nullable=True))
    op.add_column("agenda_items", sa.Column("notes_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("resolutions", sa.Column("quorate", sa.Boolean(), nullable=True))
    op.create_table(
        "room_entries",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_room_entries_meeting_id")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "key", name=op.f("pk_room_entries")),
    )
    op.create_table(
        "item_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("agenda_item_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stopped_at >= started_at", name=op.f("ck_item_times_period")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_item_times_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_item_times_agenda_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_times")),
    )
    op.create_index("ix_item_times_meeting_id", "item_times", ["meeting_id"])
    op.create_index("ix_item_times_agenda_item_id", "item_times", ["agenda_item_id"])
    op.create_index(
        "uq_item_times_running", "item_times", ["meeting_id"], unique=True,
        sqlite_where=RUNNING, postgresql_where=RUNNING,
    )  # fmt: skip
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agenda_item_id", sa.Integer(), nullable=False),
        sa.Column("resolution_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("area", sa.Integer(), nullable=False),
        sa.Column("yes_persons", sa.Integer(), nullable=False),
        sa.Column("yes_area", sa.Integer(), nullable=False),
        sa.Column("no_persons", sa.Integer(), nullable=False),
        sa.Column("no_area", sa.Integer(), nullable=False),
        sa.Column("abstained_persons", sa.Integer(), nullable=False),
        sa.Column("abstained_area", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "yes_persons + no_persons + abstained_persons <= persons",
            name=op.f("ck_votes_persons"),
        ),
        sa.CheckConstraint(
            "yes_area + no_area + abstained_area <= area", name=op.f("ck_votes_area")
        ),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_votes_agenda_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["resolution_id"], ["resolutions.id"], name=op.f("fk_votes_resolution_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint("resolution_id", name=op.f("uq_votes_resolution_id")),
    )  # fmt: skip
    op.create_index("ix_votes_agenda_item_id", "votes", ["agenda_item_id"])


def downgrade() -> None:
    op.drop_table("votes")
    op.drop_table("item_times")
    op.drop_table("room_entries")
    op.drop_column("resolutions", "quorate")
    op.drop_column("agenda_items", "notes_at")
    op.drop_column("agenda_items", "notes_by")
    op.drop_column("agenda_items", "notes_version")

"""Thread letters, keep which request an attendee was asked by last, and the mails that come back."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("thread", sa.String(length=60), nullable=True))
    op.create_index("ix_letters_thread", "letters", ["thread"])
    path = sa.String(length=200).with_variant(sa.String(200, collation="C"), "postgresql")
    op.add_column("letters", sa.Column("scope", path, nullable=True))
    op.create_index("ix_letters_scope", "letters", ["scope"])
    op.create_index("ix_letters_sent_at", "letters", ["sent_at"])
    unsent = sa.text("sent_at IS NULL AND dead_at IS NULL")
    op.create_index(
        "ix_letters_in_order", "letters", ["id"], sqlite_where=unsent, postgresql_where=unsent
    )
    tried = sa.text("sent_at IS NULL AND dead_at IS NULL AND attempts > 0")
    op.create_index(
        "ix_letters_tried", "letters", ["to_address"], sqlite_where=tried, postgresql_where=tried
    )
    op.create_table(
        "mail_pauses",
        sa.Column("path", path, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_mail_pauses")),
    )
    op.add_column("attendees", sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("attendees") as batch_op:
        batch_op.alter_column("asked", server_default=None)
    op.create_table(
        "bouncing_addresses",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_bouncing_addresses")),
    )
    op.create_table(
        "mailbox_marks",
        sa.Column("mailbox", sa.String(length=250), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_marks")),
    )
    op.create_table(
        "incoming_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.String(length=250), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.String(length=200), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("uid", sa.String(length=250), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("stamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attendee_address", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("delegated_to", sa.String(length=254), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("proposed_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_place", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("attendee_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attendee_id"], ["attendees.id"], name=op.f("fk_incoming_mails_attendee_id")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_incoming_mails_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mails")),
        sa.UniqueConstraint("digest", name=op.f("uq_incoming_mails_digest")),
    )
    op.create_index("ix_incoming_mails_meeting_id", "incoming_mails", ["meeting_id"])
    waiting = sa.text("outcome = 'review' AND handled_at IS NULL")
    op.create_index(
        "ix_incoming_mails_waiting", "incoming_mails", ["meeting_id"], sqlite_where=waiting,
        postgresql_where=waiting,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("incoming_mails")
    op.drop_table("mailbox_marks")
    op.drop_table("bouncing_addresses")
    op.drop_column("attendees", "asked")
    op.drop_table("mail_pauses")
    op.drop_index("ix_letters_tried", "letters")
    op.drop_index("ix_letters_in_order", "letters")
    op.drop_index("ix_letters_sent_at", "letters")
    op.drop_index("ix_letters_scope", "letters")
    op.drop_column("letters", "scope")
    op.drop_index("ix_letters_thread", "letters")
    op.drop_column("letters", "thread")

"""Encrypt phones; keep substitutes, calendars outside and a version of each post."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What was readable stays so until `govgrid migrate` encrypts it: a revision has no key.


def upgrade() -> None:
    for table in ("organizations", "officers"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(
                "phone", existing_type=sa.String(20), type_=sa.Text(), existing_nullable=True
            )
    with op.batch_alter_table("officers") as batch_op:
        batch_op.add_column(
            sa.Column("phone_tail", sa.String(16), sa.Computed("substr(phone, 14, 16)", True))
        )
        batch_op.create_index(batch_op.f("ix_officers_phone_tail"), ["phone_tail"])
    with op.batch_alter_table("posts") as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("posts") as batch_op:
        batch_op.alter_column("version", existing_type=sa.Integer(), server_default=None)
    op.create_table(
        "substitutes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_substitutes_period")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_substitutes_post_id")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_substitutes_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitutes")),
    )
    op.create_index(op.f("ix_substitutes_post_id"), "substitutes", ["post_id"])
    op.create_index(op.f("ix_substitutes_officer_id"), "substitutes", ["officer_id"])
    op.create_table(
        "busy_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_busy_feeds_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_feeds")),
    )
    op.create_index(op.f("ix_busy_feeds_officer_id"), "busy_feeds", ["officer_id"])
    op.create_index(op.f("ix_busy_feeds_read_after"), "busy_feeds", ["read_after"])
    with op.batch_alter_table("absences") as batch_op:
        batch_op.add_column(sa.Column("feed_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_absences_feed_id"), "busy_feeds", ["feed_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_absences_feed_id"), ["feed_id"])


def downgrade() -> None:
    with op.batch_alter_table("absences") as batch_op:
        batch_op.drop_index(batch_op.f("ix_absences_feed_id"))
        batch_op.drop_constraint(batch_op.f("fk_absences_feed_id"), type_="foreignkey")
        batch_op.drop_column("feed_id")
    op.drop_table("busy_feeds")
    op.drop_table("substitutes")
    with op.batch_alter_table("posts") as batch_op:
        batch_op.drop_column("version")
    with op.batch_alter_table("officers") as batch_op:
        batch_op.drop_index(batch_op.f("ix_officers_phone_tail"))
        batch_op.drop_column("phone_tail")
    # TEXT stays TEXT: encrypted phones are longer than the 20 characters of before.

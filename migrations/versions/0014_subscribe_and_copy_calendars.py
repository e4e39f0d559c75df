"""Let a person subscribe to an area's and a unit's meetings; know what a CalDAV server holds."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "area_id IS NULL OR unit_id IS NULL", name=op.f("ck_feed_links_one_subject")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_feed_links_area_id")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_feed_links_officer_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_feed_links_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_links")),
        sa.UniqueConstraint("link", name=op.f("uq_feed_links_link")),
    )
    for column in ("officer_id", "area_id", "unit_id"):
        op.create_index(f"ix_feed_links_{column}", "feed_links", [column])
    op.execute(
        "INSERT INTO feed_links (officer_id, nonce, link)"
        " SELECT officer_id, nonce, link FROM calendar_links ORDER BY officer_id"
    )
    op.drop_table("calendar_links")
    op.create_table(
        "calendar_copies",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("room_version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("href", sa.String(length=500), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_after", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_calendar_copies_meeting_id")
        ),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_calendar_copies")),
    )


def downgrade() -> None:
    op.drop_table("calendar_copies")
    op.create_table(
        "calendar_links",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_calendar_links_officer_id")
        ),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("link", name=op.f("uq_calendar_links_link")),
    )
    op.execute(
        "INSERT INTO calendar_links (officer_id, nonce, link)"
        " SELECT officer_id, nonce, link FROM feed_links"
        " WHERE area_id IS NULL AND unit_id IS NULL"
    )
    op.drop_table("feed_links")

"""Follow action items up: who helps, reports with pictures, the answer, how often carried over."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")


def _day_of_closing() -> str:
    """Return the day in China on which an item was closed."""
    if op.get_bind().dialect.name == "postgresql":
        return "(closed_at AT TIME ZONE 'Asia/Shanghai')::date"
    return "date(closed_at, '+8 hours')"


def upgrade() -> None:
    op.add_column("action_items", sa.Column("done_on", sa.Date(), nullable=True))
    op.add_column(
        "action_items", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute(
        f"UPDATE action_items SET done_on = {_day_of_closing()} WHERE closed_at IS NOT NULL"  # noqa: S608
    )
    carried = sa.Column("carried", sa.Integer(), nullable=False, server_default="0")
    op.add_column("action_items", carried)
    op.create_index("ix_action_items_deadline_closed_at", "action_items", ["deadline", "closed_at"])
    op.create_index(
        "ix_action_items_open", "action_items", ["deadline"], sqlite_where=OPEN,
        postgresql_where=OPEN,
    )  # fmt: skip
    op.create_table(
        "action_co_owners",
        sa.Column("action_item_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_item_id"], ["action_items.id"],
            name=op.f("fk_action_co_owners_action_item_id"), ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_action_co_owners_officer_id")
        ),
        sa.PrimaryKeyConstraint("action_item_id", "officer_id", name=op.f("pk_action_co_owners")),
    )  # fmt: skip
    op.create_index("ix_action_co_owners_officer_id", "action_co_owners", ["officer_id"])
    op.create_table(
        "action_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_item_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(accepted IS NULL) = (decided_at IS NULL)", name=op.f("ck_action_reports_decided")
        ),
        sa.CheckConstraint(
            "accepted IS NULL OR accepted OR reason IS NOT NULL",
            name=op.f("ck_action_reports_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["action_item_id"], ["action_items.id"], name=op.f("fk_action_reports_action_item_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_reports")),
    )  # fmt: skip
    op.create_index("ix_action_reports_action_item_id", "action_reports", ["action_item_id"])
    op.create_table(
        "report_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_report_photos_size")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["action_reports.id"], name=op.f("fk_report_photos_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_photos")),
    )  # fmt: skip
    op.create_index("ix_report_photos_report_id", "report_photos", ["report_id"])


def downgrade() -> None:
    op.drop_table("report_photos")
    op.drop_table("action_reports")
    op.drop_table("action_co_owners")
    op.drop_index("ix_action_items_open", "action_items")
    op.drop_index("ix_action_items_deadline_closed_at", "action_items")
    for name in ("carried", "escalated_at", "done_on"):
        op.drop_column("action_items", name)

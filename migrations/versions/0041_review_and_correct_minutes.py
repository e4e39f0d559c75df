"""Keep who approved minutes, what was handed in, corrections, house styles and retention."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

STANDING = sa.text("retracted_at IS NULL")
UNARCHIVED = sa.text("stage = 'signed' AND archived_at IS NULL")
COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "words": sa.JSON(),
    "draft": sa.JSON(),
    "correction": sa.String(length=400),
    "retention": sa.String(length=32),
    "archived_at": sa.DateTime(timezone=True),
    "pages": sa.Integer(),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("minutes", sa.Column(name, kind, nullable=True))
    op.execute("UPDATE minutes SET retention = 'years_30' WHERE stage = 'signed'")
    # What waits for a signature was handed in under the old rule: it is handed in anew.
    op.execute("UPDATE minutes SET stage = 'draft', submitted_at = NULL WHERE stage = 'in_review'")
    op.create_index(
        "ix_minutes_unarchived", "minutes", ["id"], sqlite_where=UNARCHIVED,
        postgresql_where=UNARCHIVED,
    )  # fmt: skip
    op.create_table(
        "minutes_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retracted_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_approvals_minutes_id")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_minutes_approvals_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_approvals")),
    )
    op.create_index(
        "uq_minutes_approvals_standing", "minutes_approvals", ["minutes_id", "reviewer"],
        unique=True, sqlite_where=STANDING, postgresql_where=STANDING,
    )  # fmt: skip
    op.create_index("ix_minutes_approvals_minutes_id", "minutes_approvals", ["minutes_id", "id"])
    op.create_index("ix_minutes_approvals_officer_id", "minutes_approvals", ["officer_id"])
    op.create_table(
        "house_styles",
        sa.Column("area_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.String(length=60), nullable=True),
        sa.Column("masthead", sa.String(length=60), nullable=True),
        sa.Column("copied_to", sa.String(length=400), nullable=True),
        sa.Column("red_rule", sa.Boolean(), nullable=True),
        sa.Column("retention", sa.String(length=32), nullable=True),
        sa.Column("street_review", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_house_styles_area_id")),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_house_styles")),
    )


def downgrade() -> None:
    op.drop_table("house_styles")
    op.drop_table("minutes_approvals")
    op.drop_index("ix_minutes_unarchived", "minutes")
    for name in reversed(COLUMNS):
        op.drop_column("minutes", name)

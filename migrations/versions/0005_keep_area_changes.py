"""Keep the changes of areas, and the day on which an area ends."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=True),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_changes")),
    )
    with op.batch_alter_table("area_changes", schema=None) as batch_op:
        batch_op.create_index(
            "ix_area_changes_stage_effective_on", ["stage", "effective_on"], unique=False
        )

    op.create_table(
        "area_change_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column(
            "old_code",
            sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "new_code",
            sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("old_name", sa.String(length=80), nullable=True),
        sa.Column("new_name", sa.String(length=80), nullable=True),
        sa.Column("old_parent_id", sa.Integer(), nullable=True),
        sa.Column("new_parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["area_id"], ["areas.id"], name=op.f("fk_area_change_parts_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["area_changes.id"], name=op.f("fk_area_change_parts_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["new_parent_id"], ["areas.id"], name=op.f("fk_area_change_parts_new_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["old_parent_id"], ["areas.id"], name=op.f("fk_area_change_parts_old_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_change_parts")),
    )
    with op.batch_alter_table("area_change_parts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_area_change_parts_area_id", ["area_id", "change_id"], unique=False
        )
        batch_op.create_index("ix_area_change_parts_change_id", ["change_id"], unique=False)
        batch_op.create_index("ix_area_change_parts_old_code", ["old_code"], unique=False)

    op.add_column("areas", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_areas_managing_area_id",
        "areas",
        ["managing_area_id"],
        sqlite_where=sa.text("managing_area_id IS NOT NULL"),
        postgresql_where=sa.text("managing_area_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_areas_managing_area_id", "areas")
    # Not in a batch: that would copy a table which others refer to.
    op.drop_column("areas", "closed_on")
    with op.batch_alter_table("area_change_parts", schema=None) as batch_op:
        batch_op.drop_index("ix_area_change_parts_old_code")
        batch_op.drop_index("ix_area_change_parts_change_id")
        batch_op.drop_index("ix_area_change_parts_area_id")

    op.drop_table("area_change_parts")
    with op.batch_alter_table("area_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_area_changes_stage_effective_on")

    op.drop_table("area_changes")

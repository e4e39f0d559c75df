"""Give agendas time, templates and points beside cases; keep what stood when."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    allotted = sa.Column("allotted", sa.Integer(), nullable=False, server_default="10")
    op.add_column("agenda_items", allotted)
    op.add_column("units", sa.Column("agenda", sa.JSON(), nullable=True))
    op.add_column("area_settings", sa.Column("agenda", sa.JSON(), nullable=True))
    op.create_table(
        "agenda_points",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agenda_item_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=True),
        sa.Column("compound_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(step_id IS NULL) <> (compound_id IS NULL)", name=op.f("ck_agenda_points_one_thing")
        ),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_agenda_points_agenda_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["supervision_steps.id"], name=op.f("fk_agenda_points_step_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_agenda_points_compound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_points")),
        sa.UniqueConstraint(
            "agenda_item_id", "step_id", name=op.f("uq_agenda_points_agenda_item_id_step_id")
        ),
        sa.UniqueConstraint(
            "agenda_item_id",
            "compound_id",
            name=op.f("uq_agenda_points_agenda_item_id_compound_id"),
        ),
    )
    op.create_index("ix_agenda_points_step_id", "agenda_points", ["step_id"])
    op.create_index("ix_agenda_points_compound_id", "agenda_points", ["compound_id"])
    op.create_table(
        "agenda_stamps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stood", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_agenda_stamps_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_stamps")),
        sa.UniqueConstraint(
            "meeting_id", "kind", "number", name=op.f("uq_agenda_stamps_meeting_id_kind_number")
        ),
    )


def downgrade() -> None:
    op.drop_table("agenda_stamps")
    op.drop_table("agenda_points")
    op.drop_column("area_settings", "agenda")
    op.drop_column("units", "agenda")
    op.drop_column("agenda_items", "allotted")

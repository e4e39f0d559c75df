"""Let units differ: settings of streets, communities and units, lost rooms, a second kind."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWN: dict[str, sa.types.TypeEngine[Any]] = {
    "window_from": sa.Integer(),
    "window_to": sa.Integer(),
    "starts": sa.JSON(),
    "evenings": sa.Boolean(),
    "weekends": sa.Boolean(),
    "roster": sa.JSON(),
    "quorum": sa.Integer(),
    "preferred": sa.JSON(),
}


def upgrade() -> None:
    op.create_table(
        "area_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=True),
        sa.Column("like_id", sa.Integer(), nullable=True),
        sa.Column("travel_base", sa.Integer(), nullable=True),
        sa.Column("travel_per_km", sa.Integer(), nullable=True),
        sa.Column("travel_cap", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("minutes_long", sa.Integer(), nullable=True),
        *(sa.Column(name, kind, nullable=True) for name, kind in OWN.items()),
        sa.CheckConstraint("like_id <> area_id", name=op.f("ck_area_settings_like_another")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_area_settings_area_id")),
        sa.ForeignKeyConstraint(["like_id"], ["areas.id"], name=op.f("fk_area_settings_like_id")),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venues.id"], name=op.f("fk_area_settings_venue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_settings")),
        sa.UniqueConstraint("area_id", "kind", name=op.f("uq_area_settings_area_id_kind")),
    )
    op.create_index(op.f("ix_area_settings_like_id"), "area_settings", ["like_id"])
    op.create_table(
        "venue_closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.CheckConstraint('"end" > start', name=op.f("ck_venue_closures_period")),
        sa.ForeignKeyConstraint(
            ["venue_id"],
            ["venues.id"],
            name=op.f("fk_venue_closures_venue_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_closures")),
    )
    op.create_index("ix_venue_closures_venue_id_end", "venue_closures", ["venue_id", "end"])
    with op.batch_alter_table("attendees") as batch_op:
        batch_op.add_column(
            sa.Column("known_away", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("attendees") as batch_op:
        batch_op.alter_column("known_away", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("units") as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=32), nullable=False, server_default="joint")
        )
        batch_op.add_column(
            sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        for name, kind in OWN.items():
            batch_op.add_column(sa.Column(name, kind, nullable=True))
        batch_op.alter_column("minutes_long", existing_type=sa.Integer(), nullable=True)
        batch_op.drop_constraint(batch_op.f("uq_units_compound_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_units_compound_id_kind"), ["compound_id", "kind"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_units_owners_of_compound"), "kind = 'joint' OR compound_id IS NOT NULL"
        )
    with op.batch_alter_table("units") as batch_op:
        for name, kind in (
            ("kind", sa.String(32)),
            ("paused", sa.Boolean()),
            ("version", sa.Integer()),
        ):
            batch_op.alter_column(name, existing_type=kind, server_default=None)
    # An hour was everybody's default: what says no more than that says nothing.
    op.execute("UPDATE units SET minutes_long = NULL WHERE minutes_long = 60")
    with op.batch_alter_table("venues") as batch_op:
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_check_constraint(batch_op.f("ck_venues_capacity"), "capacity > 0")
    with op.batch_alter_table("venues") as batch_op:
        batch_op.alter_column("version", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("venues") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_venues_capacity"), type_="check")
        batch_op.drop_column("version")
        batch_op.drop_column("capacity")
    op.execute("UPDATE units SET minutes_long = 60 WHERE minutes_long IS NULL")
    op.execute("DELETE FROM units WHERE kind = 'owners'")
    with op.batch_alter_table("units") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_units_owners_of_compound"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_units_compound_id_kind"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_units_compound_id"), ["compound_id"])
        batch_op.alter_column("minutes_long", existing_type=sa.Integer(), nullable=False)
        for name in (*OWN, "version", "paused", "kind"):
            batch_op.drop_column(name)
    with op.batch_alter_table("attendees") as batch_op:
        batch_op.drop_column("known_away")
    op.drop_table("venue_closures")
    op.drop_table("area_settings")

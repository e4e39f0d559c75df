"""File boundaries by cell: an index for the question which areas hold a point."""

import math

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("boundaries") as table:
        table.drop_index("ix_boundaries_box")
        table.add_column(sa.Column("cell", sa.BigInteger(), nullable=True))
    _fill()
    with op.batch_alter_table("boundaries") as table:
        table.alter_column("cell", existing_type=sa.BigInteger(), nullable=False)
        table.create_index("ix_boundaries_cell", ["cell"])


def downgrade() -> None:
    with op.batch_alter_table("boundaries") as table:
        table.drop_index("ix_boundaries_cell")
        table.drop_column("cell")
        table.create_index("ix_boundaries_box", ["west", "east", "south", "north"])


def _fill() -> None:
    rows = sa.table(
        "boundaries",
        sa.column("area_id", sa.Integer()),
        *(sa.column(side, sa.Float()) for side in ("west", "south", "east", "north")),
        sa.column("cell", sa.BigInteger()),
    )
    connection = op.get_bind()
    boxes = sa.select(rows.c.area_id, rows.c.west, rows.c.south, rows.c.east, rows.c.north)
    found = [
        {"number": area_id, "found": _cell(*box)} for area_id, *box in connection.execute(boxes)
    ]
    if found:
        filed = sa.update(rows).where(rows.c.area_id == sa.bindparam("number"))
        connection.execute(filed.values(cell=sa.bindparam("found")), found)


def _cell(west: float, south: float, east: float, north: float) -> int:
    level = 20
    while level > 6 and max(east - west, north - south) > 360 / (1 << level):
        level -= 1
    scale = (1 << level) / 360
    return level << 48 | math.floor((west + 180) * scale) << 24 | math.floor((south + 90) * scale)

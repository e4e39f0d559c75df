"""Key the directory."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "area_keys",
        sa.Column(
            "key",
            sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"], ["areas.id"], name=op.f("fk_area_keys_area_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "area_id", name=op.f("pk_area_keys")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("area_keys", schema=None) as batch_op:
        batch_op.create_index("ix_area_keys_area_id", ["area_id"], unique=False)

    op.create_table(
        "board_prints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.String(length=32), nullable=False),
        sa.Column("with_gaps", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_board_prints_area_id")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_board_prints_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_prints")),
    )
    with op.batch_alter_table("board_prints", schema=None) as batch_op:
        batch_op.create_index(
            "ix_board_prints_area_id_asked_at", ["area_id", "asked_at"], unique=False
        )
        batch_op.create_index(
            "ix_board_prints_open",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "compound_keys",
        sa.Column(
            "key",
            sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id"],
            ["compounds.id"],
            name=op.f("fk_compound_keys_compound_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "compound_id", name=op.f("pk_compound_keys")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("compound_keys", schema=None) as batch_op:
        batch_op.create_index("ix_compound_keys_compound_id", ["compound_id"], unique=False)

    op.create_table(
        "officer_keys",
        sa.Column(
            "key",
            sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_officer_keys_officer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "officer_id", name=op.f("pk_officer_keys")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("officer_keys", schema=None) as batch_op:
        batch_op.create_index("ix_officer_keys_officer_id", ["officer_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("officer_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_officer_keys_officer_id")

    op.drop_table("officer_keys")
    with op.batch_alter_table("compound_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_compound_keys_compound_id")

    op.drop_table("compound_keys")
    with op.batch_alter_table("board_prints", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_board_prints_open",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.drop_index("ix_board_prints_area_id_asked_at")

    op.drop_table("board_prints")
    with op.batch_alter_table("area_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_area_keys_area_id")

    op.drop_table("area_keys")

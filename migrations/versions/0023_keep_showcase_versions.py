"""Keep what areas want shown, drafts and versions of showcases, photos, and requests to publish."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

DRAFT = sa.text("draft")


def upgrade() -> None:
    op.create_table(
        "showcase_forms",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("panels", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("months IN (1, 3, 6, 12)", name=op.f("ck_showcase_forms_months")),
        sa.CheckConstraint("due_day BETWEEN 1 AND 28", name=op.f("ck_showcase_forms_due_day")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_showcase_forms_area_id")),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_showcase_forms")),
    )
    op.create_table(
        "showcase_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("panels", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("written_by", sa.String(length=80), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT draft OR published_on IS NULL", name=op.f("ck_showcase_versions_draft")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_showcase_versions_number")),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_showcase_versions_compound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showcase_versions")),
        sa.UniqueConstraint(
            "compound_id",
            "period",
            "number",
            name=op.f("uq_showcase_versions_compound_id_period_number"),
        ),
    )
    op.create_index(
        "ix_showcase_versions_draft", "showcase_versions", ["compound_id", "period"], unique=True,
        sqlite_where=DRAFT, postgresql_where=DRAFT,
    )  # fmt: skip
    op.create_table(
        "showcase_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("panel", sa.String(length=20), nullable=False),
        sa.Column("caption", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("small", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["showcase_versions.id"], name=op.f("fk_showcase_photos_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showcase_photos")),
    )
    op.create_index("ix_showcase_photos_version_id", "showcase_photos", ["version_id"])
    op.create_table(
        "showcase_chases",
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_showcase_chases_compound_id")
        ),
        sa.PrimaryKeyConstraint("compound_id", "period", "day", name=op.f("pk_showcase_chases")),
    )


def downgrade() -> None:
    op.drop_table("showcase_chases")
    op.drop_table("showcase_photos")
    op.drop_table("showcase_versions")
    op.drop_table("showcase_forms")

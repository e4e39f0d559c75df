"""Note the files of photos taken out of drafts until they are cleared; find who names a picture."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

NAMED = (
    ("showcase_photos", "digest"),
    ("showcase_photos", "small"),
    ("report_photos", "sha256"),
    ("attachments", "sha256"),
)


def upgrade() -> None:
    op.create_table(
        "showcase_photos_left",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_showcase_photos_left")),
    )
    op.create_index(op.f("ix_showcase_photos_left_since"), "showcase_photos_left", ["since"])
    for table, column in NAMED:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in reversed(NAMED):
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.drop_table("showcase_photos_left")

"""Let a resolution name the way of the old compound that it moved."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resolutions") as batch:
        batch.add_column(sa.Column("pipeline_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_resolutions_pipeline_id"), "pipelines", ["pipeline_id"], ["id"]
        )
    op.create_index(op.f("ix_resolutions_pipeline_id"), "resolutions", ["pipeline_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_resolutions_pipeline_id"), "resolutions")
    with op.batch_alter_table("resolutions") as batch:
        batch.drop_constraint(op.f("fk_resolutions_pipeline_id"), type_="foreignkey")
        batch.drop_column("pipeline_id")

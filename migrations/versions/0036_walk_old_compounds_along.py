"""Walk old compounds to professional management: rules, ways, votes, steps."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pipeline_rules",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("participation", sa.String(length=32), nullable=False),
        sa.Column("consent", sa.String(length=32), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_pipeline_rules_area_id")),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_pipeline_rules")),
    )
    op.create_table(
        "pipelines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("goal", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("operator", sa.String(length=120), nullable=True),
        sa.Column("agreement", sa.String(length=60), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("fee", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("fee_unit", sa.String(length=32), nullable=True),
        sa.Column("fee_model", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (stage NOT IN ('done', 'dropped'))",
            name=op.f("ck_pipelines_end"),
        ),
        sa.CheckConstraint("goal <> 'none'", name=op.f("ck_pipelines_goal")),
        sa.CheckConstraint(
            "fee IS NULL OR fee_unit IS NOT NULL", name=op.f("ck_pipelines_fee_unit")
        ),
        sa.CheckConstraint(
            "until IS NULL OR since IS NULL OR until >= since", name=op.f("ck_pipelines_period")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_pipelines_compound_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["officers.id"], name=op.f("fk_pipelines_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipelines")),
    )
    op.create_index("ix_pipelines_compound_id", "pipelines", ["compound_id", "id"], unique=False)
    op.create_index(op.f("ix_pipelines_owner_id"), "pipelines", ["owner_id"], unique=False)
    op.create_index(
        "ix_pipelines_running",
        "pipelines",
        ["compound_id"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "pipeline_ballots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("persons_voted", sa.Integer(), nullable=False),
        sa.Column("persons_for", sa.Integer(), nullable=False),
        sa.Column("area", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("area_voted", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("area_for", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("participation", sa.String(length=32), nullable=False),
        sa.Column("consent", sa.String(length=32), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "area > 0 AND area_voted BETWEEN 0 AND area AND area_for BETWEEN 0 AND area_voted",
            name=op.f("ck_pipeline_ballots_area"),
        ),
        sa.CheckConstraint(
            "persons > 0 AND persons_voted BETWEEN 0 AND persons AND persons_for BETWEEN 0 AND persons_voted",
            name=op.f("ck_pipeline_ballots_persons"),
        ),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipelines.id"], name=op.f("fk_pipeline_ballots_pipeline_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_ballots")),
    )
    op.create_index(
        "ix_pipeline_ballots_pipeline_id", "pipeline_ballots", ["pipeline_id", "id"], unique=False
    )
    op.create_table(
        "pipeline_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=True),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("resolution_id", sa.Integer(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipelines.id"], name=op.f("fk_pipeline_steps_pipeline_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_steps")),
    )
    op.create_index(
        "ix_pipeline_steps_pipeline_id", "pipeline_steps", ["pipeline_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_pipeline_steps_pipeline_id", table_name="pipeline_steps")
    op.drop_table("pipeline_steps")
    op.drop_index("ix_pipeline_ballots_pipeline_id", table_name="pipeline_ballots")
    op.drop_table("pipeline_ballots")
    op.drop_index(
        "ix_pipelines_running",
        table_name="pipelines",
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.drop_index(op.f("ix_pipelines_owner_id"), table_name="pipelines")
    op.drop_index("ix_pipelines_compound_id", table_name="pipelines")
    op.drop_table("pipelines")
    op.drop_table("pipeline_rules")

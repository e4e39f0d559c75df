"""Keep the closings that a reopening undid, so that the rates of a past moment stay true."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    kept = op.create_table(
        "undone_closings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("fed_back_at", MOMENT, nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("undone_at", MOMENT, nullable=False),
        sa.CheckConstraint("undone_at >= closed_at", name=op.f("ck_undone_closings_order")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_undone_closings_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undone_closings")),
    )
    op.create_index("ix_undone_closings_case_id", "undone_closings", ["case_id"])
    _keep_known(kept)


def _keep_known(kept: sa.Table) -> None:
    """Read from the journal what earlier reopenings took away."""
    journal = sa.table(
        "journal", sa.column("id"), sa.column("verb"), sa.column("subject_id"),
        sa.column("detail", sa.JSON()),
    )  # fmt: skip
    cases = sa.table("cases", sa.column("id"), sa.column("number"))
    wanted = (
        sa.select(cases.c.id, journal.c.detail)
        .join(cases, cases.c.number == journal.c.subject_id)
        .where(journal.c.verb == "handle_case")
        .order_by(journal.c.id)
    )
    rows = [
        _undone(case_id, detail["before"], detail["after"])
        for case_id, detail in op.get_bind().execute(wanted)
        if detail.get("step") == "reopen_case" and "reopened_at" in detail.get("after", {})
    ]
    if rows:
        op.bulk_insert(kept, rows)


def _undone(case_id: int, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "closed_at": _moment(before["closed_at"]),
        "fed_back_at": _moment(before.get("fed_back_at")),
        "satisfied": before.get("satisfied"),
        "undone_at": _moment(after["reopened_at"]),
    }


def _moment(written: str | None) -> datetime | None:
    """Return it as the engine stores it: SQLite keeps UTC without an offset."""
    if written is None:
        return None
    moment = datetime.fromisoformat(written).astimezone(UTC)
    return moment.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else moment


def downgrade() -> None:
    op.drop_table("undone_closings")

"""Runs revisions on the connection that govgrid.schema opened."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from govgrid.cipher import Encrypted
from govgrid.db import UtcTime, metadata
from govgrid.schema import asked, ours


def render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write plain SQLAlchemy types: revisions never import the application."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.Text()"
    if kind == "type" and isinstance(item, sa.Enum):
        return "sa.String(length=32)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render_item,
    include_name=ours,
    include_object=asked,
    compare_type=True,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()

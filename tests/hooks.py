"""A watch over every session: who changes domain tables in a request journals it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from govgrid import journal

# No act of a person: sessions and their use, how often somebody came, letters (their cause is journalled), the journal,
# events made anew from what was journalled, answers kept so that nothing is taken twice.
UNWATCHED = {
    "sign_ins", "api_token_uses", "limit_counts", "letters", "journal", "journal_cuts", "feed_events",
    "room_entries",
}  # fmt: skip


def _note(db: Session, tables: set[str]) -> None:
    db.info.setdefault("changed", set()).update(tables - UNWATCHED)


def _flushing(db: Session, _context: object, _instances: object) -> None:
    rows = [*db.new, *db.deleted, *(row for row in db.dirty if db.is_modified(row))]
    _note(db, {row.__tablename__ for row in rows})


def _executing(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        table = getattr(state.statement, "table", None)
        _note(state.session, {getattr(table, "name", "")} - {""})


def _committing(db: Session) -> None:
    changed = set(db.info.get("changed", set()))
    changed |= {
        row.__tablename__
        for row in [*db.new, *db.deleted, *(row for row in db.dirty if db.is_modified(row))]
    } - UNWATCHED
    if journal.origin() and changed and not db.info.get("journal"):
        message = f"{sorted(changed)} changed in a request, and the journal says nothing"
        raise AssertionError(message)


@pytest.fixture(autouse=True)
def _every_write_is_journalled() -> Iterator[None]:
    """Fail the request that changes rows of a domain table without a line in the journal."""
    listeners = (
        ("before_flush", _flushing),
        ("do_orm_execute", _executing),
        ("before_commit", _committing),
    )
    for name, listener in listeners:
        event.listen(Session, name, listener, insert=True)
    yield
    for name, listener in listeners:
        event.remove(Session, name, listener)

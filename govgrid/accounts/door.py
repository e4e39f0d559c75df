"""The door of the house: from a request's cookie to the actor, noting that the session is in use."""

import logging
from datetime import datetime

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.requests import Request

from govgrid.access import Actor
from govgrid.accounts.actions import TOUCH_EVERY, touch
from govgrid.accounts.queries import present
from govgrid.db import Database
from govgrid.web.csrf import SAFE
from govgrid.web.visit import SESSION

_log = logging.getLogger(__name__)


def who(database: Database, db: Session, request: Request, at: datetime) -> Actor | None:
    """Return who is signed in; once a minute, a page that reads notes the session's use."""
    token = request.cookies.get(SESSION, "")
    found = present(db, database.settings, token, at)
    if found is None:
        return None
    # Not while posting: the handler's transaction holds SQLite's only place to write.
    if request.method in SAFE and at - found.seen_at >= TOUCH_EVERY:
        _note(database, token, at)
    return found.actor


def _note(database: Database, token: str, at: datetime) -> None:
    try:
        touch(database, token, at=at)
    except OperationalError:  # a full disk must not stop people from reading
        _log.warning("the use of a session could not be noted", exc_info=True)

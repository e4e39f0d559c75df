"""Files of photos taken out of drafts: noted, and cleared from the archive when nobody names them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from govgrid import archive
from govgrid.db import Database
from govgrid.showcase.models import PhotoLeft, ShowcasePhoto

GRACE = timedelta(days=1)
"""A copy or a page under way may still want the file."""
BATCH = 100

Held = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def leave(db: Session, photos: Iterable[ShowcasePhoto], *, at: datetime) -> None:
    """Note the files of photos that are being taken out."""
    found = {name for photo in photos for name in (photo.digest, photo.small)}
    known = set(db.scalars(select(PhotoLeft.digest).where(PhotoLeft.digest.in_(found))))
    db.add_all(PhotoLeft(digest=name, since=at) for name in sorted(found - known))


def want_again(db: Session, names: Iterable[str]) -> None:
    """Take back that note, before the file is kept: a clearing under way ends first."""
    db.execute(delete(PhotoLeft).where(PhotoLeft.digest.in_(list(names))))


def clearing(holders: Sequence[Held]) -> Callable[[Database, datetime], int]:
    """Return the worker's step that clears files named in none of these columns."""

    def clear_photos(database: Database, at: datetime) -> int:
        due = select(PhotoLeft.digest).where(PhotoLeft.since <= at - GRACE)
        with database.reading() as db:
            if db.scalar(due.limit(1)) is None:
                return 0
        with database.writing() as db:
            rows = due.order_by(PhotoLeft.since, PhotoLeft.digest).limit(BATCH)
            names = set(db.scalars(rows.with_for_update(skip_locked=True)))
            held = {
                name
                for column in holders
                for name in db.scalars(select(column).where(column.in_(names)))
            }
            for name in names - held:
                archive.place(database.settings.archive, name).unlink(missing_ok=True)
            db.execute(delete(PhotoLeft).where(PhotoLeft.digest.in_(names)))
            return len(names)

    return clear_photos

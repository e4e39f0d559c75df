"""Whether a database holds the demo city, and how it gets there whole or not at all."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from sqlalchemy import inspect, make_url, select, text
from sqlalchemy.orm import Session

from govgrid import schema
from govgrid.accounts.rules import DemoSignIn
from govgrid.db import Database, metadata
from govgrid.demo.build import Progress, build
from govgrid.demo.ways import sign_ins
from govgrid.errors import Conflict
from govgrid.journal import Entry, heads
from govgrid.settings import Settings

T = TypeVar("T")
_PARTS = text("SELECT relid::regclass::text FROM pg_partition_tree('journal')")


def stand(settings: Settings, today: date | None, now: date, progress: Progress) -> date:
    """Return the day for which the demo city stands, built where it did not stand yet.

    A day other than the standing city's builds anew. Raise `Conflict` where the database holds
    anything that is not the demo: nobody's data is ever dropped for it.
    """
    known = built_for(settings)
    if known is not None and today in (None, known):
        return known
    return rebuild(settings, today or now, progress)


def rebuild(settings: Settings, today: date, progress: Progress) -> date:
    """Build the city anew. Raise `Conflict` where the database holds anything but a demo."""
    path = _file(settings)
    _with_database(settings, _refuse_foreign)
    heads.forget(settings)  # the journal begins anew
    if path is None:
        _rebuild_in_place(settings, today, progress)
    else:
        _rebuild_beside(settings, path, today, progress)
    return today


def built_for(settings: Settings) -> date | None:
    """Return the day for which a whole demo city stands in the database, if one does."""
    return _with_database(settings, lambda db: _noted(db, "build"))


def known_sign_ins(settings: Settings, today: date) -> list[DemoSignIn]:
    """Return the ways into the standing city."""
    return _with_database(settings, lambda db: sign_ins(db, today)) or []


def _rebuild_beside(settings: Settings, path: Path, today: date, progress: Progress) -> None:
    """Build in a file beside and rename it into place: a kill leaves the old one as it was."""
    beside = path.with_name(f"{path.name}.building")
    _remove(beside)
    with closing(Database(replace(settings, database_url=f"sqlite:///{beside}"))) as database:
        schema.migrate(database)
        build(database, today, progress)
    # The last connection has folded the log into the file: one rename moves it all.
    _remove(path)
    beside.rename(path)


def _rebuild_in_place(settings: Settings, today: date, progress: Progress) -> None:
    """Empty the tables and fill them; a half-built city lacks the last note and is rebuilt."""
    with closing(Database(settings)) as database:
        schema.migrate(database)
        schema.load_models()
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        with database.writing() as db:
            # A demo's journal may go; any other was refused above.
            guarded = ["journal_cuts", *db.scalars(_PARTS)]
            for table in guarded:
                db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            db.execute(text(f"TRUNCATE {names}, minutes_fts RESTART IDENTITY"))
            for table in guarded:
                db.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        build(database, today, progress)


def _refuse_foreign(db: Session) -> None:
    if _noted(db, "begin") is None and db.scalar(select(Entry.id).limit(1)) is not None:
        raise Conflict(
            "数据库中已有其他数据，不能用来建演示城市。"
            "请用 GOVGRID_DATABASE_URL 指定另一个数据库，例如 sqlite:///var/demo.db。"
        )


def _noted(db: Session, verb: str) -> date | None:
    noted = select(Entry.subject_id).where(Entry.subject == "demo", Entry.verb == verb)
    day = db.scalar(noted.order_by(Entry.id.desc()).limit(1))
    return date.fromisoformat(day) if day else None


def _with_database(settings: Settings, ask: Callable[[Session], T]) -> T | None:
    """Ask the database, if there is one with a journal."""
    path = _file(settings)
    if path is not None and not path.exists():
        return None
    with closing(Database(settings)) as database:
        if not inspect(database.engine).has_table(Entry.__tablename__):
            return None
        with database.reading() as db:
            return ask(db)


def _file(settings: Settings) -> Path | None:
    url = make_url(settings.database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)

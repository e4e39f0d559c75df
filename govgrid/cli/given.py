"""What a command is given: the database, moments, areas."""

from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy import inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.orm import Session

from govgrid import schema
from govgrid.db import Database
from govgrid.errors import Conflict, NotFound
from govgrid.grid.models import Area
from govgrid.journal import Entry
from govgrid.settings import DEMO_SECRET, Settings


def database() -> Database:
    """Return the database of this installation. Raise `Conflict` unless its schema is ours."""
    settings = Settings.read()
    file = sqlite_file(settings)
    if file is not None and not file.is_file():
        raise Conflict("数据库尚未建立，请先运行 govgrid migrate。")
    opened = any_database()
    stands, wanted = schema.current(opened), schema.newest()
    if stands is None:
        raise Conflict("数据库尚未建立，请先运行 govgrid migrate。")
    with opened.engine.connect() as connection:
        fits = not schema.unfit(connection)
    if not fits and not schema.knows(stands):
        raise Conflict(
            "数据库结构为 %(stands)s，比本程序的 %(wanted)s 新，且不再支持本版本，请先升级程序。",
            stands=stands,
            wanted=wanted,
        )
    if not fits:
        raise Conflict(
            "数据库结构为 %(stands)s，本程序需要 %(wanted)s，请先运行 govgrid migrate。",
            stands=stands,
            wanted=wanted,
        )
    return opened


def any_database() -> Database:
    """Return the database whatever its schema, closed when the command ends.

    The demo city's has the demo's secret where no other is set.
    """
    settings = Settings.read()
    if not settings.secret and is_demo(settings):
        settings = replace(settings, secret=DEMO_SECRET, demo=True)
    opened = Database(settings)
    if context := click.get_current_context(silent=True):
        context.call_on_close(opened.close)
    return opened


def is_demo(settings: Settings) -> bool:
    """Tell whether the database there holds a demo city."""
    file = sqlite_file(settings)
    if file is not None and not file.is_file():
        return False
    begun = select(Entry.id).where(Entry.subject == "demo", Entry.verb == "begin").limit(1)
    with closing(Database(settings)) as asked, suppress(DBAPIError):  # its user says what is wrong
        if inspect(asked.engine).has_table(Entry.__tablename__):
            with asked.reading() as db:
                return db.scalar(begun) is not None
    return False


def sqlite_file(settings: Settings) -> Path | None:
    """Return where SQLite keeps the database, None on PostgreSQL."""
    url = make_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def area_of(db: Session, code: str) -> Area:
    """Return the area with that code. Raise `NotFound`."""
    area = db.scalar(select(Area).where(Area.code == code))
    if area is None:
        raise NotFound("没有代码为“%(code)s”的区域。", code=code)
    return area


def unusable(error: Exception) -> str:
    """Return why the database cannot be used, "" where the error is not of the place."""
    if type(error) not in {ArgumentError, DatabaseError, OperationalError}:
        return ""
    return str(getattr(error, "orig", error)).strip().partition("\n")[0]

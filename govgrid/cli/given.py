"""What a command is given: the database, moments, areas; and how it answers in JSON."""

import json
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.clock import HERE
from govgrid.db import Database
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Area
from govgrid.settings import Settings


def database() -> Database:
    """Return the database of this installation."""
    return Database(Settings.read())


def moment(text: str) -> datetime:
    """Return the moment of `2026-11-01` or `2026-11-01T09:00+08:00`; without an offset, China's."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("“%(value)s”不是时间，请写成 2026-11-01T09:00 的形式。", value=text) from None
    return read if read.tzinfo else read.replace(tzinfo=HERE)


def area_of(db: Session, code: str) -> Area:
    """Return the area with that code. Raise `NotFound`."""
    area = db.scalar(select(Area).where(Area.code == code))
    if area is None:
        raise NotFound("没有代码为“%(code)s”的区域。", code=code)
    return area


def say_json(document: object) -> None:
    """Print the one document of `--json`."""
    click.echo(json.dumps(document, ensure_ascii=False))

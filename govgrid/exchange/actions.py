"""Verbs of the exchange: export what is stored, journalled."""

from typing import BinaryIO

from govgrid import journal
from govgrid.access import Actor
from govgrid.db import Database
from govgrid.sheets import Kind, Paths


def export(
    database: Database,
    actor: Actor | None,
    kind: Kind,
    stream: BinaryIO,
    name: str,
    paths: Paths,
    area: str = "",
) -> int:
    """Write what lies below the paths, note it in the journal, return the number of rows.

    `area` is the code that the journal names; empty is everything the actor may export.
    """
    write = kind.writer(name)
    with database.reading() as db:
        count = write(stream, kind.rows(db, paths))
    with database.writing() as db:
        journal.record(db, actor, "export", kind.key, area or "*", rows=count, file=name[-120:])
    return count

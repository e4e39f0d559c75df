"""The full text of signed minutes: kept, indexed by pairs of characters, found.

Pairs need no dictionary, find a word of two characters and are the same in both engines: a
contentless FTS5 table on SQLite, lexemes under a GIN index on PostgreSQL (its own `pg_trgm` knows
no Chinese letter in a database of the locale C, and finds nothing shorter than three). Where and
when a meeting was are words of the index, too, so that a street's search reads its own minutes only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    cast,
    column,
    false,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor, under
from govgrid.grid.models import Area
from govgrid.meetings.models import (
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    MinutesText,
    Retention,
    Unit,
)
from govgrid.meetings.rules.minutes import asked_pairs, pairs

MOST_PAIRS = 60_000
"""A text of more different pairs is a quarter of a million characters long."""
FEW = 60
"""Up to so many communities are named to the index; for more, whatever is found is looked at."""
_found_sqlite = table("minutes_fts", column("rowid"))
_found_postgresql = table("minutes_fts", column("id"), column("grams"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched: words that all stand in the text, and where and when the meeting was."""

    words: tuple[str, ...] = ()
    area: Area | None = None
    year: int | None = None
    retention: Retention | None = None
    before: int | None = None
    """Minutes older than this one's number."""


def keep_text(db: Session, minutes: Minutes, said: str, community_id: int, month: date) -> None:
    """Keep and index what signed minutes say; what is kept already stays."""
    if db.get(MinutesText, minutes.id) is not None:
        return
    db.add(MinutesText(minutes_id=minutes.id, text=said))
    db.flush()
    _index(db, minutes.id, said, community_id, month)


def index_all(db: Session) -> None:
    """Index every kept text, in a database whose index is empty."""
    rows = (
        select(MinutesText.minutes_id, MinutesText.text, Meeting.community_id, Meeting.month)
        .join(Minutes, Minutes.id == MinutesText.minutes_id)
        .join(Meeting, Meeting.id == Minutes.meeting_id)
    )
    for number, said, community, month in db.execute(rows.execution_options(yield_per=500)):
        _index(db, number, said, community, month)


def _index(db: Session, number: int, said: str, community_id: int, month: date) -> None:
    grams = [f"xc{community_id}", f"xy{month.year}", *pairs(said)[:MOST_PAIRS]]
    if db.get_bind().dialect.name == "sqlite":
        statement = text("INSERT INTO minutes_fts (rowid, grams) VALUES (:id, :grams)")
        db.execute(statement, {"id": number, "grams": " ".join(grams)})
        return
    statement = text("INSERT INTO minutes_fts (id, grams) VALUES (:id, array_to_tsvector(:grams))")
    db.execute(statement, {"id": number, "grams": grams})


def search(db: Session, actor: Actor, wanted: Wanted, limit: int) -> list[Minutes]:
    """Return signed minutes that the actor sees, the newest number first, with meeting and text."""
    chosen = _chosen(db, actor, wanted)
    if wanted.before is not None:
        chosen = chosen.where(Minutes.id < wanted.before)
    return list(
        db.scalars(
            chosen.limit(limit).options(
                contains_eager(Minutes.meeting).options(
                    contains_eager(Meeting.community), joinedload(Meeting.unit)
                ),
                joinedload(Minutes.signer),
            )
        )
    )


def texts_of(db: Session, found: Sequence[Minutes]) -> dict[int, str]:
    """Return the texts of minutes by number."""
    ids = [one.id for one in found]
    rows = db.scalars(select(MinutesText).where(MinutesText.minutes_id.in_(ids)))
    return {row.minutes_id: row.text for row in rows}


def _chosen(db: Session, actor: Actor, wanted: Wanted) -> Select[Minutes]:
    """Select what is wanted, the newest number first."""
    chosen = (
        select(Minutes)
        .join(Minutes.meeting)
        .join(Meeting.community)
        .where(Minutes.stage == MinutesStage.SIGNED, Minutes.archived_at.is_not(None))
    )
    if wanted.year is not None:
        first, last = date(wanted.year, 1, 1), date(wanted.year, 12, 1)
        chosen = chosen.where(Meeting.month.between(first, last))
    if wanted.retention is not None:
        chosen = chosen.where(Minutes.retention == wanted.retention)
    if not actor.paths():  # a few meetings: those invited to, and of the compounds served
        mine = chosen.where(_own(actor), *_said(wanted, indexed=False))
        if wanted.words:
            mine = mine.join(MinutesText, MinutesText.minutes_id == Minutes.id)
        return mine.order_by((Minutes.id + 0).desc())
    paths = (wanted.area.path,) if wanted.area else actor.paths()
    near = _communities(db, paths)
    chosen = chosen.where(under(Area.path, actor.paths()), under(Area.path, paths))
    if wanted.words:
        return _indexed(db, chosen, wanted, near)
    if near is None:
        return chosen.order_by(Minutes.id.desc())
    # A sum keeps the database from walking all numbers backwards in search of a few.
    return chosen.where(Meeting.community_id.in_(near)).order_by((Minutes.id + 0).desc())


def _indexed(
    db: Session, chosen: Select[Minutes], wanted: Wanted, near: list[int] | None
) -> Select[Minutes]:
    said = _said(wanted, indexed=True)
    if said:
        chosen = chosen.join(MinutesText, MinutesText.minutes_id == Minutes.id).where(*said)
    asked = _asked(wanted, near)
    if not asked:
        return chosen.where(false())
    if db.get_bind().dialect.name == "sqlite":
        sought = " AND ".join(f"({' OR '.join(map(_quoted, each))})" for each in asked)
        number = _found_sqlite.c.rowid
        return (
            chosen.join(_found_sqlite, number == Minutes.id)
            .where(literal_column("minutes_fts").op("MATCH")(sought))
            .order_by(number.desc())
        )
    sought = " & ".join(f"({' | '.join(map(_lexeme, each))})" for each in asked)
    grams: ColumnElement[Any] = _found_postgresql.c.grams
    return (
        chosen.join(_found_postgresql, _found_postgresql.c.id == Minutes.id)
        .where(grams.op("@@")(cast(sought, TSQUERY)))
        .order_by(Minutes.id.desc())
    )


def _asked(wanted: Wanted, near: list[int] | None) -> list[list[str]]:
    """Return what must stand in the index: of each list one."""
    asked = [[pair] for word in wanted.words for pair in asked_pairs(word)]
    if not asked:
        return []
    if near is not None:
        asked.append([f"xc{number}" for number in near] or ["xc0"])
    if wanted.year is not None:
        asked.append([f"xy{wanted.year}"])
    return asked


def _quoted(gram: str) -> str:
    return f'"{gram}" *' if len(gram) == 1 else f'"{gram}"'


def _lexeme(gram: str) -> str:
    return f"'{gram}':*" if len(gram) == 1 else f"'{gram}'"


def _said(wanted: Wanted, *, indexed: bool) -> list[ColumnElement[bool]]:
    """Return the conditions on the text itself; the index answers a plain pair alone."""
    return [
        MinutesText.text.icontains(word, autoescape=True)
        for word in wanted.words
        if not (indexed and len(word) <= 2 and word.isalnum())
    ]


def _own(actor: Actor) -> ColumnElement[bool]:
    invited = select(Attendee.meeting_id).where(
        Attendee.officer_id == actor.officer_id, Attendee.removed_at.is_(None)
    )
    served = select(Unit.id).where(Unit.compound_id.in_(actor.compounds()))
    return or_(Meeting.id.in_(invited), Meeting.unit_id.in_(served))


def _communities(db: Session, paths: Sequence[str]) -> list[int] | None:
    """Return the areas below the paths that can hold meetings, None for more than a few."""
    meets = select(Meeting.id).where(Meeting.community_id == Area.id).exists()
    rows = select(Area.id).where(under(Area.path, paths), meets).limit(FEW + 1)
    found = list(db.scalars(rows))
    return found if len(found) <= FEW else None

"""Lines of the journal that this actor may read, filtered, a page at a time by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from govgrid.access import EVERYWHERE, Actor, under
from govgrid.accounts.models import Account
from govgrid.audit.rules import audited_paths
from govgrid.clock import HERE
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Post
from govgrid.journal import Entry

SIZE = 50
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; days are local, both included. `who` is a name or a login."""

    who: str | None = None
    verb: str | None = None
    subject: str | None = None
    subject_id: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of lines, the newest first; `older` and `newer` are keys of the next ones."""

    entries: list[Entry]
    older: int | None
    newer: int | None


def leaf(
    db: Session,
    actor: Actor,
    wanted: Wanted,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Leaf:
    """Return the lines next older than `before`, or next newer than `after`, or the newest."""
    chosen = _chosen(db, actor, wanted)
    if after is not None:
        found = list(db.scalars(chosen.where(Entry.id > after).order_by(Entry.id).limit(SIZE + 1)))
        more = len(found) > SIZE
        entries = found[:SIZE][::-1]
        return Leaf(entries, entries[-1].id if entries else None, entries[0].id if more else None)
    if before is not None:
        chosen = chosen.where(Entry.id < before)
    found = list(db.scalars(chosen.order_by(Entry.id.desc()).limit(SIZE + 1)))
    entries = found[:SIZE]
    older = entries[-1].id if len(found) > SIZE else None
    return Leaf(entries, older, entries[0].id if before is not None and entries else None)


def all_lines(db: Session, actor: Actor, wanted: Wanted) -> Iterator[Entry]:
    """Yield every line, the newest first, in bounded memory."""
    chosen = _chosen(db, actor, wanted).order_by(Entry.id.desc())
    return iter(db.scalars(chosen.execution_options(yield_per=BATCH)))


def count_up_to(db: Session, actor: Actor, wanted: Wanted, most: int) -> int:
    """Count the lines, but not past `most` + 1."""
    some = _chosen(db, actor, wanted).with_only_columns(Entry.id).limit(most + 1).subquery()
    return db.scalar(select(func.count()).select_from(some)) or 0


def entry_seen(db: Session, actor: Actor, number: int) -> Entry:
    """Return one line. Raise `NotFound` for one that is not this actor's to read."""
    found = db.scalar(select(Entry).where(Entry.id == number, _readable(actor)))
    if found is None:
        raise NotFound("日志中没有这一行，或不在您的职责范围内。")
    return found


def _chosen(db: Session, actor: Actor, wanted: Wanted) -> Select[Entry]:
    conditions = [_readable(actor), *_period(db, wanted)]
    if wanted.who:
        conditions.append(_who(db, wanted.who))
    for column, value in (
        (Entry.verb, wanted.verb),
        (Entry.subject, wanted.subject),
        (Entry.subject_id, wanted.subject_id),
    ):
        if value:
            conditions.append(column == value)
    return select(Entry).where(*conditions)


def _readable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody of the actor's areas wrote the line, now or in the past."""
    paths = audited_paths(actor)
    if paths == (EVERYWHERE,):
        return true()
    officers = (
        select(Post.officer_id)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .join(Area, Area.id == func.coalesce(Post.area_id, Compound.community_id))
        .where(under(Area.path, paths))
    )
    return Entry.account_id.in_(select(Account.id).where(Account.officer_id.in_(officers)))


def _who(db: Session, who: str) -> ColumnElement[bool]:
    account = db.scalar(select(Account.id).where(Account.login == who))
    return Entry.account_id == account if account is not None else Entry.actor == who


def _period(db: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the period as a range of keys, which every filter's index ends in, and of moments."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        first = select(Entry.id).where(Entry.at >= _midnight(wanted.since))
        low = db.scalar(first.order_by(Entry.at, Entry.id).limit(1))
        conditions += [Entry.id >= (low or 0), Entry.at >= _midnight(wanted.since)]
    if wanted.until is not None:
        end = _midnight(wanted.until + timedelta(days=1))
        last = select(Entry.id).where(Entry.at < end)
        high = db.scalar(last.order_by(Entry.at.desc(), Entry.id.desc()).limit(1))
        conditions += [Entry.id <= (high or 0), Entry.at < end]
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)

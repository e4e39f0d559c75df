"""Write lines: collected in the session, chained just before commit, anchored after it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.db import Base
from govgrid.journal import heads, seals
from govgrid.journal.models import Cut, Entry
from govgrid.origin import origin

SYSTEM = "system"
_LOCK = 0x60F6  # one advisory lock: the chain has one end
Image = dict[str, object]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: its last line's number and seal, and the first line's seal."""

    number: int
    seal: str
    root: str


def image(row: Base, *names: str) -> Image:
    """Return the named attributes of a row as they are now, for `before` and `after`."""
    return {name: getattr(row, name) for name in names}


def record(
    db: Session,
    actor: Actor | None,
    verb: str,
    subject: str,
    subject_id: object,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    **detail: object,
) -> None:
    """Note that the actor (None: the system) did `verb` to a subject, in this transaction.

    Of `before` and `after` only what differs is kept.
    """
    whole: Image = dict(detail)
    if before is not None or after is not None:
        whole |= _difference(before or {}, after or {})
    db.info.setdefault("journal", []).append(
        Entry(
            at=_now(),
            account_id=actor.account_id if actor else None,
            actor=actor.name if actor else SYSTEM,
            address=origin(),
            verb=verb,
            subject=subject,
            subject_id=str(subject_id),
            detail=json.loads(json.dumps(whole, default=_plain)),
        )
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _difference(before: Mapping[str, object], after: Mapping[str, object]) -> Image:
    changed = [k for k in {**before, **after} if before.get(k) != after.get(k)]
    return {
        "before": {k: before[k] for k in changed if k in before},
        "after": {k: after[k] for k in changed if k in after},
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


@event.listens_for(Session, "before_commit")
def _write_pending(db: Session) -> None:
    # Sealed last, so that the chain's lock is held for the shortest time.
    pending: list[Entry] = db.info.pop("journal", [])
    if not pending:
        return
    lock(db)
    number, seal = end(db)
    key = db.info["settings"].secret
    for entry in pending:
        number += 1
        entry.id = number
        seal = entry.seal = seals.of_line(key, seal, entry)
        db.add(entry)
    db.flush()
    db.info["journal_head"] = Head(number, seal, root(db))


def lock(db: Session) -> None:
    """Wait for the chain's end; SQLite has one writer anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def end(db: Session) -> tuple[int, str]:
    """Return the number and the seal of the last line; 0 and nothing before the first."""
    last = select(Entry.id, Entry.seal).order_by(Entry.id.desc()).limit(1)
    cut = select(Cut.last_id, Cut.last_seal).order_by(Cut.last_id.desc()).limit(1)
    row = db.execute(last).one_or_none() or db.execute(cut).one_or_none()
    return (row[0], row[1]) if row else (0, "")


def root(db: Session) -> str:
    """Return the seal of the very first line, kept in the cuts once that line is gone."""
    kept = db.scalar(select(Cut.root).order_by(Cut.last_id.desc()).limit(1))
    return kept or db.scalar(select(Entry.seal).order_by(Entry.id).limit(1)) or ""


@event.listens_for(Session, "after_commit")
def _anchor(db: Session) -> None:
    head: Head | None = db.info.pop("journal_head", None)
    if head is not None:
        heads.anchor(db.info["settings"], head.root, head.number, head.seal)


@event.listens_for(Session, "after_rollback")
def _drop_pending(db: Session) -> None:
    db.info.pop("journal", None)
    db.info.pop("journal_head", None)

"""Who did what to what, when: append-only, chained by hash."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, Index, Integer, String, event, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from govgrid.access import Actor
from govgrid.db import Base

SYSTEM = "system"
_LOCK = 0x60F6  # one advisory lock: the chain has one end


class Entry(Base):
    """One line of the journal; `seal` covers this line and the one before."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_subject", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(80))
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, object]] = mapped_column(JSON)
    seal: Mapped[str] = mapped_column(String(64))


def record(
    db: Session, actor: Actor | None, verb: str, subject: str, subject_id: object, **detail: object
) -> None:
    """Note that the actor (None: the system) did `verb` to a subject, in this transaction."""
    db.info.setdefault("journal", []).append(
        Entry(
            at=datetime.now(UTC).replace(microsecond=0),
            account_id=actor.account_id if actor else None,
            actor=actor.name if actor else SYSTEM,
            verb=verb,
            subject=subject,
            subject_id=str(subject_id),
            detail=json.loads(json.dumps(detail, default=str)),
        )
    )


@event.listens_for(Session, "before_commit")
def _write_pending(db: Session) -> None:
    # Sealed last, so that the chain's lock is held for the shortest time.
    pending: list[Entry] = db.info.pop("journal", [])
    if not pending:
        return
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    seal = db.scalar(select(Entry.seal).order_by(Entry.id.desc()).limit(1)) or ""
    key = db.info["settings"].secret
    for entry in pending:
        seal = entry.seal = _seal(key, seal, entry)
        db.add(entry)
        db.flush()


@event.listens_for(Session, "after_rollback")
def _drop_pending(db: Session) -> None:
    db.info.pop("journal", None)


def broken(db: Session) -> Iterator[Entry]:
    """Yield every line whose seal does not follow from the line before it."""
    key, seal = db.info["settings"].secret, ""
    for entry in db.scalars(select(Entry).order_by(Entry.id).execution_options(yield_per=1000)):
        if entry.seal != _seal(key, seal, entry):
            yield entry
        seal = entry.seal


def _seal(key: str, before: str, entry: Entry) -> str:
    line = json.dumps(
        [
            before,
            entry.at.isoformat(),
            entry.account_id,
            entry.actor,
            entry.verb,
            entry.subject,
            entry.subject_id,
            entry.detail,
        ],
        sort_keys=True,
        ensure_ascii=False,
    )
    return hmac.new(key.encode(), line.encode(), hashlib.sha256).hexdigest()

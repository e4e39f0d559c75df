"""Queue a letter in the transaction that causes it; lease, send, defer or bury it later."""

import logging
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from govgrid.access import lies_in
from govgrid.db import Database
from govgrid.errors import Refusal
from govgrid.outbox import bots
from govgrid.outbox.message import Mail, as_bytes
from govgrid.outbox.models import Bot, Letter, Pause
from govgrid.outbox.transport import Deferred, Refused, Transport, Unanswered, open_transport

BATCH = 50
LEASE = timedelta(minutes=5)
PATIENCE = 60.0  # seconds for a batch, far below the lease: a slow server's letters go back
MINUTE = timedelta(minutes=1)
TURN = 0x6C657474  # the advisory lock under which letters are leased
TRIES = 12
SUPERSEDED = "superseded"
EXPIRED = "expired"
_log = logging.getLogger(__name__)
_TABLE = cast("Table", Letter.__table__)
_LEFT = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("number"))
    .values(sent_at=bindparam("at"), leased_until=None)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a letter says; `key` names it once and for all, `about` what it concerns."""

    key: str
    about: str
    sender_name: str
    to_address: str
    to_name: str
    title: str
    plain: str
    html: str
    calendar: bytes | None = None
    method: str | None = None
    thread: str | None = None
    scope: str | None = None
    not_after: datetime | None = None


def queue(db: Session, draft: Draft, *, at: datetime, not_before: datetime | None = None) -> None:
    """Put the letter into the outbox, unless one of that key is there already."""
    queue_all(db, [(draft, not_before or at)], at=at)


def queue_all(db: Session, drafts: Sequence[tuple[Draft, datetime]], *, at: datetime) -> None:
    """Put letters into the outbox, each with the time before which it does not leave."""
    keys = [draft.key for draft, _ in drafts]
    rows = db.execute(select(Letter.key, Letter.answer).where(Letter.key.in_(keys)))
    known: dict[str, str | None] = {row.key: row.answer for row in rows}
    domain = db.info["settings"].mailbox.rpartition("@")[2]
    for draft, not_before in drafts:
        key = draft.key
        if key in known:
            if known[key] != SUPERSEDED:
                continue
            key = f"{key}.{token_hex(4)}"  # replaces one of the same moment, which took the key
        known[key] = None
        db.add(_letter(draft, key, domain, at, not_before))


def _letter(draft: Draft, key: str, domain: str, at: datetime, not_before: datetime) -> Letter:
    return Letter(
        key=key,
        subject_of=draft.about,
        thread=draft.thread,
        scope=draft.scope,
        message_id=f"{key.replace(':', '.')}@{domain}",
        sender_name=draft.sender_name,
        to_address=draft.to_address,
        to_name=draft.to_name,
        title=draft.title,
        plain=draft.plain,
        html=draft.html,
        calendar=draft.calendar,
        method=draft.method,
        queued_at=at,
        not_before=not_before,
        not_after=draft.not_after,
    )


@dataclass(frozen=True, slots=True)
class Waited:
    """What of a thread was given up: when it would have left, and whether others may have left."""

    until: datetime
    told: bool


def give_up(db: Session, threads: Collection[str], *, at: datetime) -> dict[str, Waited]:
    """Give up what of each thread has not left and nobody is sending; name those with such."""
    waiting: dict[str, list[Letter]] = {}
    for letter in db.scalars(
        select(Letter)
        .where(Letter.thread.in_(threads), _unsent(), _free(at))
        .order_by(Letter.id)
        .with_for_update(skip_locked=True)
    ):
        assert letter.thread is not None
        waiting.setdefault(letter.thread, []).append(letter)
        # A lease that ran out: its worker died, nobody knows how far it came.
        letter.in_doubt = letter.in_doubt or letter.leased_until is not None
        letter.dead_at, letter.answer = at, SUPERSEDED
    if not waiting:
        return {}
    db.flush()
    may_have_left = or_(Letter.sent_at.is_not(None), Letter.in_doubt, Letter.dead_at.is_(None))
    told = set(db.scalars(select(Letter.thread).where(Letter.thread.in_(waiting), may_have_left)))
    return {
        thread: Waited(min(letter.not_before for letter in letters), thread in told)
        for thread, letters in waiting.items()
    }


def untouched(db: Session, about: str) -> set[str]:
    """Return the threads about that subject of whose letters one waits that nobody tried yet."""
    waiting = (Letter.subject_of == about, _unsent(), Letter.attempts == 0, ~Letter.in_doubt)
    return {t for t in db.scalars(select(Letter.thread).where(*waiting)) if t is not None}


def give_up_all(db: Session, address: str, *, at: datetime) -> None:
    """Give up what waits for an address: nobody is there any more."""
    waiting = select(Letter).where(Letter.to_address == address, _unsent())
    for letter in db.scalars(waiting.with_for_update(skip_locked=True)):
        letter.dead_at, letter.answer = at, SUPERSEDED


def deliver(
    database: Database,
    at: datetime,
    *,
    held: bool = False,
    schemas: Mapping[str, str] = bots.SCHEMAS,
) -> int:
    """Send one batch of what is due; return how many letters were tried.

    `held`: also those that wait for further edits. `schemas`: which bots may be written to.

    At least once: a crash between sending and noting it repeats the same message, same
    Message-ID.
    """
    settings = database.settings
    with database.writing() as db:
        _expire(db, at)
        letters = _lease(db, at, held=held, rate=settings.mail_rate)
    if not letters:
        return 0
    stuck: set[str] = set()
    down, ends = False, monotonic() + PATIENCE
    with open_transport(settings.smtp_url) as transport:
        for letter in letters:
            chat = bots.is_bot(letter.to_address)
            if (down and not chat) or letter.to_address in stuck or monotonic() > ends:
                with database.writing() as db:
                    _release(db.get_one(Letter, letter.id))
                continue
            answer = (
                _say(database, letter, schemas)
                if chat
                else _send(transport, letter, settings.mailbox)
            )
            with database.writing() as db:
                dead = _note(db, letter, answer, at)
            if answer is not None and not dead:
                stuck.add(letter.to_address)
                # Nobody answers there: the rest of the batch would only wait for it, too.
                down = not chat and isinstance(answer, Deferred) and answer.code is None
    return len(letters)


def waiting(db: Session) -> int:
    """Count the letters that have neither left nor been given up."""
    return db.scalar(select(func.count()).select_from(Letter).where(_unsent())) or 0


def _unsent() -> ColumnElement[bool]:
    return and_(Letter.sent_at.is_(None), Letter.dead_at.is_(None))


def _expire(db: Session, at: datetime) -> None:
    """Give up what is of no use any more; what is being sent is left to its worker."""
    late = select(Letter).where(_unsent(), _free(at), Letter.not_after <= at)
    for letter in db.scalars(late.with_for_update(skip_locked=True)):
        letter.dead_at, letter.answer = at, EXPIRED


def _free(at: datetime) -> ColumnElement[bool]:
    return or_(Letter.leased_until.is_(None), Letter.leased_until < at)


def _lease(db: Session, at: datetime, *, held: bool, rate: int) -> list[Letter]:
    """Take what is due, in order; what an earlier letter to the same person holds up waits."""
    if db.get_bind().dialect.name == "postgresql":
        # One worker leases at a time, so that each sees what the others have taken.
        db.execute(select(func.pg_advisory_xact_lock(TURN)))
    most = min(BATCH, rate - _busy(db, at)) if rate else BATCH
    if most <= 0:
        return []
    due = or_(Letter.not_before <= at, Letter.attempts == 0) if held else Letter.not_before <= at
    letters = list(
        db.scalars(
            select(Letter)
            .where(_unsent(), due, _free(at), ~_held_up(at), ~_paused())
            .order_by(Letter.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=Letter)
        )
    )
    db.expunge_all()
    db.execute(
        update(Letter)
        .where(Letter.id.in_([letter.id for letter in letters]))
        .values(
            leased_until=at + LEASE,
            attempts=Letter.attempts + 1,
            # A lease that ran out: its worker died, nobody knows how far it came.
            in_doubt=or_(Letter.in_doubt, Letter.leased_until.is_not(None)),
        )
        .execution_options(synchronize_session=False)
    )
    return letters


def _held_up(at: datetime) -> ColumnElement[bool]:
    """Return the condition that another letter to the same address is under way or put off.

    One set for all rows: asked row by row, PostgreSQL compares each waiting letter with each.
    """
    other = aliased(Letter)
    busy = select(other.to_address).where(
        other.sent_at.is_(None),
        other.dead_at.is_(None),
        other.attempts > text("0"),  # as the index has it
        or_(other.leased_until >= at, other.not_before > at),
    )
    return Letter.to_address.in_(busy)


def _paused() -> ColumnElement[bool]:
    return select(Pause.path).where(lies_in(Letter.scope, Pause.path)).exists()


def _busy(db: Session, at: datetime) -> int:
    """Count what left within a minute or is leaving, by whatever worker."""
    lately = or_(Letter.sent_at > at - MINUTE, and_(_unsent(), Letter.leased_until >= at))
    return db.scalar(select(func.count()).select_from(Letter).where(lately)) or 0


def _release(letter: Letter) -> None:
    """Give a leased letter back untried."""
    letter.leased_until = None
    letter.attempts -= 1


def _send(transport: Transport, letter: Letter, mailbox: str) -> Exception | None:
    try:
        mail = Mail(
            message_id=letter.message_id,
            sender_address=mailbox,
            sender_name=letter.sender_name,
            to_address=letter.to_address,
            to_name=letter.to_name,
            subject=letter.title,
            text=letter.plain,
            html=letter.html,
            calendar=letter.calendar,
            method=letter.method,
        )
        transport.send(mailbox, letter.to_address, as_bytes(mail, letter.queued_at))
    except Exception as error:  # noqa: BLE001  # one bad letter must not hold up the rest
        _log.warning("letter %s not sent: %s", letter.key, error)
        return error
    return None


def _say(database: Database, letter: Letter, schemas: Mapping[str, str]) -> Exception | None:
    """Hand the letter's text to its group's bot; one that is gone refuses it."""
    try:
        with database.reading() as db:
            bot = db.get(Bot, letter.to_address)
            address = bot.address if bot else ""
        bots.say(address, letter.plain, schemas)
    except Exception as error:  # noqa: BLE001  # one bad letter must not hold up the rest
        _log.warning("letter %s not sent: %s", letter.key, error)
        return error
    return None


def _note(db: Session, tried: Letter, answer: Exception | None, at: datetime) -> bool:
    """Note how it went; tell whether the letter is given up."""
    if answer is None:
        db.execute(_LEFT, {"number": tried.id, "at": at})
        return False
    letter = db.get_one(Letter, tried.id)
    letter.leased_until = None
    letter.answer = str(answer)[:2000]
    letter.in_doubt = letter.in_doubt or isinstance(answer, Unanswered)
    transient = isinstance(answer, Deferred) or not isinstance(
        answer, Refused | Refusal | ValueError
    )
    if transient and letter.attempts < TRIES:
        letter.not_before = at + _pause(letter.attempts)
    else:
        letter.dead_at = at
    return letter.dead_at is not None


def _pause(attempts: int) -> timedelta:
    """Back off from half a minute to two hours, spread so that retries do not come together."""
    longest = min(30 * 2**attempts, 7200)
    return timedelta(seconds=longest * random.uniform(0.5, 1))  # noqa: S311

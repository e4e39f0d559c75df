"""Queue a letter in the transaction that causes it; lease, send, defer or bury it later."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from govgrid.db import Database
from govgrid.errors import Refusal
from govgrid.outbox import bots
from govgrid.outbox.message import Mail, as_bytes
from govgrid.outbox.models import Bot, Letter, Pause
from govgrid.outbox.transport import Deferred, Refused, Transport, open_transport

BATCH = 20
LEASE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
TURN = 0x6C657474  # the advisory lock under which letters are leased
TRIES = 12
SUPERSEDED = "superseded"
EXPIRED = "expired"
_log = logging.getLogger(__name__)


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
    if db.scalar(select(Letter.id).where(Letter.key == draft.key)) is not None:
        return
    mailbox = db.info["settings"].mailbox
    db.add(
        Letter(
            key=draft.key,
            subject_of=draft.about,
            thread=draft.thread,
            scope=draft.scope,
            message_id=f"{draft.key.replace(':', '.')}@{mailbox.rpartition('@')[2]}",
            sender_name=draft.sender_name,
            to_address=draft.to_address,
            to_name=draft.to_name,
            title=draft.title,
            plain=draft.plain,
            html=draft.html,
            calendar=draft.calendar,
            method=draft.method,
            queued_at=at,
            not_before=not_before or at,
            not_after=draft.not_after,
        )
    )


@dataclass(frozen=True, slots=True)
class Waited:
    """What of a thread was given up: when it would have left, and whether others have left."""

    until: datetime
    told: bool


def give_up(db: Session, thread: str, *, at: datetime) -> Waited | None:
    """Give up what of the thread has not left and nobody is sending; None where nothing waits."""
    free = or_(Letter.leased_until.is_(None), Letter.leased_until < at)
    waiting = list(
        db.scalars(
            select(Letter)
            .where(Letter.thread == thread, _unsent(), free)
            .with_for_update(skip_locked=True)
        )
    )
    if not waiting:
        return None
    gone = [w.id for w in waiting if w.attempts == 0 or w.answer is not None]
    other = select(Letter.id).where(
        Letter.thread == thread,
        Letter.id.not_in(gone),
        or_(Letter.sent_at.is_not(None), Letter.dead_at.is_(None)),
    )
    told = db.scalar(other.limit(1)) is not None
    for letter in waiting:
        letter.dead_at, letter.answer = at, SUPERSEDED
    db.flush()
    return Waited(min(letter.not_before for letter in waiting), told)


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
    down = False
    with open_transport(settings.smtp_url) as transport:
        for letter in letters:
            chat = bots.is_bot(letter.to_address)
            if (down and not chat) or letter.to_address in stuck:
                with database.writing() as db:
                    _release(db.get_one(Letter, letter.id))
                continue
            answer = (
                _say(database, letter, schemas)
                if chat
                else _send(transport, letter, settings.mailbox)
            )
            with database.writing() as db:
                dead = _note(db.get_one(Letter, letter.id), answer, at)
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
    free = or_(Letter.leased_until.is_(None), Letter.leased_until < at)
    late = select(Letter).where(_unsent(), free, Letter.not_after <= at)
    for letter in db.scalars(late.with_for_update(skip_locked=True)):
        letter.dead_at, letter.answer = at, EXPIRED


def _lease(db: Session, at: datetime, *, held: bool, rate: int) -> list[Letter]:
    """Take what is due, in order; what an earlier letter to the same person holds up waits."""
    if db.get_bind().dialect.name == "postgresql":
        # One worker leases at a time, so that each sees what the others have taken.
        db.execute(select(func.pg_advisory_xact_lock(TURN)))
    most = min(BATCH, rate - _busy(db, at)) if rate else BATCH
    if most <= 0:
        return []
    free = or_(Letter.leased_until.is_(None), Letter.leased_until < at)
    due = or_(Letter.not_before <= at, Letter.attempts == 0) if held else Letter.not_before <= at
    letters = list(
        db.scalars(
            select(Letter)
            .where(_unsent(), due, free, ~_held_up(at), ~_paused())
            .order_by(Letter.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=Letter)
        )
    )
    for letter in letters:
        letter.leased_until = at + LEASE
        letter.attempts += 1
    db.flush()
    for letter in letters:
        db.expunge(letter)
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
    within = func.substr(Letter.scope, 1, func.length(Pause.path)) == Pause.path
    return select(Pause.path).where(within).exists()


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


def _note(letter: Letter, answer: Exception | None, at: datetime) -> bool:
    """Note how it went; tell whether the letter is given up."""
    letter.leased_until = None
    if answer is None:
        letter.sent_at = at
        return False
    letter.answer = str(answer)[:2000]
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

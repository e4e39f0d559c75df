"""The worker's step that reads answers from the mailbox over IMAP.

How far it was read is kept here, by UID, not in the mailbox's flags: people may open it too.
"""

import imaplib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

from govgrid.db import Database
from govgrid.errors import Invalid, Unavailable
from govgrid.meetings.actions.inbox import KEPT, Taken, take
from govgrid.meetings.inbox.mail import BIGGEST
from govgrid.meetings.models import MailboxMark
from govgrid.outbox import wire
from govgrid.trust import trusted
from govgrid.words import N_

BATCH = 50
TIMEOUT = 30  # seconds for each answer of the server
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mailbox is. `tls`: encrypted from the first byte; else by STARTTLS off this host."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    tls: bool

    @property
    def name(self) -> str:
        """Return what the mark is kept under."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"[:250]


def place_of(url: str) -> Place:
    """Return the place of `imaps://user:password@host:port/FOLDER` or `imap://…`. Raise `Invalid`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _unusable() from error
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
        raise _unusable()
    tls = parts.scheme == "imaps"
    return Place(
        parts.hostname, port or (993 if tls else 143), unquote(parts.username),
        unquote(parts.password or ""), unquote(parts.path.strip("/")) or "INBOX", tls,
    )  # fmt: skip


def _unusable() -> Invalid:
    # The address is not repeated: it may hold a password.
    return Invalid(
        N_("GOVGRID_IMAP_URL 无法识别，请写成 imaps://用户:密码@主机:端口/文件夹 或 imap://…。")
    )


def read_mailbox(database: Database, at: datetime) -> int:
    """Take in what came since the last time, one transaction a mail; return how many mails.

    Raise `Unavailable` where the server cannot be used. A kill repeats at most one mail, and the
    same mail changes nothing.
    """
    return len(read_new(database, at))


def read_new(database: Database, at: datetime) -> list[tuple[str, Taken]]:
    """Do what `read_mailbox` does; return each mail's number and what became of it."""
    place = place_of(database.settings.imap_url)
    found = []
    with opened(place) as imap:
        validity = _validity(imap)
        for uid in _waiting(imap, _last(database, place, validity)):
            data, size = _fetch(imap, uid)
            with database.writing() as db:
                if data is not None:
                    found.append((str(uid), take(db, data, at=at, size=size)))
                db.merge(MailboxMark(mailbox=place.name, validity=validity, last=uid))
    return found


@contextmanager
def opened(place: Place) -> Iterator[imaplib.IMAP4]:
    """Yield the mailbox, open to be read. Raise `Unavailable` where it cannot be."""
    try:
        with _signed_in(place) as imap:
            yield imap
    except (imaplib.IMAP4.error, OSError) as error:
        text = wire.line(str(error))[:200]
        raise Unavailable("无法读取回执邮箱：%(why)s", why=text) from error


@contextmanager
def _signed_in(place: Place) -> Iterator[imaplib.IMAP4]:
    context = trusted()
    imap: imaplib.IMAP4
    if place.tls:
        imap = imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=TIMEOUT)
    else:
        imap = imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT)
    try:
        if not place.tls and place.host not in {"127.0.0.1", "::1", "localhost"}:
            imap.starttls(context)  # a password never crosses the network readable
        imap.login(place.user, place.password)
        quoted = place.folder.replace("\\", "\\\\").replace('"', '\\"')
        status, _ = imap.select(f'"{quoted}"', readonly=True)
        if status != "OK":
            raise imaplib.IMAP4.error(f"no folder {place.folder}")
        yield imap
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()


def _validity(imap: imaplib.IMAP4) -> int:
    found = imap.response("UIDVALIDITY")[1]
    value = found[0] if found else None
    return int(value) if isinstance(value, bytes) and value.isdigit() else 0


def _last(database: Database, place: Place, validity: int) -> int:
    with database.reading() as db:
        mark = db.get(MailboxMark, place.name)
        return mark.last if mark and mark.validity == validity else 0


def _waiting(imap: imaplib.IMAP4, last: int) -> list[int]:
    _, found = imap.uid("SEARCH", f"UID {last + 1}:*")
    numbers = {int(n) for line in found if isinstance(line, bytes) for n in line.split()}
    # `n:*` always names the newest mail, also where that is older than n (RFC 3501).
    return sorted(n for n in numbers if n > last)[:BATCH]


def _fetch(imap: imaplib.IMAP4, uid: int) -> tuple[bytes | None, int]:
    """Return the mail, or its beginning where it is too big, and its size; None if it is gone."""
    _, sizes = imap.uid("FETCH", str(uid), "(RFC822.SIZE)")
    match = re.search(
        rb"RFC822\.SIZE (\d{1,12})", b" ".join(s for s in sizes if isinstance(s, bytes))
    )
    size = int(match[1]) if match else 0
    part = f"<0.{KEPT}>" if size > BIGGEST else f"<0.{BIGGEST + 1}>"
    _, answer = imap.uid("FETCH", str(uid), f"(BODY.PEEK[]{part})")
    for item in answer:
        if isinstance(item, tuple):
            return item[1], size
    return None, size

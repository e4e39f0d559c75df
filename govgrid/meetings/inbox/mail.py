"""What a mail holds: sender, calendar parts, a bounce; bounded, and silent about nothing."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime

from govgrid.errors import Invalid
from govgrid.meetings.inbox.itip import MOST
from govgrid.meetings.inbox.winmail import from_winmail
from govgrid.outbox import wire

BIGGEST = 4 * 1024 * 1024  # bytes; an answer is far smaller, only attachments are not
PARTS, DEPTH, HEADER = 200, 20, 20_000
_IDS = re.compile(r"<([^<>\s]{3,250})>")
_AUTOMATIC = frozenset({"auto-replied", "auto-generated", "auto-notified"})
_DAEMONS = ("mailer-daemon", "postmaster")


@dataclass(frozen=True, slots=True)
class Part:
    """A calendar as text, with the method its MIME part names ("" none).

    `by_sender`: it names no attendee, the sender speaks.
    """

    text: str
    method: str
    by_sender: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """A recipient whom a letter did not reach: status as `5.1.1`, the server's words."""

    recipient: str
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class Mail:
    """What of a mail matters. `sender` is its one From address in small letters, else "".

    `doubted`: our own server found that the sender's domain did not send it. `answers`: the
    Message-IDs it refers to. `automatic`: no person wrote it.
    """

    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    date: datetime | None = None
    answers: tuple[str, ...] = ()
    automatic: bool = False
    doubted: bool = False
    calendars: tuple[Part, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    text: str = ""


def read_mail(data: bytes) -> Mail:
    """Return what the mail holds. Raise `ValueError` where it cannot be read within the limits."""
    if len(data) > BIGGEST:
        raise ValueError("too big")
    try:
        message = message_from_bytes(data, policy=compat32)
        parts = list(_parts(message))
        return _read(message, parts)
    except (RecursionError, LookupError, AttributeError, TypeError, AssertionError) as error:
        # The library's parser gives up on some broken mails in ways of its own.
        raise ValueError(type(error).__name__) from error


def _read(message: Message, parts: list[Message]) -> Mail:
    # Taken apart before it is decoded: an encoded name must not become an address.
    senders = getaddresses([str(value)[:HEADER] for value in message.get_all("From", [])])
    sender = _address(senders[0][1]) if len(senders) == 1 else ""
    bounces = tuple(_bounces(message, parts))
    reference = _returned(parts) if bounces else _header(message, "In-Reply-To", "References")
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return Mail(
        message_id=wire.line(_header(message, "Message-ID").strip(" <>"))[:250],
        sender=sender,
        sender_name=wire.line(_words(senders[0][0]))[:200] if senders else "",
        date=_date(message),
        answers=tuple(dict.fromkeys(_IDS.findall(reference)))[:50],
        automatic=submitted in _AUTOMATIC or sender.partition("@")[0] in _DAEMONS,
        doubted="dmarc=fail" in _first(message, "Authentication-Results").lower(),
        calendars=tuple(_calendars(parts)),
        bounces=bounces,
        text=_plain(parts),
    )


def _parts(message: Message) -> Iterator[Message]:
    """Walk the tree without entering mails that are enclosed: they say nothing to us."""
    waiting, count = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if count > PARTS or depth > DEPTH:
            raise ValueError("too many parts")
        yield part
        if part.get_content_maintype() == "multipart":
            waiting.extend((sub, depth + 1) for sub in reversed(_below(part)))


def _below(part: Message) -> list[Message]:
    found = part.get_payload()
    return [sub for sub in found if isinstance(sub, Message)] if isinstance(found, list) else []


def _calendars(parts: list[Message]) -> Iterator[Part]:
    for part in parts:
        kind, name = part.get_content_type(), str(part.get_filename() or "").lower()
        if kind == "application/ms-tnef" or name == "winmail.dat":
            with suppress(ValueError):
                yield Part(from_winmail(_payload(part)), "", by_sender=True)
        elif kind in {"text/calendar", "application/ics"} or name.endswith(".ics"):
            data = _payload(part)
            if len(data) > 4 * MOST:
                raise ValueError("calendar too long")
            method = str(part.get_param("method") or "")
            yield Part(_decoded(data, str(part.get_content_charset() or "")), method)


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _decoded(data: bytes, charset: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    for name in ("utf-8", charset, "gb18030"):
        # UTF-8 first: GBK text is hardly ever valid UTF-8, and labels are often wrong.
        with suppress(LookupError, ValueError):
            if name:
                return data.decode(name)
    return data.decode("utf-8", "replace")


def _plain(parts: list[Message]) -> str:
    for part in parts:
        if part.get_content_type() == "text/plain" and not part.get_filename():
            return wire.text(_decoded(_payload(part)[:8000], str(part.get_content_charset() or "")))
    return ""


def _bounces(message: Message, parts: list[Message]) -> Iterator[Bounce]:
    """Read a delivery report (RFC 3464): who was not reached for good."""
    if message.get_content_type() != "multipart/report":
        return
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _below(part)[:PARTS]:
            if _header(block, "Action").strip().lower() != "failed":
                continue
            whom = _header(block, "Final-Recipient") or _header(block, "Original-Recipient")
            status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", _header(block, "Status"))
            yield Bounce(
                _address(whom.rpartition(";")[2]),
                status[0] if status else "",
                wire.line(_header(block, "Diagnostic-Code"))[:300],
            )


def _returned(parts: list[Message]) -> str:
    """Return the Message-ID of the letter that came back."""
    for part in parts:
        if part.get_content_type() == "message/rfc822" and (enclosed := _below(part)):
            return _header(enclosed[0], "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            return _header(message_from_bytes(_payload(part)[:HEADER]), "Message-ID")
    return ""


def _header(message: Message, *names: str) -> str:
    found = [str(value) for name in names for value in message.get_all(name, [])][:20]
    return _words(" ".join(found)[:HEADER])


def _words(text: str) -> str:
    """Return the text with its encoded words decoded."""
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset or "")
        for piece, charset in pieces
    )


def _first(message: Message, name: str) -> str:
    """Return the topmost header of the name: the one that our own server put there."""
    found = message.get_all(name, [])
    return str(found[0])[:HEADER] if found else ""


def _address(text: str) -> str:
    try:
        return wire.address(text.strip(" <>\t\r\n")).lower()
    except Invalid:
        return ""


def _date(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

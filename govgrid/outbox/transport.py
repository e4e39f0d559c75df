"""The way out for mail bytes: an SMTP server, or a directory of .eml files."""

import ipaddress
import itertools
import os
import re
import smtplib
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self, cast, get_args
from urllib.parse import parse_qs, unquote, urlsplit

from govgrid.errors import Invalid
from govgrid.outbox import wire
from govgrid.trust import trusted
from govgrid.words import N_

Tls = Literal["required", "offered", "off"]

# The server wants other settings (credentials, encryption); the letter itself is not refused.
_SETTINGS_AT_FAULT = frozenset({530, 534, 535, 538})


class Undelivered(Exception):
    """The letter did not leave: the server's code, where it gave one, and its words."""

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(f"{code} {text}" if code else text)
        self.code = code
        self.text = text


class Refused(Undelivered):
    """For good (5xx): trying again would not help."""


class Deferred(Undelivered):
    """For now (4xx, network, settings): try later."""


class Unanswered(Deferred):
    """For now, but it may have arrived: the server fell silent with the letter in its hands."""


class Transport(Protocol):
    """An open way out, for one thread; use as a context manager over a batch."""

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Hand over one message, or raise Refused or Deferred."""

    def reach(self) -> None:
        """Find out whether letters could leave now, or raise Refused or Deferred."""

    def close(self) -> None:
        """Say goodbye; the next send opens again."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_transport(url: str, timeout: float = 60) -> Transport:
    """Return the transport of `smtp://user:password@host:port`, `smtps://…` or `file:DIR`.

    `?tls=required` sends nothing unencrypted, `offered` encrypts where the server can, `off` never
    does. Default: required when a password would cross the network, else offered. A certificate
    that does not verify defers. Nothing is connected yet. `timeout` in seconds for each answer.
    Raises errors.Invalid on any other address.
    """
    if url.startswith("file:") and (folder := url.removeprefix("file:").removeprefix("//")):
        return FileTransport(Path(folder))
    return SmtpTransport(_server(url, timeout))


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to reach an SMTP server. `implicit_tls`: encrypted from the first byte."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    implicit_tls: bool
    tls: Tls
    timeout: float


def _server(url: str, timeout: float) -> Server:
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, strict_parsing=bool(parts.query))
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _unusable() from error
    tls = query.pop("tls", [""])[-1]
    if parts.scheme not in {"smtp", "smtps"} or not host or query:
        raise _unusable()
    if tls not in {"", *get_args(Tls)}:
        raise _unusable()
    implicit = parts.scheme == "smtps"
    password = unquote(parts.password or "")
    fallback = "required" if password and not _is_loopback(host) else "offered"
    return Server(
        host=host,
        port=port or (465 if implicit else 587 if parts.username else 25),
        user=unquote(parts.username or ""),
        password=password,
        implicit_tls=implicit,
        tls=cast("Tls", tls or fallback),
        timeout=timeout,
    )


def _unusable() -> Invalid:
    # The address is not repeated: it may hold a password.
    return Invalid(
        N_("GOVGRID_SMTP_URL 无法识别，请写成 smtp://用户:密码@主机:端口、smtps://… 或 file:目录。")
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class SmtpTransport:
    """Sends over one connection, opened at the first letter and kept until closed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        sender, recipient = _envelope(sender, recipient)
        try:
            smtp = self._begin(sender, len(data))
            self._expect(smtp.rcpt(recipient))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _deferred(error) from error
        try:
            answer = smtp.data(data)
        except smtplib.SMTPDataError as error:  # it does not want to see the letter
            answer = (error.smtp_code, _octets(error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _deferred(error, Unanswered) from error
        self._expect(answer)

    def reach(self) -> None:
        self._connection()

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _begin(self, sender: str, size: int) -> smtplib.SMTP:
        """Name the sender on the open connection; where the server has hung up, on a new one."""
        kept = self._smtp is not None
        smtp = self._connection()
        options = [f"size={size}"] if smtp.has_extn("size") else []
        try:
            answer = smtp.mail(sender, options)
        except (smtplib.SMTPException, OSError):
            if not kept:
                raise
            answer = (421, b"")
        if kept and answer[0] == 421:
            self._drop()
            smtp = self._connection()
            answer = smtp.mail(sender, options)
        self._expect(answer)
        return smtp

    def _expect(self, answer: tuple[int, bytes]) -> None:
        """Raise where the server does not consent, ready for the next letter."""
        code, words = answer
        if code in {250, 251}:
            return
        if code == 421:
            self._drop()
        elif self._smtp is not None:
            with suppress(smtplib.SMTPServerDisconnected):
                self._smtp.rset()
        raise _verdict(code, words)

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = _connect(self._server)
            except (smtplib.SMTPException, OSError) as error:
                raise _deferred(error) from error
        return self._smtp


def _connect(server: Server) -> smtplib.SMTP:
    smtp: smtplib.SMTP
    if server.implicit_tls:
        smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=trusted())
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        if not server.implicit_tls and server.tls != "off":
            _start_tls(smtp, server)
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _start_tls(smtp: smtplib.SMTP, server: Server) -> None:
    smtp.ehlo_or_helo_if_needed()
    # Without the offer, starttls() raises SMTPNotSupportedError: wanted where it is required.
    if server.tls == "required" or smtp.has_extn("starttls"):
        smtp.starttls(context=trusted())


def _envelope(sender: str, recipient: str) -> tuple[str, str]:
    try:
        return wire.address(sender), wire.address(recipient)
    except Invalid as error:
        raise Refused(None, str(error)) from error


def _octets(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()


def _verdict(code: int, answer: bytes) -> Undelivered:
    text = answer.decode("utf-8", "replace")
    permanent = 500 <= code <= 599 and code not in _SETTINGS_AT_FAULT
    return (Refused if permanent else Deferred)(code, wire.line(text)[:500])


def _deferred(error: smtplib.SMTPException | OSError, kind: type[Deferred] = Deferred) -> Deferred:
    """Nothing that happens before a letter is named refuses that letter."""
    if isinstance(error, smtplib.SMTPResponseException):
        undelivered = _verdict(error.smtp_code, _octets(error.smtp_error))
        return kind(undelivered.code, undelivered.text)
    return kind(None, wire.line(f"{type(error).__name__}: {error}")[:500])


class FileTransport:
    """Writes each message as a .eml file; names sort by the time of sending."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        _, recipient = _envelope(sender, recipient)
        safe = re.sub(r"[^A-Za-z0-9@._-]", "_", recipient)[:100]
        time = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        try:
            self._write(f"{time}-{next(self._numbers):06d}-{safe}.eml", data)
        except OSError as error:
            raise _deferred(error) from error

    def reach(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as error:
            raise _deferred(error) from error

    def close(self) -> None:
        """Leave nothing open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".{name}.part"
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._folder / name)
        _sync_folder(self._folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

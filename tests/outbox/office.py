"""A real SMTP server on loopback whose answers are given to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session


class Office:
    """A mail server's desk: keeps what it accepts, and answers some people as told."""

    def __init__(self) -> None:
        self.accepted: list[Envelope] = []
        self.sessions: list[Session] = []
        self.greet = "250 gov.example"
        self.mail = self.data = "250 OK"
        self.mail_once = ""
        self.rcpt = {"gone@gov.example": "550 5.1.1 查无此人", "full@gov.example": "452 4.2.2 full"}

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.sessions.append(session)
        return [*responses[:-1], self.greet]

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer, self.mail_once = self.mail_once or self.mail, ""
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.accepted.append(envelope)
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(office: Office, **options: Any) -> Iterator[str]:
    server = Controller(office, hostname="127.0.0.1", port=free_port(), **options)
    server.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.stop()

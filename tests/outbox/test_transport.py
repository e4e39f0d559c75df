"""The ways out: a real SMTP server on loopback with its refusals, and .eml files."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword

from govgrid.errors import Invalid
from govgrid.outbox.transport import (
    Deferred,
    FileTransport,
    Refused,
    SmtpTransport,
    Unanswered,
    open_transport,
)
from tests.outbox.office import Office, free_port, serving

SENDER = "meetings@gov.example"
LETTER = b"Subject: x\r\n\r\n.one\r\n..two\r\nend\r\n"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def at(office: Office) -> Iterator[str]:
    with serving(office) as place:
        yield place


AUTHORITY = trustme.CA()


def tls_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def sign_in(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
    known = LoginPassword(b"desk", b"p@ss/word")
    return AuthResult(success=login == known, handled=False)


def test_letters_arrive_unchanged_over_one_connection(office: Office, at: str) -> None:
    with open_transport(f"smtp://{at}") as transport:
        for number in range(3):
            transport.send(SENDER, f"p{number}@gov.example", LETTER)
    assert [e.rcpt_tos for e in office.accepted] == [[f"p{n}@gov.example"] for n in range(3)]
    assert {e.mail_from for e in office.accepted} == {SENDER}
    assert {e.content for e in office.accepted} == {LETTER}
    assert len({id(s) for s in office.sessions}) == 1


@pytest.mark.parametrize(
    ("recipient", "kind", "code", "words"),
    [
        ("gone@gov.example", Refused, 550, "5.1.1"),
        ("full@gov.example", Deferred, 452, "4.2.2 full"),
    ],
)
def test_answer_to_the_recipient(
    at: str, office: Office, recipient: str, kind: type[Refused | Deferred], code: int, words: str
) -> None:
    with open_transport(f"smtp://{at}") as transport:
        with pytest.raises(kind, match=words) as caught:
            transport.send(SENDER, recipient, LETTER)
        assert caught.value.code == code
        transport.send(SENDER, "next@gov.example", LETTER)
    assert [e.rcpt_tos for e in office.accepted] == [["next@gov.example"]]


@pytest.mark.parametrize("stage", ["mail", "data"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("554 5.7.1 no", Refused),
        ("552 too big", Refused),
        ("451 later", Deferred),
        ("421 closing", Deferred),
        ("530 5.7.0 sign in first", Deferred),
    ],
)
def test_answer_to_sender_and_data(
    office: Office, at: str, stage: str, answer: str, kind: type[Refused | Deferred]
) -> None:
    with open_transport(f"smtp://{at}") as transport:
        setattr(office, stage, answer)
        with pytest.raises(kind, match=answer[4:]) as caught:
            transport.send(SENDER, "a@gov.example", LETTER)
        assert caught.value.code == int(answer[:3])
        setattr(office, stage, "250 OK")
        transport.send(SENDER, "b@gov.example", LETTER)
    assert [e.rcpt_tos for e in office.accepted] == [["b@gov.example"]]


def test_connection_that_died_between_two_letters_is_opened_again(office: Office) -> None:
    with serving(office, timeout=0.2) as place, open_transport(f"smtp://{place}") as transport:
        transport.send(SENDER, "a@gov.example", LETTER)
        threading.Event().wait(0.5)
        transport.send(SENDER, "b@gov.example", LETTER)
    assert len(office.accepted) == 2
    assert len({id(s) for s in office.sessions}) == 2


def test_send_after_close_opens_again(office: Office, at: str) -> None:
    transport = open_transport(f"smtp://{at}")
    transport.close()
    for _ in range(2):
        transport.send(SENDER, "a@gov.example", LETTER)
        transport.close()
    assert len(office.accepted) == 2


def test_nobody_listens() -> None:
    with (
        open_transport(f"smtp://127.0.0.1:{free_port()}") as transport,
        pytest.raises(Deferred, match="ConnectionRefusedError") as caught,
    ):
        transport.send(SENDER, "a@gov.example", LETTER)
    assert caught.value.code is None


@contextmanager
def scripted(*lines: bytes) -> Iterator[str]:
    """Answer one connection with the lines, one for each received line, then hang up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            server.settimeout(5)
            connection, _ = server.accept()
            # The client may hang up first: that is what some of these scripts provoke.
            with suppress(OSError), connection, connection.makefile("rb") as received:
                for line in lines:
                    connection.sendall(line)
                    received.readline()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            thread.join(5)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([b"554 no service\r\n"], "no service"),
        ([b"421 busy\r\n"], "busy"),
        ([b"220 hi\r\n", b"250 hi\r\n"], "Disconnected"),
        ([b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", b"454 no key\r\n"], "no key"),
        ([b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", b"220 go\r\n", b"rubbish\r\n"], "SSL"),
        ([b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"], "Disconnec"),
        ([b"not smtp\r\n" * 3], "smtp"),
        ([b"2" * 100_000], "Line too long"),
    ],
)
def test_server_that_breaks_off_defers(lines: list[bytes], words: str) -> None:
    with (
        scripted(*lines) as place,
        open_transport(f"smtp://{place}", timeout=2) as transport,
        pytest.raises(Deferred, match=words),
    ):
        transport.send(SENDER, "a@gov.example", LETTER)


def test_only_a_letter_that_was_handed_over_is_in_doubt() -> None:
    hello = [b"220 hi\r\n", b"250 hi\r\n"]
    for lines, doubtful in (
        ([*hello, b"250 ok\r\n"], False),
        ([*hello, b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"], True),
    ):
        with (
            scripted(*lines) as place,
            open_transport(f"smtp://{place}", timeout=2) as transport,
            pytest.raises(Deferred) as caught,
        ):
            transport.send(SENDER, "a@gov.example", LETTER)
        assert isinstance(caught.value, Unanswered) is doubtful


def test_a_server_that_says_goodbye_between_two_letters_is_asked_anew(office: Office) -> None:
    with serving(office) as place, open_transport(f"smtp://{place}") as transport:
        transport.send(SENDER, "a@gov.example", LETTER)
        office.mail_once = "421 4.7.0 enough letters for one connection"
        transport.send(SENDER, "b@gov.example", LETTER)
    assert len(office.accepted) == 2
    assert len({id(s) for s in office.sessions}) == 2


def test_silent_server_times_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        open_transport(f"smtp://127.0.0.1:{server.getsockname()[1]}", timeout=0.2) as transport,
        pytest.raises(Deferred, match="timed out"),
    ):
        transport.send(SENDER, "a@gov.example", LETTER)


@pytest.mark.parametrize(
    "recipient", ["a@x.cn>\r\nRCPT TO:<b@x.cn", "a@x.cn\nDATA", "李@x.cn", "", "a@x.cn> SIZE=1"]
)
def test_recipient_that_is_no_address_is_refused_unsent(
    office: Office, at: str, tmp_path: Path, recipient: str
) -> None:
    for url in (f"smtp://{at}", f"file:{tmp_path}"):
        with open_transport(url) as transport, pytest.raises(Refused, match="邮箱地址不正确"):
            transport.send(SENDER, recipient, LETTER)
    assert not office.sessions
    assert not list(tmp_path.iterdir())


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    AUTHORITY.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.mark.usefixtures("trusting")
def test_starttls_is_used_where_offered(office: Office) -> None:
    with serving(office, tls_context=tls_context(), require_starttls=True) as place:
        with open_transport(f"smtp://{place}") as transport:
            transport.send(SENDER, "a@gov.example", LETTER)
        with open_transport(f"smtp://{place}?tls=off") as plain, pytest.raises(Deferred) as caught:
            plain.send(SENDER, "a@gov.example", LETTER)
    assert caught.value.code == 530
    assert len(office.accepted) == 1


def test_unknown_certificate_defers(office: Office) -> None:
    with (
        serving(office, tls_context=tls_context()) as place,
        open_transport(f"smtp://{place}") as transport,
        pytest.raises(Deferred, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        transport.send(SENDER, "a@gov.example", LETTER)
    assert not office.accepted


def test_required_encryption_that_is_not_offered_defers(office: Office, at: str) -> None:
    with (
        open_transport(f"smtp://{at}?tls=required") as transport,
        pytest.raises(Deferred, match="STARTTLS"),
    ):
        transport.send(SENDER, "a@gov.example", LETTER)
    assert not office.accepted


@pytest.mark.usefixtures("trusting")
def test_smtps(office: Office) -> None:
    with (
        serving(office, ssl_context=tls_context()) as place,
        open_transport(f"smtps://{place}") as transport,
    ):
        transport.send(SENDER, "a@gov.example", LETTER)
    assert len(office.accepted) == 1


@pytest.mark.usefixtures("trusting")
def test_sign_in(office: Office) -> None:
    options = {"authenticator": sign_in, "auth_required": True, "tls_context": tls_context()}
    with serving(office, **options) as place:
        with open_transport(f"smtp://desk:p%40ss%2Fword@{place}") as transport:
            transport.send(SENDER, "a@gov.example", LETTER)
        with open_transport(f"smtp://desk:wrong@{place}") as wrong, pytest.raises(Deferred) as at:
            wrong.send(SENDER, "a@gov.example", LETTER)
        with open_transport(f"smtp://desk:wrong@{place}?tls=off") as plain, pytest.raises(Deferred):
            plain.send(SENDER, "a@gov.example", LETTER)
    assert at.value.code == 535
    assert "wrong" not in str(at.value)
    assert len(office.accepted) == 1


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example", 25, "offered"),
        ("smtp://u:p@mail.example", 587, "required"),
        ("smtp://u:p@mail.example?tls=offered", 587, "offered"),
        ("smtp://u:p@localhost", 587, "offered"),
        ("smtp://u:p@[::1]:2525", 2525, "offered"),
        ("smtps://u:p@mail.example", 465, "required"),
        ("smtp://mail.example:26/?tls=required", 26, "required"),
    ],
)
def test_address_of_the_server(url: str, port: int, tls: str) -> None:
    transport = open_transport(url)
    assert isinstance(transport, SmtpTransport)
    server = transport._server
    assert (server.port, server.tls) == (port, tls)
    assert "p@" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:",
        "file://",
        "http://x",
        "mail.example:25",
        "smtp://",
        "smtp://[::1",
        "smtp://x:99999",
        "smtp://u:secret@x:port",
        "smtp://x?tls=maybe",
        "smtp://x?tls=required&y=1",
        "smtp://x?junk",
    ],
)
def test_wrong_setting_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Invalid, match="GOVGRID_SMTP_URL") as caught:
        open_transport(url)
    assert "secret" not in str(caught.value)


def test_files_are_whole_sortable_and_safely_named(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    with open_transport(f"file:{folder}") as transport:
        for recipient in ("b@x.cn", "a/.b/'c+x@x.cn", "a@x.cn"):
            transport.send(SENDER, recipient, LETTER)
    names = sorted(p.name for p in folder.iterdir())
    assert [n.split("-", 2)[1:] for n in names] == [
        ["000001", "b@x.cn.eml"],
        ["000002", "a_.b__c_x@x.cn.eml"],
        ["000003", "a@x.cn.eml"],
    ]
    assert {p.read_bytes() for p in folder.iterdir()} == {LETTER}


def test_file_url_with_slashes(tmp_path: Path) -> None:
    transport = open_transport(f"file://{tmp_path}/x")
    assert isinstance(transport, FileTransport)
    transport.send(SENDER, "a@x.cn", LETTER)
    assert len(list((tmp_path / "x").iterdir())) == 1


def test_folder_that_cannot_be_written_defers(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with (
        open_transport(f"file:{tmp_path}/taken") as transport,
        pytest.raises(Deferred, match="FileExistsError"),
    ):
        transport.send(SENDER, "a@x.cn", LETTER)

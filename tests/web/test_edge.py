"""The wire of the real server, its limits made short: who is slow, endless, many, or two-faced."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn

from govgrid import edge, server
from govgrid.settings import Settings
from tests.journeys.conftest import Site, site

__all__ = ["site"]

pytestmark = pytest.mark.one_engine
HOST = "127.0.0.1"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with who asks for what, after reading the body."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        said = f"{scope['client'][0]} {scope['method']} {scope['path']}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": said})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return the port of a server such as `govgrid serve` starts."""
    for name, value in {
        "HEAD_SECONDS": 0.3, "GRACE": 0.3, "TICK": 0.05, "MOST_OF_ONE": 5, "HEAD_BYTES": 4096,
    }.items():  # fmt: skip
        monkeypatch.setattr(edge, name, value)
    how = server._manner(replace(Settings(), trusted_proxies="10.0.0.1"))
    config = uvicorn.Config(echo, lifespan="off", **how)
    running = uvicorn.Server(config)
    with socket.create_server((HOST, 0)) as listening:
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        running.should_exit = True
        thread.join()


def opened(port: int, data: bytes) -> socket.socket:
    connection = socket.create_connection((HOST, port), timeout=10)
    connection.sendall(data)
    return connection


def heard(connection: socket.socket) -> bytes:
    """Return what comes until the other side ends."""
    found = b""
    with connection:
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionError:
                return found
            if not piece:
                return found
            found += piece


def asked(
    port: int, path: bytes, *heads: bytes, method: bytes = b"GET", body: bytes = b""
) -> bytes:
    lines = [b"%b %b HTTP/1.1" % (method, path), b"Host: x", b"Connection: close", *heads]
    return heard(opened(port, b"\r\n".join([*lines, b"", body])))


def test_a_head_that_does_not_end_is_ended(port: int) -> None:
    slow = opened(port, b"GET / HTTP/1.1\r\nHost: x\r\n")
    silent = opened(port, b"")
    assert b"GET /page" in asked(port, b"/page"), "others are served meanwhile"
    assert heard(slow).startswith(b"HTTP/1.1 408")
    assert heard(silent).startswith(b"HTTP/1.1 408")


def test_a_second_head_on_the_same_connection_is_ended_too(port: int) -> None:
    kept = opened(port, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.1)
    kept.sendall(b"GET /b")
    assert b"408" in heard(kept).rpartition(b"GET /a")[2]


def test_a_long_head_is_refused(port: int) -> None:
    answer = heard(opened(port, b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000))
    assert answer in {b"", b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"}  # fmt: skip


def test_a_slow_body_is_ended(port: int) -> None:
    begun = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\na"
    assert heard(opened(port, begun)) == b""


def test_one_address_holds_so_many_connections(port: int) -> None:
    held = [opened(port, b"") for _ in range(5)]
    assert heard(opened(port, b"")).startswith(b"HTTP/1.1 503")
    for one in held:
        one.close()
    time.sleep(0.2)
    assert b"GET /page" in asked(port, b"/page")


def test_a_request_with_two_ends_is_answered_once(port: int) -> None:
    inner = b"GET /inner HTTP/1.1\r\nHost: x\r\n\r\n"
    both = (b"Content-Length: %d" % len(inner), b"Transfer-Encoding: chunked")
    for heads in (both, (b"Content-Length: 5", b"Content-Length: 0"), (b"Content-Length: +5",)):
        answer = asked(port, b"/outer", *heads, method=b"POST", body=b"0\r\n\r\n" + inner)
        assert answer.count(b"HTTP/1.1") <= 1, answer
        assert b"/inner" not in answer


def test_forwarded_headers_of_strangers_change_nothing(port: int) -> None:
    answer = asked(port, b"/", b"X-Forwarded-For: 8.8.8.8", b"X-Forwarded-Proto: https")
    assert HOST.encode() in answer
    assert b"8.8.8.8" not in answer


def test_nothing_outside_the_static_folders_is_served(site: Site) -> None:
    client = site.person().client
    for path in (
        "/static/", "/vendor/", "/static/../settings.py", "/static/..%2fguard.py", "/.git/config",
        "/static/%2e%2e/guard.py", "/vendor/static", "/static/room",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert client.request("TRACE", "/sign-in").status_code == 405

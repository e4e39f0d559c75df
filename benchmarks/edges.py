"""Hold `govgrid serve` against clients who mean it no good: `python -m benchmarks edges`.

The real command on a fresh SQLite file, its real limits, all on loopback: heads and bodies that
come a byte a second, answers that nobody takes, heads and bodies that never end, two thousand
connections, requests whose end is told in two ways. Meanwhile somebody reads the sign-in page;
fails where one of those reads fails or an attacker is still served after its time.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.engines import SECRET
from govgrid import edge

HOST = "127.0.0.1"
SLACK = 8.0  # seconds beyond a limit until which a connection may live on a busy machine
Told = str


def main() -> None:
    with TemporaryDirectory(prefix="govgrid-bench-") as folder:
        port, server = start(Path(folder))
        try:
            asyncio.run(attack(port))
        finally:
            server.terminate()
            server.wait()


def start(folder: Path) -> tuple[int, "subprocess.Popen[bytes]"]:
    """Start the server; return its port once it answers."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "GOVGRID_DATABASE_URL": f"sqlite:///{folder / 'govgrid.db'}",
        "GOVGRID_SECRET": SECRET, "GOVGRID_ARCHIVE": str(folder / "archive"),
        "GOVGRID_SMTP_URL": f"file:{folder / 'mail'}", "GOVGRID_WEB_ONLY": "1",
    }  # fmt: skip
    command = [str(Path(sys.executable).parent / "govgrid")]
    subprocess.run([*command, "migrate"], env=environment, check=True)
    server = subprocess.Popen([*command, "serve", "--port", str(port)], env=environment)
    ends = time.monotonic() + 300
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return port, server
        time.sleep(0.1)
    server.kill()
    raise SystemExit("govgrid serve does not answer")


async def attack(port: int) -> None:
    for attacker in (
        quiet, slow_head, slow_body, slow_reader, long_head, endless_body, many, one_of_many,
        smuggled, strange,
    ):  # fmt: skip
        begun = time.monotonic()
        reader = asyncio.create_task(reads(port, 0.2))
        told = await attacker(port)
        reader.cancel()
        worst = await reader
        print(f"{attacker.__name__:12} {told}; {time.monotonic() - begun:.0f} s, "
              f"somebody else's slowest page {worst * 1000:.0f} ms", flush=True)  # fmt: skip


async def reads(port: int, pause: float) -> float:
    """Read the sign-in page again and again; return the longest wait. Fail where one fails."""
    worst = 0.0
    try:
        while True:
            begun = time.monotonic()
            answer = await asyncio.wait_for(ask(port, request("/sign-in")), 30)
            assert status(answer) == 200, answer[:200]
            worst = max(worst, time.monotonic() - begun)
            await asyncio.sleep(pause)
    except asyncio.CancelledError:
        return worst


def request(path: str, *heads: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Connection: close", *heads]
    return "\r\n".join([*lines, "", ""]).encode() + body


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


async def ask(port: int, data: bytes, source: str = HOST) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port, local_addr=(source, 0))
    try:
        writer.write(data)
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def dripping(port: int, first: bytes, drop: bytes, limit: float) -> bytes:
    """Send, then a drop every second; return what came back. Fail where it goes on too long."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(first)
    answer = asyncio.create_task(reader.read())
    ends = time.monotonic() + limit + SLACK
    while not answer.done():
        assert time.monotonic() < ends, "still served"
        if drop:
            writer.write(drop)
        await asyncio.wait([answer], timeout=1)
    writer.close()
    return b"" if answer.exception() else answer.result()


async def quiet(port: int) -> Told:
    answers = await together(100, lambda: dripping(port, b"", b"", edge.HEAD_SECONDS))
    return f"100 that say nothing: {counted(answers)}"


async def slow_head(port: int) -> Told:
    first = request("/sign-in")[:-2]
    answers = await together(200, lambda: dripping(port, first, b"X: y\r\n", edge.HEAD_SECONDS))
    return f"200 heads, a line a second: {counted(answers)}"


async def slow_body(port: int) -> Told:
    kind = "Content-Type: application/x-www-form-urlencoded"
    first = request("/sign-in", kind, "Content-Length: 1000000", method="POST")
    answers = await together(200, lambda: dripping(port, first, b"a", edge.GRACE))
    return f"200 bodies, a byte a second: {counted(answers)}"


async def slow_reader(port: int) -> Told:
    """Ask for much by pipelining, and take nothing."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=1024)
    one = request("/vendor/bootstrap/bootstrap.min.css").replace(b"Connection: close\r\n", b"")
    writer.write(one * 2000)
    await asyncio.sleep(edge.STALLED + SLACK)
    writer.write(one)
    try:
        await asyncio.wait_for(writer.drain(), 5)
        while await asyncio.wait_for(reader.read(1 << 20), 5):
            pass
    except (ConnectionError, TimeoutError) as error:
        return f"2,000 answers that nobody takes: {type(error).__name__}"
    return "2,000 answers that nobody takes: ended"


async def long_head(port: int) -> Told:
    answer = await ask(port, request("/sign-in", "X: " + "y" * 1_000_000))
    assert status(answer) in {0, 400, 431}, answer[:100]
    many_lines = await ask(port, request("/sign-in", *["X: y"] * 200_000))
    assert status(many_lines) in {0, 400, 431}, many_lines[:100]
    path = await ask(port, request("/" + "a" * 1_000_000))
    assert status(path) in {0, 400, 414, 431}, path[:100]
    return f"heads of a megabyte: {counted([answer, many_lines, path])}"


async def endless_body(port: int) -> Told:
    kind = "Content-Type: application/x-www-form-urlencoded"
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    chunked = request("/sign-in", kind, "Transfer-Encoding: chunked", method="POST")
    announced = request("/exchange/batches", kind, "Content-Length: 1000000000", method="POST")
    answers = [
        await ask(port, chunked + chunk * 100),
        await ask(port, announced + b"a" * 100_000),
    ]
    assert {status(answer) for answer in answers} <= {0, 413}, answers
    return f"bodies past their cap: {counted(answers)}"


async def many(port: int) -> Told:
    """Twenty addresses open a hundred connections each, and half a head on each."""
    held = []
    for number in range(2000):
        source = f"127.0.1.{1 + number % 20}"
        try:
            _reader, writer = await asyncio.open_connection(HOST, port, local_addr=(source, 0))
        except OSError:
            continue
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
        held.append(writer)
    await asyncio.sleep(edge.HEAD_SECONDS + SLACK)
    for writer in held:
        writer.close()
    return f"{len(held)} connections with half a head"


async def one_of_many(port: int) -> Told:
    """One address opens five hundred."""
    held = []
    for _ in range(500):
        reader, writer = await asyncio.open_connection(HOST, port, local_addr=("127.0.2.1", 0))
        held.append((reader, writer))
    await asyncio.sleep(3)
    refused = sum([await ended(reader) for reader, _writer in held])
    for _reader, writer in held:
        writer.close()
    assert refused >= 500 - edge.MOST_OF_ONE - 5, refused
    return f"500 from one address: {refused} refused"


async def ended(reader: asyncio.StreamReader) -> bool:
    """Tell whether the other side has refused or ended the connection."""
    try:
        return status(await asyncio.wait_for(reader.read(100), 0.02)) in {0, 503}
    except TimeoutError:
        return False
    except ConnectionError:
        return True


async def smuggled(port: int) -> Told:
    """End a request in two ways; nothing may be taken for a second request."""
    inner = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    size, chunked = f"Content-Length: {len(inner)}", "Transfer-Encoding: chunked"
    form = "Content-Type: application/x-www-form-urlencoded"
    tries = {
        "both": request("/sign-in", form, size, chunked, method="POST", body=b"0\r\n\r\n" + inner),
        "two lengths": request("/sign-in", form, size, "Content-Length: 0", method="POST", body=inner),
        "chunked twice": request("/sign-in", form, chunked, "Transfer-Encoding: identity", method="POST", body=b"0\r\n\r\n" + inner),
        "a space": request("/sign-in", form, "Transfer-Encoding : chunked", method="POST", body=b"0\r\n\r\n" + inner),
        "a folded line": request("/sign-in", form, "Transfer-Encoding:\r\n chunked", method="POST", body=b"0\r\n\r\n" + inner),
        "a length with a sign": request("/sign-in", form, "Content-Length: +5", method="POST", body=b"a=b&c" + inner),
        "a chunk of a strange size": request("/sign-in", form, chunked, method="POST", body=b"0x5\r\nhello\r\n0\r\n\r\n" + inner),
        "a bare line feed": b"GET /sign-in HTTP/1.1\nHost: 127.0.0.1\nX: y\n\n",
        "a NUL in a header": request("/sign-in", "X: a\0b"),
    }  # fmt: skip
    for name, data in tries.items():
        answer = await ask(port, data)
        assert answer.count(b"HTTP/1.1 ") <= 1, (name, answer)
        assert b"\r\n\r\nok" not in answer, (name, answer)
        assert status(answer) < 500, (name, answer)
    return f"{len(tries)} requests with two ends: one answer each at most"


async def strange(port: int) -> Told:
    """Ask what no browser asks; nothing is a fault of ours."""
    tries = [
        request("/sign-in", method="TRACE"), request("*", method="OPTIONS"),
        request("/sign-in", method="CONNECT"), request("/../../etc/passwd"),
        request("/static/..%2f..%2fsettings.py"), request("/static/%00"), request("/%ff%fe"),
        request("/sign-in?" + "a=b&" * 5000), request("/sign-in", "Cookie: " + "a=b; " * 5000),
        request("/sign-in", "Upgrade: websocket", "Connection: Upgrade"),
        request("/sign-in", "Expect: 100-continue", "Content-Length: 5", method="POST", body=b"a=b&c"),
        request("/sign-in", "Content-Type: multipart/form-data; boundary=" + "b" * 1000, "Content-Length: 3", method="POST", body=b"abc"),
        request("/sign-in", "Content-Type: multipart/form-data", "Content-Length: 3", method="POST", body=b"abc"),
        request("/sign-in", "Range: bytes=0-,0-,0-"), request("/sign-in", "Accept-Language: " + "a," * 20_000),
        request("http://evil.example/sign-in"), b"\x16\x03\x01\x02\x00\x01\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        request("/sign-in").replace(b"Host: 127.0.0.1", b"Host: evil.example"),
        request("/sign-in").replace(b"Host: 127.0.0.1\r\n", b""),
    ]  # fmt: skip
    answers = [await ask(port, data) for data in tries]
    for data, answer in zip(tries, answers, strict=True):
        assert status(answer) < 500, (data[:100], answer[:200])
        assert b"root:" not in answer
    return f"{len(tries)} strange requests: {counted(answers)}"


async def together(count: int, one: Callable[[], Awaitable[bytes]]) -> list[bytes]:
    return list(await asyncio.gather(*(one() for _ in range(count))))


def counted(answers: list[bytes]) -> str:
    found: dict[int, int] = {}
    for answer in answers:
        found[status(answer)] = found.get(status(answer), 0) + 1
    said = {0: "closed"}
    return ", ".join(f"{n} {said.get(code, code)}" for code, n in sorted(found.items()))


if __name__ == "__main__":
    main()

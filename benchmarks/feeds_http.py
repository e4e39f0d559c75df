"""A server in a process of its own, what it uses, and a client that asks at a steady pace."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from benchmarks.engines import SECRET

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Request:
    """Bytes to send, and what kind of request they are."""

    kind: str
    data: bytes


@dataclass(slots=True)
class Answers:
    """Status codes and seconds from the moment a request was due until its answer was whole."""

    codes: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def line(self) -> str:
        """Return count, codes and percentiles for people to read."""
        cuts = quantiles(self.seconds, n=100, method="inclusive")
        codes = " ".join(f"{code}×{count}" for code, count in sorted(self.codes.items()))
        return (
            f"{len(self.seconds)} answers ({codes}), p50 {cuts[49] * 1000:.1f} ms,"
            f" p99 {cuts[98] * 1000:.1f} ms, longest {max(self.seconds) * 1000:.0f} ms"
        )


@contextmanager
def govgrid(url: str, folder: Path, *, web_only: bool = False) -> Iterator[tuple[int, int]]:
    """Serve the database with `govgrid serve`; yield the process and the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    changed = {"GOVGRID_PUBLIC_URL": f"http://127.0.0.1:{port}", "GOVGRID_WEB_ONLY": str(+web_only)}
    with _command(url, folder, changed, "serve", "--port", str(port)) as server:
        while server.poll() is None:
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield server.pid, port


@contextmanager
def worker(url: str, folder: Path) -> Iterator[int]:
    """Work off what waits with `govgrid worker`; yield the process."""
    with _command(url, folder, {}, "worker") as process:
        yield process.pid


@contextmanager
def _command(
    url: str, folder: Path, changed: Mapping[str, str], *words: str
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ, "GOVGRID_DATABASE_URL": url, "GOVGRID_SECRET": SECRET,
        "GOVGRID_ARCHIVE": str(folder / "archive"), "GOVGRID_SMTP_URL": f"file:{folder / 'mail'}",
        **changed,
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "govgrid", *words], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def cpu(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> float:
    """Return the most memory that a process has held, in MiB."""
    return _status(pid, "VmHWM")


def resident(pid: int) -> float:
    """Return the memory that a process holds, in MiB."""
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


class Client:
    """Connections that stay open to one port, as many as are needed at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        """Return status, headers and body. Each request asks for a connection that stays."""
        reader, writer = await self._connection()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        pairs = (line.split(b":", 1) for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, value in pairs}
        status = int(head[0].split(b" ")[1])
        body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
        if headers.get(b"connection") == b"close" or head[0].startswith(b"HTTP/1.0"):
            writer.close()
        else:
            self._free.append((reader, writer))
        return status, headers, body

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():  # the server ends what has been idle
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def pace(
        self, a_second: float, seconds: float, next_one: Callable[[int], Request]
    ) -> dict[str, Answers]:
        """Ask so many times a second, whether or not the answers keep up."""
        found: dict[str, Answers] = {}
        begun, waiting = time.perf_counter(), set()

        async def one(request: Request, due: float) -> None:
            answers = found.setdefault(request.kind, Answers())
            try:
                status, _headers, _body = await self.ask(request.data)
            except (OSError, asyncio.IncompleteReadError):
                status = 0
            answers.codes[status] += 1
            answers.seconds.append(time.perf_counter() - due)

        for number in range(int(a_second * seconds)):
            due = begun + number / a_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(one(next_one(number), due))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
        await asyncio.gather(*waiting)
        return found


def get(path: str, port: int, *lines: str) -> bytes:
    """Return the bytes of a GET."""
    head = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "User-Agent: calendar", *lines]
    return "\r\n".join([*head, "", ""]).encode()


async def cpu_of_each(pid: int, client: Client, request: bytes, times: int) -> tuple[float, int]:
    """Return the CPU milliseconds a request costs the server's process, and the last status."""
    await client.ask(request)
    before, status = cpu(pid), 0
    for _ in range(times):
        status, _headers, _body = await client.ask(request)
    return (cpu(pid) - before) / times * 1000, status


def merged(some: Sequence[Answers]) -> Answers:
    """Return all answers as one."""
    whole = Answers()
    for one in some:
        whole.codes.update(one.codes)
        whole.seconds += one.seconds
    return whole

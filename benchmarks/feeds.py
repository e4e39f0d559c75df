"""Feeds: CPU of each, and Radicale serving the same collection; `load` asks for many at a time.

`.venv/bin/python -m benchmarks feeds [cpu] [radicale] [--engine NAME]`; both unless one is named. `cpu` is what the application uses in its own process for one request,
from the ASGI call to the last byte: host check, routing, thread, address, rights, statements,
headers, on the loop that `serve` uses; without the HTTP server, and without PostgreSQL's processes. `radicale` asks
`govgrid serve` over loopback: there it is the whole server process.
"""

import argparse
import asyncio
import time
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import uvloop
from starlette.types import ASGIApp, Message, Scope

from benchmarks.engines import ENGINES, opened
from benchmarks.feeds_http import (
    Client,
    cpu_of_each,
    get,
    govgrid,
)
from benchmarks.feeds_world import HUNDRED, OWN, THOUSAND, UNIT, World, lay
from govgrid.app import create_app
from govgrid.server import settle
from tests.meetings.radicale import PASSWORD, USER, Radicale, serving

PARTS = ("cpu", "radicale")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS)
    parser.add_argument("--engine", choices=ENGINES, help="only on this one")
    given = parser.parse_args()
    parts = given.parts or PARTS
    for engine in [given.engine] if given.engine else ENGINES:
        with opened(engine) as database, TemporaryDirectory(prefix="govgrid-bench-") as folder:
            world = lay(database)
            if "cpu" in parts:
                app = create_app(database.settings, work=False)
                settle()
                uvloop.run(_cpu(engine, app, world))
            if "radicale" in parts:
                with govgrid(database.settings.database_url, Path(folder)) as (pid, port):
                    _radicale(engine, pid, port, world, Path(folder))


async def _cpu(engine: str, app: ASGIApp, world: World) -> None:
    for kind in (UNIT, OWN, HUNDRED, THOUSAND):
        path, times = world.feeds[kind][0], 60 if kind == THOUSAND else 300
        await _asked(app, path)
        tag = (await _asked(app, path))[1][b"etag"]
        for headers, wanted in (((), 200), (((b"if-none-match", tag),), 304)):
            used = []
            for _ in range(times):
                begun = time.process_time()
                status, _headers, size = await _asked(app, path, headers)
                used.append((time.process_time() - begun) * 1000)
                assert status == wanted
            print(
                f"{engine}: {kind}: {status}, {size:,} bytes: {median(used):.2f} ms CPU"
                f" (median of {times}; least {min(used):.2f})"
            )


async def _asked(
    app: ASGIApp, path: str, headers: Sequence[tuple[bytes, bytes]] = ()
) -> tuple[int, dict[bytes, bytes], int]:
    sent: list[Message] = []
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": [(b"host", b"127.0.0.1"), (b"accept", b"*/*"), *headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    size = sum(len(message.get("body", b"")) for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), size


def _radicale(engine: str, pid: int, port: int, world: World, folder: Path) -> None:
    """Ask both for the same collections, one after the other in turn."""
    home = folder / "radicale"
    home.mkdir()
    with serving(home) as other:
        asyncio.run(_beside(engine, (pid, port), other, world))


async def _beside(engine: str, ours: tuple[int, int], other: Radicale, world: World) -> None:
    (pid, port), login = ours, b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    client, rival = Client(port), Client(other.port)
    for kind, times in ((HUNDRED, 100), (THOUSAND, 20)):
        path, there = world.feeds[kind][0], f"/{USER}/{len(world.feeds[kind])}-{times}/"
        _status, headers, data = await client.ask(get(path, port))
        put = other.ask("PUT", there, content=data, headers={"Content-Type": "text/calendar"})
        assert put.status_code == 201, put.text
        asking = get(there, other.port, f"Authorization: Basic {login}")
        _status, _headers, held = await rival.ask(asking)
        assert held.count(b"BEGIN:VEVENT") == data.count(b"BEGIN:VEVENT")
        whole, _ok = await cpu_of_each(pid, client, get(path, port), times * 5)
        known = f"If-None-Match: {headers[b'etag'].decode()}"
        same, status = await cpu_of_each(pid, client, get(path, port, known), times * 5)
        theirs, _ok = await cpu_of_each(other.pid, rival, asking, times)
        assert status == 304
        print(
            f"{engine}: {kind} over HTTP, the server's CPU: govgrid {whole:.2f} ms, not changed"
            f" {same:.2f} ms; Radicale {theirs:.1f} ms: {theirs / whole:.0f} times as much"
        )


if __name__ == "__main__":
    main()

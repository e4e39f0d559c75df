"""Feeds: CPU of each, a load of ten minutes, and Radicale serving the same collection.

`.venv/bin/python -m benchmarks feeds [cpu] [load] [radicale] [--minutes N] [--engine NAME]`; all
three unless some are named. `cpu` is what the application uses in its own process for one request,
from the ASGI call to the last byte: host check, routing, thread, address, rights, statements,
headers, on the loop that `serve` uses; without the HTTP server, and without PostgreSQL's processes. `load` and `radicale` ask
`govgrid serve` over loopback: there it is the whole server process.
"""

import argparse
import asyncio
import time
from base64 import b64encode
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import uvloop
from starlette.types import ASGIApp, Message, Scope

from benchmarks.engines import ENGINES, SECRET, opened
from benchmarks.feeds_http import (
    Client,
    Request,
    cpu,
    cpu_of_each,
    get,
    govgrid,
    memory,
    merged,
)
from benchmarks.feeds_world import HUNDRED, OWN, THOUSAND, UNIT, World, lay
from govgrid.app import create_app
from govgrid.server import settle
from govgrid.web import csrf
from tests.meetings.radicale import PASSWORD, USER, Radicale, serving

FEEDS, REPLIES = 150, 20  # a second
SUBSCRIBERS = 40  # of each kind of feed under load
PARTS = ("cpu", "load", "radicale")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the load lasts")
    parser.add_argument("--engine", choices=ENGINES, help="only on this one")
    given = parser.parse_args()
    parts = given.parts or PARTS
    for engine in [given.engine] if given.engine else ENGINES:
        with opened(engine) as database, TemporaryDirectory(prefix="govgrid-bench-") as folder:
            world = lay(database, SUBSCRIBERS)
            if "cpu" in parts:
                app = create_app(database.settings, work=False)
                settle()
                uvloop.run(_cpu(engine, app, world))
            if {"load", "radicale"} & set(parts):
                with govgrid(database.settings.database_url, Path(folder)) as (pid, port):
                    if "load" in parts:
                        asyncio.run(_load(engine, pid, port, world, given.minutes * 60))
                    if "radicale" in parts:
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


async def _load(engine: str, pid: int, port: int, world: World, seconds: float) -> None:
    """Ask for feeds, four of five by subscribers who hold the newest, and answer invitations."""
    client = Client(port)
    paths = [p for some in zip(*(world.feeds[k] for k in (OWN, HUNDRED, UNIT))) for p in some]  # noqa: B905
    tags = {path: await _tag(client, path, port) for path in dict.fromkeys(paths)}
    asked = cycle(paths)

    def feed(number: int) -> Request:
        path = next(asked)
        if number % 5 == 0:
            return Request("whole feeds", get(path, port))
        return Request("feeds not changed", get(path, port, f"If-None-Match: {tags[path]}"))

    tokens = cycle(world.replies)
    begun, before = time.perf_counter(), cpu(pid)
    feeds, replies = await asyncio.gather(
        client.pace(FEEDS, seconds, feed),
        client.pace(REPLIES, seconds, lambda n: Request("replies", _reply(next(tokens), n, port))),
    )
    took = time.perf_counter() - begun
    share = (cpu(pid) - before) / took
    found = {**feeds, "all feeds": merged(list(feeds.values())), **replies}
    print(f"{engine}: {FEEDS} feeds and {REPLIES} replies a second for {took:.0f} s")
    for name, answers in found.items():
        print(f"  {name}: {answers.line()}")
    print(f"  server: {share:.0%} of a core, at most {memory(pid):.0f} MiB")


async def _tag(client: Client, path: str, port: int) -> str:
    _status, headers, _body = await client.ask(get(path, port))
    return headers[b"etag"].decode()


def _reply(token: str, number: int, port: int) -> bytes:
    browser = "benchmark"
    form = {"csrf": csrf.token(SECRET, browser, ""), "reply": ("accepted", "declined")[number % 2]}
    body = urlencode(form).encode()
    head = (
        f"POST /r/{token} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: browser={browser}",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", "",
    )  # fmt: skip
    return "\r\n".join(head).encode() + body


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

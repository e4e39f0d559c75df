"""A city's year under load: feeds, pages of real sign-ins, replies; then what each page costs by size.

`.venv/bin/python -m benchmarks load [--engine NAME] [--minutes 10] [--rate 1.0] [--keep FOLDER]
[--months 12] [--cases 24] [--pages]`. SQLite is served by one process, PostgreSQL by two with a worker beside. The year is
made once and kept in the folder; `--pages` leaves the load out and only counts the CPU of pages at
community, street, district and city.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from benchmarks.engines import ENGINES, SECRET, kept
from benchmarks.feeds_http import (
    Answers,
    Client,
    Request,
    cpu,
    cpu_of_each,
    get,
    govgrid,
    memory,
    merged,
    resident,
    worker,
)
from benchmarks.load_world import MONTHS, YEAR, Desk, World, awaken, lay
from govgrid.web import csrf

FEEDS, PAGES, REPLIES = 150, 50, 20  # a second
MINUTE = 60.0
PAGE_KINDS = {  # how often of a hundred, and the address
    "home": (20, "/"),
    "month": (18, "/months/{month}?area={area}"),
    "meeting": (20, "/meetings/{meeting}"),
    "cases": (12, "/cases?area={area}"),
    "rates": (6, "/rates?area={area}"),
    "tasks": (6, "/actions?area={area}"),
    "directory": (5, "/directory"),
    "area": (5, "/grid/{area}"),
    "compound": (4, "/compounds/{compound}"),
    "archive": (2, "/archive?area={area}"),
    "coverage": (2, "/coverage"),
}
SHARES = {"community": 70, "street": 20, "district": 8, "city": 2}  # who reads pages, of a hundred


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, help="only on this one")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the load lasts")
    parser.add_argument("--rate", type=float, default=1.0, help="a share of the full load")
    parser.add_argument("--keep", type=Path, default=Path("var/load"), help="where the year stays")
    parser.add_argument("--months", type=int, default=YEAR, help="of meetings, the last ahead")
    parser.add_argument("--cases", type=int, default=MONTHS, help="months of cases")
    parser.add_argument("--pages", action="store_true", help="only what pages cost by size")
    given = parser.parse_args()
    for engine in [given.engine] if given.engine else ENGINES:
        folder = (given.keep / engine).resolve()
        file = folder / "world.json"
        if folder.exists() and not file.exists():
            parser.error(
                f"{folder} holds no whole year: remove the folder, or name another (--keep)"
            )
        with kept(engine, folder) as database:
            if not file.exists():
                begun = time.perf_counter()
                lay(database, given.months, given.cases).keep(file)
                print(f"{engine}: a year laid in {time.perf_counter() - begun:.0f} s", flush=True)
            awaken(database)
            world, url = World.kept(file), database.settings.database_url
        with ExitStack() as stack:
            stack.enter_context(kept(engine, folder))
            several = engine == "postgresql"
            served = [
                stack.enter_context(govgrid(url, folder, web_only=several))
                for _ in range(2 if several else 1)
            ]
            if several:
                stack.enter_context(worker(url, folder))
            if not given.pages:
                asyncio.run(_load(engine, served, world, given.minutes * MINUTE, given.rate))
            asyncio.run(_pages(engine, served[0], world))


async def _load(
    engine: str, served: Sequence[tuple[int, int]], world: World, seconds: float, rate: float
) -> None:
    """Ask every server for its share, and look once a minute at what they hold."""
    print(
        f"{engine}: {FEEDS * rate:g} feeds, {PAGES * rate:g} pages, {REPLIES * rate:g} replies a"
        f" second for {seconds:.0f} s on {len(served)} process(es)",
        flush=True,
    )
    before = [cpu(pid) for pid, _port in served]
    share = rate / len(served)
    *every, _none = await asyncio.gather(
        *(
            _one(port, world, seconds, share, Random(number))
            for number, (_pid, port) in enumerate(served)
        ),
        _watch([pid for pid, _port in served], seconds),
    )
    kinds = sorted({kind for found in every for kind in found})
    codes: Counter[int] = Counter()
    for kind in kinds:
        answers = merged([found[kind] for found in every if kind in found])
        codes.update(answers.codes)
        print(f"  {kind}: {answers.line()}")
    for what, start in (("all feeds", "feed"), ("all pages", "page")):
        some = [one for found in every for kind, one in found.items() if kind.startswith(start)]
        print(f"  {what}: {merged(some).line()}")
    failed = sum(count for code, count in codes.items() if code >= 500 or not code)
    print(f"  5xx or no answer: {failed} of {codes.total()}")
    for (pid, _port), used in zip(served, before, strict=True):
        print(
            f"  server {pid}: {(cpu(pid) - used) / seconds:.0%} of a core, at most"
            f" {memory(pid):.0f} MiB"
        )


async def _one(
    port: int, world: World, seconds: float, share: float, chance: Random
) -> dict[str, Answers]:
    client, feeds, tokens = Client(port), cycle(world.feeds), cycle(world.replies)
    tags: dict[str, str] = {}
    for path in world.feeds:
        _status, headers, _body = await client.ask(get(path, port))
        tags[path] = headers[b"etag"].decode()

    def feed(number: int) -> Request:
        path = next(feeds)
        if number % 5 == 0:
            return Request("feed, whole", get(path, port))
        return Request("feed, not changed", get(path, port, f"If-None-Match: {tags[path]}"))

    def page(_number: int) -> Request:
        size = chance.choices(list(SHARES), list(SHARES.values()))[0]
        kinds = list(PAGE_KINDS)
        kind = chance.choices(kinds, [PAGE_KINDS[one][0] for one in kinds])[0]
        return Request(f"page {kind}", _page(kind, chance.choice(world.desks[size]), world, port))

    def reply(number: int) -> Request:
        return Request("reply", answer(next(tokens), number, port))

    paces: list[tuple[float, Callable[[int], Request]]] = [
        (FEEDS * share, feed), (PAGES * share, page), (REPLIES * share, reply),
    ]  # fmt: skip
    found = await asyncio.gather(*(client.pace(pace, seconds, what) for pace, what in paces))
    return {kind: answers for one in found for kind, answers in one.items()}


async def _watch(pids: Sequence[int], seconds: float) -> dict[str, Answers]:
    """Tell once a minute what the servers hold."""
    for minute in range(1, int(seconds / MINUTE) + 1):
        await asyncio.sleep(MINUTE)
        held = " + ".join(f"{resident(pid):.0f}" for pid in pids)
        print(f"  after {minute} min: {held} MiB", flush=True)
    return {}


def _page(kind: str, desk: Desk, world: World, port: int) -> bytes:
    address = PAGE_KINDS[kind][1].format(
        month=world.month, area=desk.area, compound=desk.compound, meeting=desk.meeting
    )
    return get(address, port, f"Cookie: session={desk.session}")


async def _pages(engine: str, served: tuple[int, int], world: World) -> None:
    """Count the server's CPU for each page at each size; the city's is held against a street's."""
    pid, port = served
    client = Client(port)
    print(f"{engine}: CPU ms a page by who reads it, and city / street")
    for kind in PAGE_KINDS:
        costs = {}
        for size, desks in world.desks.items():
            request = _page(kind, desks[0], world, port)
            costs[size], status = await cpu_of_each(pid, client, request, 20)
            assert status == 200, f"{kind} of a {size}: {status}"
        ratio = costs["city"] / max(costs["street"], 0.5)
        told = "  ".join(f"{size} {cost:6.1f}" for size, cost in costs.items())
        print(f"  {kind:10} {told}   ×{ratio:.2f}", flush=True)


def answer(token: str, number: int, port: int) -> bytes:
    """Return the bytes that accept or decline an invitation by its private link."""
    browser = "benchmark"
    form = {"csrf": csrf.token(SECRET, browser, ""), "reply": ("accepted", "declined")[number % 2]}
    body = urlencode(form).encode()
    head = (
        f"POST /r/{token} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: browser={browser}",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", "",
    )  # fmt: skip
    return "\r\n".join(head).encode() + body


if __name__ == "__main__":
    main()

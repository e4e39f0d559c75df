"""Kill -9 whatever writes, on both engines, and see that nothing is lost or half-written.

`python -m benchmarks kills [N]`: N kills, 200 if nothing is said, shared among import, delivery,
replies, planning, printing, migration and backup; each at a moment drawn by lot from the time
that the command takes. After each kill the installation stands as before or as after, its journal
is whole, and the same command once more brings all of it, once.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from shutil import copy, copytree, rmtree
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import func, make_url, select, text

from benchmarks.engines import ENGINES, opened
from benchmarks.mail_kills import measure as kill_deliveries
from govgrid import schema
from govgrid.cases.models import Case
from govgrid.db import Database
from govgrid.meetings.models import Attendee, IncomingMail, Meeting
from govgrid.settings import Settings
from govgrid.upkeep.verify import verify
from tests.conftest import NOW
from tests.journeys.conftest import Site, furnish
from tests.meetings.inbox_world import MAILS, invited
from tests.outbox.killing import STEPS
from tests.upkeep.command import FORKS, Running

ROWS, OLD = 6000, "0030"
STREET, MONTH = "510107001", "2027-03"
State = object
HEADINGS = "工单编号,来源,诉求类别,小区编号,受理时间"


@dataclass
class World:
    """An installation to break: settings of a copy, made anew for every try."""

    settings: Settings
    folder: Path

    @contextmanager
    def database(self) -> Iterator[Database]:
        with closing(Database(self.settings)) as found:
            yield found

    def faults(self) -> list[object]:
        with self.database() as database:
            return list(verify(database))


@dataclass(frozen=True)
class Deed:
    """A command to kill: its words, the state it leads to, and what it may need first.

    `parts`: a kill may leave any state between the two that the same command completes.
    """

    name: str
    words: Callable[[World], tuple[str, ...]]
    state: Callable[[World], State]
    parts: bool = False
    old: bool = False  # begins in a database of a former revision


def cases(world: World) -> tuple[str, ...]:
    file = world.folder / "cases.csv"
    lines = (f"GD-{n},12345,停车,XQ-JH,2026-10-08 09:{n % 60:02}" for n in range(ROWS))
    file.write_text("\n".join([HEADINGS, *lines]), "utf-8")
    return "import", "cases", str(file)


def counted(world: World) -> State:
    with world.database() as database, database.reading() as db:
        return db.scalar(select(func.count()).select_from(Case))


def planned(world: World) -> State:
    with world.database() as database, database.reading() as db:
        return db.scalar(select(func.count()).select_from(Meeting))


def answered(world: World) -> State:
    """Return how many mails were taken, and the answers."""
    with world.database() as database, database.reading() as db:
        taken = db.scalar(select(func.count()).select_from(IncomingMail))
        answers = db.execute(select(Attendee.officer_id, Attendee.reply).order_by(Attendee.id))
        return taken, [tuple(row) for row in answers]


def revision(world: World) -> State:
    with world.database() as database:
        return schema.current(database)


def backed_up(world: World) -> State:
    """Return whether there is a backup; a damaged one is a fault."""
    file = world.folder / "b.tar"
    if not file.exists():
        return False
    Running(world.settings, ("verify",)).end(0)
    return file.stat().st_size > 0


def exported(world: World) -> State:
    file = world.folder / "officers.xlsx"
    return file.exists() and file.read_bytes()[:2] == b"PK" and file.stat().st_size > 1000


DEEDS = (
    Deed("import", cases, counted),
    Deed("replies", lambda _world: ("replies", str(MAILS)), answered, parts=True),
    Deed("planning", lambda _world: ("plan", MONTH, "--area", STREET, "--apply", "--seconds", "1"), planned),
    Deed("export", lambda w: ("export", "officers", str(w.folder / "officers.xlsx")), exported),
    Deed("migration", lambda _world: ("migrate",), revision, old=True),
    Deed("backup", lambda w: ("backup", str(w.folder / "b.tar")), backed_up),
)  # fmt: skip


class Worlds:
    """Makes copies of two installations: one of today, one of a former revision."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self._number = database, folder, count()
        self.sqlite = database.sqlite
        self.settings = replace(database.settings, archive=folder / "archive")
        site = Site(self.settings, Database(self.settings), NOW)
        furnish(site.database, NOW)
        invited(site)
        site.close()
        if self.sqlite:  # all of it in the one file that is copied
            with self.database.engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        self.old = self._empty("old")
        with closing(Database(self.old)) as old:
            schema.migrate(old, OLD)
        database.close()

    @contextmanager
    def copy(self, *, old: bool) -> Iterator[World]:
        """Yield a fresh copy, gone afterwards."""
        number, given = next(self._number), self.old if old else self.settings
        folder = self.folder / f"world-{number}"
        folder.mkdir()
        if given.archive.exists():
            copytree(given.archive, folder / "archive")
        url = self._clone(given.database_url, folder, f"world_{number}")
        try:
            yield World(replace(given, database_url=url, archive=folder / "archive"), folder)
        finally:
            rmtree(folder)
            if not self.sqlite:
                self._say(f"DROP DATABASE world_{number} WITH (FORCE)")

    def _empty(self, name: str) -> Settings:
        settings = replace(self.settings, archive=self.folder / f"{name}-archive")
        if self.sqlite:
            return replace(settings, database_url=f"sqlite:///{self.folder / name}.db")
        self._say(f"CREATE DATABASE {name}")
        return replace(settings, database_url=self._named(name))

    def _clone(self, url: str, folder: Path, name: str) -> str:
        if self.sqlite:
            copy(url.removeprefix("sqlite:///"), folder / "govgrid.db")
            return f"sqlite:///{folder / 'govgrid.db'}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
        return self._named(name)

    def _named(self, name: str) -> str:
        url = make_url(self.settings.database_url).set(database=name)
        return url.render_as_string(hide_password=False)

    def _say(self, statement: str) -> None:
        host = str(make_url(self.settings.database_url).query["host"])
        with psycopg.connect(
            f"host={host} user=govgrid dbname=template1", autocommit=True
        ) as connection:
            connection.execute(statement)


def kill_one(worlds: Worlds, deed: Deed, moment: float, wanted: State) -> bool:
    """Kill the deed at that moment, do it again; tell whether the kill came before its end."""
    with worlds.copy(old=deed.old) as world:
        before = deed.state(world)
        words = deed.words(world)
        running = Running(world.settings, words)
        running.process.join(timeout=moment)
        killed = running.kill() != 0
        between = deed.state(world)
        if not deed.old:
            assert world.faults() == [], (deed.name, moment)
        Running(world.settings, words).end(0)
        after = deed.state(world)
        assert after == wanted != before, (deed.name, moment, after)
        assert deed.parts or between in (before, after), (deed.name, moment, between)
        assert world.faults() == [], (deed.name, moment)
        Running(world.settings, words).end(0) if deed.name == "import" else None
        assert deed.state(world) == after, (deed.name, "changes something when it runs again")
        return killed


def undisturbed(worlds: Worlds, deed: Deed) -> tuple[float, State]:
    """Return how long it takes, and the state that it leads to."""
    with worlds.copy(old=deed.old) as world:
        words, begun = deed.words(world), time.monotonic()
        Running(world.settings, words).end(0)
        return time.monotonic() - begun, deed.state(world)


def main() -> None:
    asked = int(sys.argv[1]) if sys.argv[1:] else 200
    chance = random.Random(20261126)
    FORKS.set_forkserver_preload(
        ["tests.upkeep.command", "govgrid.cli.gathered", "govgrid.kinds", "govgrid.server"]
    )
    each = max(1, asked // (len(ENGINES) * (len(DEEDS) + 1)))
    total = 0
    for engine in ENGINES:
        with opened(engine) as database, TemporaryDirectory(prefix="govgrid-bench-") as place:
            worlds = Worlds(database, Path(place))
            for deed in DEEDS:
                takes, wanted = undisturbed(worlds, deed)
                tries = [
                    kill_one(worlds, deed, takes * chance.random(), wanted) for _ in range(each)
                ]
                total += sum(tries)
                print(f"{engine}: {deed.name}: {sum(tries)} kills within {takes:.1f} s, "
                      f"{each - sum(tries)} came too late; all as before or after", flush=True)  # fmt: skip
        with opened(engine) as database, TemporaryDirectory(prefix="govgrid-bench-") as place:
            database.settings = replace(database.settings, archive=Path(place))
            rounds = max(1, each // len(STEPS))
            kill_deliveries(engine, database, rounds)
            total += rounds * len(STEPS)
    print(f"{total} kills: nothing lost, nothing half-written, every rerun clean")


if __name__ == "__main__":
    main()

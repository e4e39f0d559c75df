"""Where files go in: pages, commands and the interface of a small city, each asked as people ask."""

import os
import resource
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner
from sqlalchemy import select

from benchmarks.hostile_files import FILES, MIB
from govgrid import schema
from govgrid.accounts.rules import Scope
from govgrid.cli.letters import replies
from govgrid.db import Database
from govgrid.exchange.jobs import work_off
from govgrid.grid.models import Area, Officer
from govgrid.kinds import KINDS
from govgrid.meetings.models import AgendaItem, AgendaKind
from govgrid.settings import Settings
from tests import build
from tests.api.conftest import BEARER, TOKEN, add_token
from tests.client import Client
from tests.conftest import NOW, SECRET
from tests.journeys.conftest import Site, furnish
from tests.journeys.test_follow_up import given as task_given

MOST_MEMORY, MOST_SECONDS = 256 * MIB, 10
DATABASE, ARCHIVE = "govgrid.db", "archive"
Sent = tuple[int, str]  # the answer's status, and what it says


class Outcome(NamedTuple):
    """What became of a file: the worst status, what was said, CPU seconds, bytes."""

    status: int
    said: str
    seconds: float
    memory: int

    def fault(self) -> str:
        """Return what is wrong with that, "" for nothing."""
        if self.status == 0 or self.status >= 500:
            return f"{self.status} {self.said}"
        if self.seconds > MOST_SECONDS:
            return f"{self.seconds:.1f} s"
        return f"{self.memory // MIB} MiB" if self.memory > MOST_MEMORY else ""


def settings(folder: Path) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder / DATABASE}", secret=SECRET, archive=folder / ARCHIVE,
        public_url="http://testserver", smtp_url=f"file:{folder / 'mail'}",
    )  # fmt: skip


def lay(folder: Path) -> None:
    """Build a small city with a meeting held, a task from it, and a token of the interface."""
    database = Database(settings(folder))
    schema.migrate(database)
    furnish(database, NOW)
    site = Site(settings(folder), database, NOW)
    task_given(site)
    with database.writing() as db:
        district = db.scalars(select(Area).where(Area.code == "510107")).one()
        db.expunge_all()
    add_token(database, district, TOKEN, *Scope, at=NOW)
    site.close()


def sheet(site: Site, kind: str, name: str, data: bytes) -> Sent:
    """Upload a sheet, have the worker check it, look at the preview."""
    clerk = site.person("sun")
    form = {"csrf": clerk.token, "kind": kind}
    answer = clerk.client.post("/exchange/batches", data=form, files={"file": (name, data)})
    step = work_off(KINDS)
    while step(site.database, site.at):
        pass
    shown = clerk.client.get(answer.url.path) if answer.status_code == 200 else answer
    return max(answer.status_code, shown.status_code), shown.text


def attach(site: Site, name: str, data: bytes) -> Sent:
    """Attach it to an item of the agenda, and fetch what was kept."""
    secretary = site.person("zhou")
    with site.database.reading() as db:
        item = db.scalars(select(AgendaItem).where(AgendaItem.kind == AgendaKind.CASE)).first()
        assert item
        path = f"/meetings/{item.meeting_id}/agenda/{item.id}/attachments"
    return _post(secretary.client, path, {"csrf": secretary.token}, "file", name, data)


def photo(site: Site, name: str, data: bytes) -> Sent:
    """Put it among a showcase's photos."""
    manager = site.person("qian")
    path = "/compounds/XQ-JH/showcase/2026-10/entry/photos"
    form = {"csrf": manager.token, "panel": "晒服务", "caption": "楼道"}
    return _post(manager.client, path, form, "file", name, data)


def report(site: Site, name: str, data: bytes) -> Sent:
    """Send it as evidence of a task that is done."""
    site.set_clock(build.clock("2026-12-15 09:00"))
    leader = site.person("wang")
    form = {"csrf": leader.token, "evidence": "已换灯"}
    return _post(leader.client, "/actions/1/report", form, "photo", name, data)


def busy(site: Site, name: str, data: bytes) -> Sent:
    """Upload it as an officer's calendar."""
    leader = site.person("wang")
    with site.database.reading() as db:
        code = db.scalars(select(Officer.code).where(Officer.name == "王网格")).one()
    return _post(
        leader.client, f"/officers/{code}/busy", {"csrf": leader.token}, "file", name, data
    )


def api(site: Site, _name: str, data: bytes) -> Sent:
    """Send it as a case."""
    client = site.person().client
    heads = {**BEARER, "Content-Type": "application/json"}
    answer = client.post("/api/v1/cases", content=data, headers=heads)
    return answer.status_code, answer.text


def reply(site: Site, name: str, data: bytes) -> Sent:
    """Have the command line read it as a reply."""
    file = site.settings.archive.parent / name
    file.write_bytes(data)
    environment = {
        "GOVGRID_DATABASE_URL": site.settings.database_url, "GOVGRID_SECRET": SECRET,
        "GOVGRID_ARCHIVE": str(site.settings.archive),
    }  # fmt: skip
    done = CliRunner().invoke(replies, [str(file)], env=environment)
    return (500 if done.exception else 200), done.output or repr(done.exception)


ENTRIES: dict[str, Callable[[Site, str, bytes], Sent]] = {
    **{kind: lambda site, name, data, kind=kind: sheet(site, kind, name, data) for kind in KINDS},
    "attach": attach, "photo": photo, "report": report, "busy": busy, "api": api, "reply": reply,
}  # fmt: skip


def _post(
    client: Client, path: str, form: dict[str, str], field: str, name: str, data: bytes
) -> Sent:
    answer = client.post(path, data=form, files={field: (name, data)})
    return answer.status_code, answer.text


def take(name: str, folder: Path, answer: Connection) -> None:
    """Send one file, in a process of its own; tell what became of it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hostile = FILES[name]
    os.chdir(folder)
    data = hostile.make()
    site = Site(settings(folder), Database(settings(folder)), NOW)
    site.person().get("/sign-in")
    before = resource.getrusage(resource.RUSAGE_SELF)
    status, said = ENTRIES[hostile.entry](site, hostile.name, data)
    after = resource.getrusage(resource.RUSAGE_SELF)
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + below.ru_utime
    # A child of its own begins with what its parent stood in.
    memory = (max(after.ru_maxrss, below.ru_maxrss) - before.ru_maxrss) * 1024
    answer.send(Outcome(status, said[-300:], seconds, memory))
    os._exit(0)

"""`deliver` and `replies`: what is queued leaves, what came back is read."""

import mailbox
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from govgrid.cases.chasing import call_for_cases
from govgrid.cli.answer import say_json
from govgrid.cli.given import database
from govgrid.meetings.actions.inbox import KEPT, Taken, take
from govgrid.meetings.chasing import call_to_mind
from govgrid.meetings.inbox.mail import BIGGEST
from govgrid.meetings.mailbox import read_new
from govgrid.outbox.actions import deliver as step
from govgrid.outbox.worker import Worker
from govgrid.web.language import gettext as _


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is queued, held edits included.")
def deliver(*, once: bool) -> None:
    """Queue what is due by now, and send what is queued."""
    site = database()
    # Who asks for everything at once does not want to wait for further edits.
    steps = [partial(step, held=True)] if once else [step]
    line = Worker(site, _now, steps)
    if once:
        for queue in (call_to_mind, call_for_cases):
            queue(site, _now())
    else:
        Worker(site, _now, [call_to_mind, call_for_cases], pause=60).start()
        line.run()
    sent = 0
    while done := line.once():
        sent += done
    click.echo(f"sent {sent}", err=True)


def _now() -> datetime:
    return datetime.now(UTC)


@click.command()
@click.argument(
    "files", nargs=-1, metavar="FILE…", type=click.Path(path_type=Path, allow_dash=True)
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def replies(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Read replies: .eml files, folders of them, mbox files, - for a pipe; without FILE, by IMAP."""
    site = database()
    at = datetime.now(UTC)
    if not files and not site.settings.imap_url:
        raise click.UsageError("give FILE…, or set GOVGRID_IMAP_URL")
    rows: list[tuple[str, Taken]] = []
    while not files and (some := read_new(site, at)):
        rows += some
    for name, data, size in _mails(files):
        with site.writing() as db:
            rows.append((name, take(db, data, at=at, size=size)))
    if as_json:
        say_json([_json(name, one) for name, one in rows])
        return
    for name, one in rows:
        words = (_(one.outcome.word), one.attendee, one.status, one.reason)
        click.echo("  ".join(filter(None, (name, *words))))


def _mails(files: tuple[Path, ...]) -> Iterator[tuple[str, bytes, int]]:
    """Yield name, bytes and whole size of each mail; of one that is too big, its beginning."""
    for path in files:
        if str(path) == "-":
            data = sys.stdin.buffer.read(BIGGEST + 1)
            yield "-", data[:KEPT] if len(data) > BIGGEST else data, len(data)
        elif path.is_dir():
            within = (p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            for one in sorted(within):
                yield str(one), *_file(one)
        elif _begins(path, b"From "):
            with closing(mailbox.mbox(path, create=False)) as box:
                for number, key in enumerate(box.keys(), 1):
                    data = box.get_bytes(key)
                    some = data[:KEPT] if len(data) > BIGGEST else data
                    yield f"{path}#{number}", some, len(data)
        else:
            yield str(path), *_file(path)


def _begins(path: Path, with_: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(with_)) == with_


def _file(path: Path) -> tuple[bytes, int]:
    size = path.stat().st_size
    with path.open("rb") as file:
        return file.read(KEPT if size > BIGGEST else BIGGEST), size


def _json(name: str, one: Taken) -> dict[str, str]:
    return {
        "file": name,
        "outcome": one.outcome.value,
        "uid": one.uid,
        "attendee": one.attendee,
        "status": one.status,
        "reason": one.reason,
    }

"""`plan`: a month's meetings of an area, worked out here and written when asked for."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import click
from sqlalchemy import select

from govgrid.cli.answer import say_json
from govgrid.cli.given import area_of, database
from govgrid.cli.solve import interrupts
from govgrid.db import Database
from govgrid.exchange.refusals import untold
from govgrid.grid.models import Area
from govgrid.grid.queries.realm import managed_by
from govgrid.meetings.actions.placing import write_plan
from govgrid.meetings.actions.runs import refuse_under_way
from govgrid.meetings.models import Part
from govgrid.meetings.planning.costs import score
from govgrid.meetings.planning.instance import Plan, Progress, Reason, ReasonKind
from govgrid.meetings.planning.lines import Problem
from govgrid.meetings.planning.outcome import Placed, placed
from govgrid.meetings.planning.problem import problem
from govgrid.meetings.planning.solve import solve, usual_seconds
from govgrid.meetings.remedies import Explained, explained
from govgrid.web.forms import month_of
from govgrid.web.language import local, moment_text, refusal_text

SEARCH = 0.85  # of the time; the rest is for explaining what is left out


@click.command()
@click.argument("month")
@click.option("--area", "code", default=None, help="Code of the area; all of them by default.")
@click.option("--seconds", type=click.FloatRange(min=0.1), default=None, help="Time limit.")
@click.option("--seed", type=int, default=0, help="The same seed and input give the same plan.")
@click.option("--apply", is_flag=True, help="Write the meetings.")
@click.option("--confirm", is_flag=True, help="With --apply: write them as confirmed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def plan(
    month: str,
    code: str | None,
    seconds: float | None,
    seed: int,
    *,
    apply: bool,
    confirm: bool,
    as_json: bool,
) -> None:
    """Plan a month's meetings without a clash; --apply writes them."""
    if confirm and not apply:
        raise click.UsageError("--confirm goes with --apply")
    site, first, at = database(), month_of(month), datetime.now(UTC)
    begun = time.monotonic()
    with site.reading() as db:
        area = area_of(db, code) if code else None
        tops = [area, *managed_by(db, area)] if area else _tops(db)
        paths = [top.path for top in tops]
        if apply:
            refuse_under_way(db, paths, first)
        asked = problem(db, paths, first, at=at)
    limit = seconds or usual_seconds(len(asked.instance.meetings))
    with interrupts() as stop, _shown(len(asked.instance.meetings)) as tell:
        until = time.monotonic() + limit
        search = SEARCH * limit
        found = solve(asked.instance, seconds=search, seed=seed, progress=tell, stop=stop.is_set)
        left = max(0.1, until - time.monotonic())
        why = explained(asked, found, seconds=left, stop=stop.is_set)
    ids: dict[str, int] = {}
    if apply:
        ids = _write(site, area, paths, first, found, confirm=confirm, at=at)
    answer = _answer(month, asked, found, why, ids, time.monotonic() - begun)
    if as_json:
        say_json(answer)
    else:
        _say(asked, found, answer)


def _tops(db: Any) -> list[Area]:
    rows = select(Area).where(Area.parent_id.is_(None), Area.closed_on.is_(None))
    return list(db.scalars(rows.order_by(Area.path)))


def _write(
    site: Database,
    area: Area | None,
    paths: list[str],
    month: date,
    found: Plan,
    *,
    confirm: bool,
    at: datetime,
) -> dict[str, int]:
    with site.writing() as db:
        refuse_under_way(db, paths, month)
        fresh = problem(db, paths, month, at=at)
        wanted = [p for p in placed(fresh, found.assign, found.attend) if not p.line.fixed]
        made = write_plan(db, None, area, fresh, wanted, confirm=confirm, at=at)
        return {key: meeting.id for key, meeting in made.items()}


@contextmanager
def _shown(meetings: int) -> Iterator[Any]:
    """Show on a terminal how far the search is."""
    terminal = sys.stderr.isatty()

    def tell(now: Progress) -> None:
        if terminal:
            gap = max(0, now.objective - now.bound) / max(1, now.objective)
            click.echo(
                f"\r第 {now.plans} 个方案：已排 {now.planned}/{meetings}，"
                f"未排 {now.unplanned}，差距 {gap:.2%}   ",
                nl=False,
                err=True,
            )

    yield tell
    if terminal:
        click.echo(err=True)


def _answer(
    month: str,
    asked: Problem,
    found: Plan,
    why: dict[str, Explained],
    ids: dict[str, int],
    seconds: float,
) -> dict[str, Any]:
    parts = score(asked.instance, found.assign, found.attend)
    held = placed(asked, found.assign, found.attend)
    return {
        "month": month,
        "meetings": [_meeting(one, ids) for one in held],
        "unplanned": [_unplanned(asked, key, one) for key, one in sorted(why.items())],
        "score": {**asdict(parts), "total": parts.total},
        "bound": found.bound,
        "seconds": round(seconds, 2),
    }


def _meeting(one: Placed, ids: dict[str, int]) -> dict[str, Any]:
    line = one.line
    known = line.sitting.id if line.sitting else None
    return {
        "id": ids.get(line.key, known),
        "unit": line.meets.home.code if line.meets.home else line.meets.community.code,
        "kind": line.meets.kind.value,
        "start": local(one.start).isoformat(),
        "end": local(one.end).isoformat(),
        "venue": one.room.key,
        "required": [c.person.code for c in one.due if c.part is Part.REQUIRED],
        "quorum": {
            "people": [c.person.code for c in one.due if c.part is Part.QUORUM],
            "min": line.meets.setup.fewest(sum(c.part is Part.QUORUM for c in one.due)),
        },
        "optional_attending": [c.person.code for c in one.guests],
    }


def _unplanned(asked: Problem, key: str, one: Explained) -> dict[str, Any]:
    meets = asked.lines[key].meets
    blank = Reason(ReasonKind.NO_FREE_SLOT)
    reasons = [
        {
            "kind": reason.kind.value if one.reasons else "settings",
            "people": list(reason.people),
            "days": list(reason.days),
            "text": refusal_text(text),
        }
        for reason, text in zip(one.reasons or (blank,), one.told, strict=True)
    ]
    ways = [refusal_text(known) for way in one.ways if (known := untold(way["told"]))]
    return {
        "unit": meets.home.code if meets.home else meets.community.code,
        "kind": meets.kind.value,
        "reasons": reasons,
        "ways": ways,
    }


def _say(asked: Problem, found: Plan, answer: dict[str, Any]) -> None:
    for one in placed(asked, found.assign, found.attend):
        state = "" if one.moved else "（已排定）"
        click.echo(f"{moment_text(one.start)}  {one.line.meets.name}  {one.room.name}{state}")
    for one in answer["unplanned"]:
        for reason in one["reasons"]:
            click.echo(f"未排：{one['unit']}  {reason['text']}", err=True)
    click.echo(
        f"{len(answer['meetings'])} 场会议已有时间，{len(answer['unplanned'])} 场未能排定。",
        err=True,
    )

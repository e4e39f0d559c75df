"""Ask for a run of the planner, stop it, change its lines by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.clock import HERE
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area
from govgrid.grid.queries.realm import managed_by
from govgrid.meetings import rules
from govgrid.meetings.models import PlanLine, PlanRun, RunState
from govgrid.meetings.queries.moving import Answer
from govgrid.meetings.queries.runs import under_way, whole
from govgrid.web.language import moment_text, month_text

LEAST, MOST = 5, 3600  # seconds of a search
ASKED = ("month", "seed", "seconds", "again", "repair")


@dataclass(frozen=True, slots=True)
class Wish:
    """How a month is to be planned.

    `again`: meetings nobody has confirmed are planned anew; `repair`: those that stand are moved
    as little as can be; `base`: the lines of that run are. `adjust`: what gives way, by unit key.
    """

    seconds: int = 60
    seed: int = 0
    again: bool = False
    repair: bool = False
    base: PlanRun | None = None
    adjust: Mapping[str, Any] = field(default_factory=dict)


def ask(db: Session, actor: Actor, area: Area, month: date, wish: Wish, *, at: datetime) -> PlanRun:
    """Queue a run over the area. Raise `Conflict` where some of it is being planned, by whom."""
    paths = [area.path, *(managed.path for managed in managed_by(db, area))]
    if not all(actor.may(Power.PLAN, path) for path in paths):
        raise Forbidden("您的职务没有为该区域排会的权限；请联系社区书记或街道联络员。")
    if rules.next_month(month) <= (at + timedelta(days=1)).astimezone(HERE).date():
        raise Invalid(
            "%(month)s已经没有可以排会的日子，请选择以后的月份。", month=month_text(month)
        )
    if not LEAST <= wish.seconds <= MOST:
        raise Invalid("时间上限应在 %(least)s 至 %(most)s 秒之间。", least=LEAST, most=MOST)
    # One after the other: two that ask at once for areas that overlap must see each other.
    root = area.path.strip("/").split("/")[0]
    db.execute(select(Area.id).where(Area.code == root).with_for_update())
    refuse_under_way(db, paths, month)
    run = PlanRun(
        area_id=area.id, area=area, paths=paths, month=month, seed=wish.seed, seconds=wish.seconds,
        again=wish.again, repair=wish.repair, base_id=wish.base.id if wish.base else None,
        adjust=dict(wish.adjust), account_id=actor.account_id, asked_by=actor.name, asked_at=at,
        state=RunState.WAITING, progress={},
    )  # fmt: skip
    db.add(run)
    db.flush()
    after = journal.image(run, *ASKED)
    journal.record(db, actor, "ask", "plan_run", run.id, area=area.code, after=after)
    return run


def refuse_under_way(db: Session, paths: list[str], month: date) -> None:
    """Raise `Conflict` with who is planning some of these areas right now."""
    other = under_way(db, paths, month)
    if other is not None:
        raise Conflict(
            "%(who)s正在为%(area)s排%(month)s的会（%(at)s 开始），请等其完成后再排。",
            who=other.asked_by,
            area=other.area.name,
            month=month_text(month),
            at=moment_text(other.asked_at),
        )


def stop(db: Session, actor: Actor, run: PlanRun) -> None:
    """Let the search end with the best plan so far."""
    if not whole(actor, run):
        raise Forbidden("只有负责整个区域的人员可以停止这次排会。")
    if run.finished_at is not None:
        raise Conflict("这次排会已经结束，请刷新页面。")
    run.stop_asked = True
    journal.record(db, actor, "stop", "plan_run", run.id)


def pin(db: Session, actor: Actor, run: PlanRun, line: PlanLine, *, pinned: bool) -> None:
    """Keep a line where it is when the month is planned again; or let it go."""
    may_change(run, line)
    before = journal.image(line, "pinned")
    line.pinned = pinned
    after = journal.image(line, "pinned")
    journal.record(
        db, actor, "pin", "plan_run", run.id, unit=line.unit_id, before=before, after=after
    )


def may_change(run: PlanRun, line: PlanLine) -> None:
    """Raise `Conflict` where the line is not, or no longer, to be changed."""
    if run.state is not RunState.DONE:
        raise Conflict("排会尚未完成，请稍候。")
    if line.fixed:
        raise Conflict("这场会议在排会之前已经排定，请在会议页面改期。")
    if line.taken is not None:
        raise Conflict("这场会议已采用，请在会议页面改期，或先撤销采用。")


def place_line(db: Session, actor: Actor, run: PlanRun, line: PlanLine, answer: Answer) -> None:
    """Put a line at a slot that was found free, with those asked who can come, and keep it."""
    may_change(run, line)
    before = journal.image(line, "start", "pinned")
    line.start, line.pinned, line.guests = answer.slot.start, True, list(answer.guests)
    line.reasons, line.ways = [], []
    after = journal.image(line, "start", "pinned")
    journal.record(
        db, actor, "place", "plan_run", run.id, unit=line.unit_id, before=before, after=after
    )

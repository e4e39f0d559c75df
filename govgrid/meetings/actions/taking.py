"""Take a plan over: its lines become meetings; and undo that while nobody was invited."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid import journal
from govgrid.access import Actor
from govgrid.clock import HERE
from govgrid.errors import Conflict, Invalid
from govgrid.meetings.actions import plan
from govgrid.meetings.actions.placing import may_plan, write_plan
from govgrid.meetings.models import Meeting, PlanLine, PlanRun, RunState, Stage, Venue
from govgrid.meetings.planning.attendance import attendance
from govgrid.meetings.planning.clashes import Roads
from govgrid.meetings.planning.lines import Problem, Treat, adjust_of
from govgrid.meetings.planning.outcome import placed, standing, stones
from govgrid.meetings.planning.problem import problem
from govgrid.meetings.planning.starts import Moments
from govgrid.meetings.queries.lines import key_of
from govgrid.meetings.queries.seen import load_meeting
from govgrid.workdays import calendar

MANY = 12  # communities: with more, whole streets are read
UNDONE = "撤销采用排会方案"


@dataclass(frozen=True, slots=True)
class Taken:
    """How many meetings were made and moved, and how many letters tell of it."""

    made: int
    moved: int
    letters: int


def take_over(
    db: Session, actor: Actor, run: PlanRun, lines: Sequence[PlanLine], *, at: datetime
) -> Taken:
    """Make meetings of these lines of a plan, in this transaction. None of them invites anybody.

    Meetings that stood and have a new place are moved; whoever was invited is told. Raise
    `Conflict` where what was placed meanwhile clashes.
    """
    if run.state is not RunState.DONE:
        raise Conflict("排会尚未完成，请稍候。")
    wanted = {key_of(line.unit): line for line in lines if _open(line)}
    if not wanted:
        raise Invalid("没有可以采用的会议：都已采用、已排定，或没有排上。")
    may_plan(actor, {line.unit.community.path for line in wanted.values()})
    fresh = _fresh(db, run, list(wanted.values()), at=at)
    assign = {
        key: fresh.ground.minute(line.start)
        for key, line in wanted.items()
        if line.start is not None
    }
    everybody = {**standing(fresh), **assign, **stones(fresh.instance, fresh)}
    moments = Moments(fresh.instance)
    attend = attendance(fresh.instance, moments, Roads(fresh.instance), everybody)
    chosen = [p for p in placed(fresh, assign, attend) if p.line.key in wanted]
    if any(p.room.id != wanted[p.line.key].venue_id for p in chosen):
        raise Conflict("会议室的设置或停用时间在排会之后有变，请重新排会。")
    made = write_plan(db, actor, run.area, fresh, chosen, at=at)
    letters = sum(
        _move(db, actor, wanted[p.line.key], at=at) for p in chosen if p.line.sitting is not None
    )
    for key, line in wanted.items():
        line.taken = _before(line)
        if key in made:
            line.meeting_id = made[key].id
    run.taken_at = at
    journal.record(
        db, actor, "take_over", "plan_run", run.id,
        after={"made": len(made), "moved": len(chosen) - len(made)}, letters=letters,
    )  # fmt: skip
    return Taken(len(made), len(chosen) - len(made), letters)


def _open(line: PlanLine) -> bool:
    """Tell whether the line says something new."""
    if line.fixed or line.taken is not None or line.start is None:
        return False
    return (line.stood, line.stood_venue_id) != (line.start, line.venue_id)


def _before(line: PlanLine) -> dict[str, Any]:
    if line.stood is None:
        return {}
    return {"start": line.stood.isoformat(), "venue_id": line.stood_venue_id}


def _fresh(db: Session, run: PlanRun, lines: Sequence[PlanLine], *, at: datetime) -> Problem:
    """Return the month as it stands now, as far as these lines need it."""
    paths = {line.unit.community.path for line in lines}
    if len(paths) > MANY:
        paths = {path.rstrip("/").rpartition("/")[0] + "/" for path in paths}
    treat = Treat.REPAIR if run.repair else Treat.AGAIN if run.again else Treat.KEEP
    adjust = {key: adjust_of(values) for key, values in run.adjust.items()}
    return problem(db, sorted(paths), run.month, at=at, treat=treat, adjust=adjust)


def _move(db: Session, actor: Actor, line: PlanLine, *, at: datetime) -> int:
    assert line.meeting_id is not None
    assert line.start is not None
    meeting = load_meeting(db, line.meeting_id)
    if meeting.start != line.stood or meeting.venue_id != line.stood_venue_id:
        raise Conflict("“%(title)s”已被改期，请重新排会。", title=meeting.title)
    if meeting.stage is Stage.CONFIRMED:
        plan.may_convene(actor, meeting.community.path)
    room = db.get_one(Venue, line.venue_id)
    return plan.move_to(db, actor, meeting, plan.Place(line.start, room), at=at)


def undo(
    db: Session, actor: Actor, run: PlanRun, lines: Sequence[PlanLine], *, at: datetime
) -> tuple[int, int]:
    """Put back what taking over did; return how many were, and how many stay.

    Meetings that were confirmed since, moved by hand, or told to their people by letter stay.
    """
    taken = [line for line in lines if line.taken is not None]
    if not taken:
        raise Invalid("没有可以撤销的会议。")
    may_plan(actor, {line.unit.community.path for line in taken})
    meetings = _meetings(db, [line.meeting_id for line in taken if line.meeting_id])
    undone = 0
    for line in taken:
        meeting = meetings.get(line.meeting_id or 0)
        if meeting is None or not _untouched(line, meeting):
            continue
        _put_back(db, actor, line, meeting, at=at)
        undone += 1
    if all(line.taken is None for line in lines):
        run.taken_at = None
    journal.record(
        db, actor, "undo", "plan_run", run.id, after={"undone": undone, "left": len(taken) - undone}
    )
    return undone, len(taken) - undone


def _meetings(db: Session, ids: Collection[int]) -> Mapping[int, Meeting]:
    rows = db.scalars(
        select(Meeting).where(Meeting.id.in_(ids)).options(joinedload(Meeting.community))
    )
    return {meeting.id: meeting for meeting in rows}


def _untouched(line: PlanLine, meeting: Meeting) -> bool:
    placed_there = (meeting.start, meeting.venue_id) == (line.start, line.venue_id)
    return meeting.stage is Stage.PLANNED and meeting.invited_at is None and placed_there


def _put_back(db: Session, actor: Actor, line: PlanLine, meeting: Meeting, *, at: datetime) -> None:
    before, line.taken = line.taken, None
    if not before:
        image = journal.image(meeting, "stage")
        meeting.stage, meeting.cancelled_at, meeting.cancel_reason = Stage.CANCELLED, at, UNDONE
        after = journal.image(meeting, "stage")
        journal.record(db, actor, "cancel", "meeting", meeting.id, before=image, after=after)
        line.meeting_id = None
        return
    whole = load_meeting(db, meeting.id)
    start = datetime.fromisoformat(before["start"]).astimezone(HERE)
    room = db.get_one(Venue, before["venue_id"])
    plan.reschedule(db, actor, whole, plan.Place(start, room), calendar(db), at=at)

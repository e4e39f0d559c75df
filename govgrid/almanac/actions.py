"""Bring a notice into force or take it back, with all that follows: due times, meetings hit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from govgrid.access import EVERYWHERE, Actor
from govgrid.cases.actions.due_times import renew_due_times
from govgrid.cases.queries.due_times import Due
from govgrid.meetings.queries.rest_days import hit_meetings
from govgrid.sheets import Note
from govgrid.web.language import moment_text
from govgrid.words import N_
from govgrid.workdays import Turned, WorkdayChange, actions, local_day, turned_by
from govgrid.workdays.queries import in_force

_NAMED = 20


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of a notice: days that changed their kind, due times that moved."""

    turned: list[Turned]
    due: list[Due]


def bring(db: Session, actor: Actor, change: WorkdayChange, *, at: datetime) -> Followed:
    """Bring the notice into force and the due times in line. Raise as `workdays` does."""
    turned = actions.apply(db, actor, change, at=at)
    return Followed(turned, renew_due_times(db, actor, change.id, turned))


def take_back(db: Session, actor: Actor, change: WorkdayChange, *, at: datetime) -> Followed:
    """Put back what the notice took the place of, and the due times. Raise as `workdays` does."""
    turned = actions.undo(db, actor, change, at=at)
    return Followed(turned, renew_due_times(db, actor, change.id, turned))


def follow_import(db: Session, actor: Actor | None, data: bytes) -> list[Note]:
    """Do what follows the import of a notice's file; return what to tell of it.

    Administrators are told numbers only: the offices' work is not theirs to read.
    """
    change = in_force(db, int(json.loads(data.decode("utf-8-sig"))["year"]))
    if change is None or change.applied_at is None:
        return []
    turned = turned_by(change)
    due = [one.number for one in renew_due_times(db, actor, change.id, turned)]
    today = local_day(change.applied_at)
    lost = {one.day: one.name for one in turned if one.lost and one.day >= today}
    hit = [
        f"{meeting.title}（{moment_text(meeting.start)}）"
        for meeting in db.scalars(hit_meetings((EVERYWHERE,), lost))
    ]
    if actor is not None:
        told = {
            N_("重新计算响应时限的诉求：%(n)s 件"): due,
            N_("落在休息日、需要改期的会议：%(n)s 场"): hit,
        }
        return [Note(message, {"n": len(named)}) for message, named in told.items() if named]
    told = {
        N_("重新计算响应时限的诉求 %(n)s 件：%(names)s"): due,
        N_("落在休息日、需要改期的会议 %(n)s 场：%(names)s"): hit,
    }
    return [
        Note(message, {"n": len(named), "names": _names(named)})
        for message, named in told.items()
        if named
    ]


def _names(named: Sequence[str]) -> str:
    return "、".join(named[:_NAMED]) + ("……" if len(named) > _NAMED else "")

"""Letters that were given up or are tried again, and areas whose letters wait."""

from datetime import datetime, timedelta

from sqlalchemy import Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area
from govgrid.meetings.models import ActionItem, Meeting
from govgrid.meetings.models.meeting import OPEN
from govgrid.meetings.rules.letters import MEETING, about
from govgrid.outbox.actions import EXPIRED, SUPERSEDED
from govgrid.outbox.models import Letter, Pause

LISTED = timedelta(days=90)


def troubled(actor: Actor, *, at: datetime) -> Select[Letter]:
    """Select the letters that did not leave, where the actor convenes; the newest first.

    Given up, or put off with the server's answer; not those that a later letter replaced, nor those
    that were of use only before the meeting.
    """
    later = aliased(Letter)
    replaced = select(later.id).where(later.thread == Letter.thread, later.id > Letter.id)
    return (
        select(Letter)
        .where(
            under(Letter.scope, actor.paths(Power.CONVENE)),
            Letter.subject_of.startswith(MEETING),
            Letter.sent_at.is_(None),
            Letter.answer.is_not(None),
            Letter.answer.not_in((SUPERSEDED, EXPIRED)),
            or_(Letter.dead_at.is_(None), Letter.dead_at > at - LISTED),
            ~replaced.exists(),
        )
        .order_by(Letter.dead_at.is_(None), Letter.id.desc())
    )


def count_troubled(db: Session, actor: Actor, *, at: datetime) -> int:
    """Count them."""
    chosen = troubled(actor, at=at).with_only_columns(Letter.id).order_by(None)
    return db.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def open_meetings() -> Select[str]:
    """Select what letters about meetings to come, or with open action items, are filed under."""
    open_item = select(ActionItem.id).where(
        ActionItem.meeting_id == Meeting.id, ActionItem.closed_at.is_(None)
    )
    filed = literal(MEETING) + cast(Meeting.id, String)
    return select(filed).where(or_(Meeting.stage.in_(OPEN), open_item.exists()))


def letter_of(db: Session, meeting: Meeting, number: int) -> Letter:
    """Return one letter about the meeting. Raise `NotFound`."""
    found = db.scalar(
        select(Letter).where(Letter.id == number, Letter.subject_of == about(meeting.id))
    )
    if found is None:
        raise NotFound("没有这封信，或它与本会议无关。")
    return found


def pauses(db: Session, actor: Actor) -> list[tuple[Pause, Area]]:
    """Return the paused areas that reach into those where the actor convenes."""
    paths = actor.paths(Power.CONVENE)
    above = [
        "/" + "/".join(codes[:depth]) + "/"
        for codes in (path.strip("/").split("/") for path in paths)
        for depth in range(1, len(codes))
    ]
    rows = db.execute(
        select(Pause, Area)
        .join(Area, Area.path == Pause.path)
        .where(or_(under(Pause.path, paths), Pause.path.in_(above)))
        .order_by(Area.path)
    )
    return [(pause, area) for pause, area in rows]


def paused(db: Session, path: str) -> Pause | None:
    """Return the pause that holds letters about an area at that path, the widest."""
    codes = path.strip("/").split("/")
    holding = ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]
    return db.scalar(select(Pause).where(Pause.path.in_(holding)).order_by(Pause.path).limit(1))

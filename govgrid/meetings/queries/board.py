"""The month board, the print desk, and one person's own meetings and action items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from govgrid.access import Actor, Power, under
from govgrid.grid.models import Area
from govgrid.grid.queries.realm import held_by
from govgrid.meetings import rules
from govgrid.meetings.models import (
    ActionItem,
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    Reply,
    Stage,
    Unit,
)
from govgrid.meetings.queries.seen import units


@dataclass(frozen=True, slots=True)
class Answers:
    """How many are due, said yes (a substitute counts), said no."""

    due: int = 0
    yes: int = 0
    no: int = 0


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A unit's month."""

    unit: Unit
    meeting: Meeting | None
    minutes: Minutes | None
    answers: Answers
    state: rules.State


def board_units(actor: Actor, area: Area) -> Select[Unit]:
    """Select the units of the area that the actor sees."""
    return units(actor).where(held_by(area), Unit.paused.is_(False))


def count_units(db: Session, actor: Actor, area: Area) -> int:
    """Count what the board of the area lists."""
    chosen = board_units(actor, area).with_only_columns(Unit.id).subquery()
    return db.scalar(select(func.count()).select_from(chosen)) or 0


def board(
    db: Session,
    actor: Actor,
    area: Area,
    month: date,
    *,
    at: datetime,
    offset: int = 0,
    limit: int = 200,
) -> list[BoardRow]:
    """Return one page of the area's units with what has become of their month."""
    found = list(
        db.scalars(
            board_units(actor, area)
            .order_by(Area.path, Unit.compound_id.is_not(None), Unit.id)
            .offset(offset)
            .limit(limit)
        )
    )
    meetings = _meetings(db, [u.id for u in found], month)
    ids = [m.id for m in meetings.values()]
    minutes, answers = _minutes(db, ids), _answers(db, ids)
    return [
        BoardRow(
            unit,
            meeting := meetings.get(unit.id),
            written := minutes.get(meeting.id) if meeting else None,
            answers.get(meeting.id, Answers()) if meeting else Answers(),
            rules.state(meeting, written, at),
        )
        for unit in found
    ]


def tally(
    db: Session, actor: Actor, area: Area, month: date, *, at: datetime
) -> dict[rules.State, int]:
    """Count the area's units by state, without loading them."""
    chosen = board_units(actor, area).with_only_columns(Unit.id).subquery()
    late = Meeting.end < at - rules.MINUTES_DUE
    rows = db.execute(
        select(
            Meeting.stage,
            Meeting.invited_at.is_not(None),
            late,
            Minutes.stage,
            func.count(),
        )
        .select_from(chosen)
        .outerjoin(
            Meeting,
            and_(
                Meeting.unit_id == chosen.c.id,
                Meeting.month == month,
                Meeting.stage != Stage.CANCELLED,
            ),
        )
        .outerjoin(Minutes, and_(Minutes.meeting_id == Meeting.id, Minutes.number == 1))
        .group_by(Meeting.stage, Meeting.invited_at.is_not(None), late, Minutes.stage)
    )
    counts = dict.fromkeys(rules.State, 0)
    for stage, invited, overdue, written, n in rows:
        counts[_state(stage, invited=bool(invited), late=bool(overdue), written=written)] += n
    return counts


def _state(
    stage: Stage | None, *, invited: bool, late: bool, written: MinutesStage | None
) -> rules.State:
    if stage is None:
        return rules.State.UNPLANNED
    if written is MinutesStage.SIGNED:
        return rules.State.SIGNED
    if stage is Stage.HELD:
        return rules.State.MINUTES_DUE if late else rules.State.HELD
    if stage is Stage.CONFIRMED:
        return rules.State.INVITED if invited else rules.State.CONFIRMED
    return rules.State.PLANNED


def _meetings(db: Session, unit_ids: Sequence[int], month: date) -> dict[int, Meeting]:
    rows = db.scalars(
        select(Meeting)
        .where(
            Meeting.unit_id.in_(unit_ids),
            Meeting.month == month,
            Meeting.stage != Stage.CANCELLED,
        )
        .options(joinedload(Meeting.venue))
    )
    return {m.unit_id: m for m in rows}


def _minutes(db: Session, meeting_ids: Sequence[int]) -> dict[int, Minutes]:
    """Return the minutes in force: the newest signed ones; a correction in the making is none."""
    rows = db.scalars(
        select(Minutes)
        .where(Minutes.meeting_id.in_(meeting_ids))
        .order_by(Minutes.stage == MinutesStage.SIGNED, Minutes.number)
    )
    return {m.meeting_id: m for m in rows}


def _answers(db: Session, meeting_ids: Sequence[int]) -> dict[int, Answers]:
    yes = Attendee.reply.in_((Reply.ACCEPTED, Reply.SUBSTITUTE))
    rows = db.execute(
        select(
            Attendee.meeting_id,
            func.count(),
            func.count().filter(yes),
            func.count().filter(Attendee.reply == Reply.DECLINED),
        )
        .where(Attendee.meeting_id.in_(meeting_ids), Attendee.removed_at.is_(None))
        .group_by(Attendee.meeting_id)
    )
    return {meeting: Answers(due, said, no) for meeting, due, said, no in rows}


def desk(actor: Actor, area: Area, month: date) -> Select[Meeting, Minutes | None]:
    """Select what `filed` does, as far as this actor prints."""
    return filed(area, month).where(under(Area.path, actor.paths(Power.PRINT)))


def filed(area: Area, month: date) -> Select[Meeting, Minutes | None]:
    """Select the area's meetings of the month with their newest minutes, printable or not."""
    return with_minutes().where(Meeting.month == month, held_by(area))


def with_minutes() -> Select[Meeting, Minutes | None]:
    """Select meetings with the minutes in force, or their first draft, and what the paper names."""
    newer = aliased(Minutes)
    newest = (
        select(func.coalesce(func.max(newer.number), 1))
        .where(newer.meeting_id == Meeting.id, newer.stage == MinutesStage.SIGNED)
        .scalar_subquery()
    )
    return (
        select(Meeting, Minutes)
        .join(Meeting.unit)
        .join(Meeting.community)
        .outerjoin(Minutes, and_(Minutes.meeting_id == Meeting.id, Minutes.number == newest))
        .where(Meeting.stage != Stage.CANCELLED)
        .order_by(Area.path, Meeting.start, Meeting.id)
        .options(
            contains_eager(Meeting.community),
            contains_eager(Meeting.unit).joinedload(Unit.compound),
            contains_eager(Meeting.unit).joinedload(Unit.community),
            joinedload(Meeting.convenor),
            joinedload(Minutes.signer),
            selectinload(Minutes.approvals),
        )
    )


def count_desk(db: Session, actor: Actor, area: Area, month: date) -> int:
    """Count what the print desk lists."""
    chosen = desk(actor, area, month).with_only_columns(Meeting.id).order_by(None).subquery()
    return db.scalar(select(func.count()).select_from(chosen)) or 0


def own_meetings(db: Session, actor: Actor, *, at: datetime, limit: int = 50) -> list[Attendee]:
    """Return the actor's coming meetings, the next first."""
    return list(
        db.scalars(
            select(Attendee)
            .join(Attendee.meeting)
            .where(
                Attendee.officer_id == actor.officer_id,
                Attendee.removed_at.is_(None),
                Meeting.stage == Stage.CONFIRMED,
                Meeting.end > at - timedelta(hours=12),
            )
            .order_by(Meeting.start)
            .limit(limit)
            .options(contains_eager(Attendee.meeting).joinedload(Meeting.venue))
        )
    )


def own_action_items(db: Session, actor: Actor, *, limit: int = 12) -> list[ActionItem]:
    """Return what the actor still has to do, the most urgent first."""
    return list(
        db.scalars(
            select(ActionItem)
            .where(ActionItem.owner_id == actor.officer_id, ActionItem.closed_at.is_(None))
            .order_by(ActionItem.deadline)
            .limit(limit)
            .options(joinedload(ActionItem.meeting))
        )
    )


def open_action_items(db: Session, actor: Actor, *, limit: int = 50) -> list[ActionItem]:
    """Return what is open in the areas where the actor convenes, the most urgent first."""
    return list(
        db.scalars(
            select(ActionItem)
            .join(ActionItem.meeting)
            .join(Meeting.community)
            .where(
                ActionItem.closed_at.is_(None),
                or_(
                    under(Area.path, actor.paths(Power.CONVENE)),
                    ActionItem.owner_id == actor.officer_id,
                ),
            )
            .order_by(ActionItem.deadline)
            .limit(limit)
            .options(contains_eager(ActionItem.meeting), joinedload(ActionItem.owner))
        )
    )

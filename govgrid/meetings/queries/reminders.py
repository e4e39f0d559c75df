"""Which meetings and action items somebody may be due a letter about now."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import ScalarSelect, String, case, cast, func, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.clock import HERE
from govgrid.grid.models import Officer
from govgrid.meetings.models import ActionItem, Attendee, Meeting, Minutes, Stage, Unit
from govgrid.meetings.queries.bots import speaking
from govgrid.meetings.queries.settings import setups_of_units
from govgrid.meetings.rules.groups import reminds
from govgrid.meetings.rules.letters import about
from govgrid.meetings.rules.reminders import FURTHEST, LONGEST, Chase, Seated, call, chase, near
from govgrid.outbox.actions import SUPERSEDED
from govgrid.outbox.models import Letter

_MANY = 400


def meetings_due(db: Session, *, at: datetime) -> list[int]:
    """Return the confirmed meetings about which somebody is due a letter, the earliest first."""
    rows = db.execute(
        select(Meeting.id, Meeting.start, Unit)
        .join(Meeting.unit)
        .join(Unit.community)
        .where(Meeting.stage == Stage.CONFIRMED, Meeting.start > at, Meeting.start <= at + LONGEST)
        .order_by(Meeting.start, Meeting.id)
        .options(contains_eager(Unit.community), joinedload(Unit.compound))
    ).all()
    setups = setups_of_units(db, {unit for _id, _start, unit in rows})
    heard = speaking(db)
    starts = {
        number: (start, setups[unit.id], not heard.isdisjoint(unit.community.path.split("/")))
        for number, start, unit in rows
        if near(setups[unit.id], start, at=at) or (heard and reminds(start, None, at=at))
    }
    numbers = list(starts)
    found = set()
    for first in range(0, len(numbers), _MANY):
        some = numbers[first : first + _MANY]
        told = told_since(db, some)
        for number in some:
            start, _setup, group = starts[number]
            if group and reminds(start, told.get(f"group:{number}"), at=at):
                found.add(number)
        for number, seat in _seats(db, some, told):
            start, setup, _group = starts[number]
            if call(setup, seat, start, at=at):
                found.add(number)
    return [number for number in numbers if number in found]


def _seats(
    db: Session, meetings: Collection[int], told: Mapping[str, datetime]
) -> list[tuple[int, Seated]]:
    rows = db.execute(
        select(Attendee.meeting_id, Meeting.uid, Attendee.id, Attendee.role, Attendee.reply)
        .join(Attendee.meeting)
        .join(Attendee.officer)
        .where(
            Attendee.meeting_id.in_(meetings),
            Attendee.removed_at.is_(None),
            Officer.email.is_not(None),
        )
    )
    return [
        (meeting, Seated(role, reply, told.get(f"{uid}:{number}")))
        for meeting, uid, number, role, reply in rows
    ]


def told_since(db: Session, meetings: Collection[int]) -> dict[str, datetime]:
    """Return by thread when the last letter about these meetings was queued to that person.

    Letters given up for a later one do not count; a reminder counts to its person's thread.
    """
    rows = db.execute(
        select(Letter.thread, func.max(Letter.queued_at))
        .where(
            Letter.subject_of.in_([about(number) for number in meetings]),
            Letter.thread.is_not(None),
            func.coalesce(Letter.answer, "") != SUPERSEDED,
        )
        .group_by(Letter.thread)
    )
    told: dict[str, datetime] = {}
    for thread, queued in rows:
        whose = str(thread).removesuffix(":r")
        told[whose] = max(queued, told.get(whose, queued))
    return told


def items_due(db: Session, *, at: datetime, only: int | None = None) -> list[tuple[int, Chase]]:
    """Return the open action items of held meetings about which their owner is due a letter.

    `only`: of this one item.
    """
    today = at.astimezone(HERE).date()
    wanted = ActionItem.id == only if only is not None else true()
    rows = db.execute(
        select(ActionItem.id, ActionItem.deadline, _told(today), _SIGNED, Unit)
        .join(ActionItem.meeting)
        .join(ActionItem.owner)
        .join(Unit, Unit.id == ActionItem.unit_id)
        .join(Unit.community)
        .where(
            wanted,
            ActionItem.closed_at.is_(None),
            ActionItem.done_on.is_(None),
            ActionItem.deadline <= today + FURTHEST,
            Meeting.stage == Stage.HELD,
            Officer.email.is_not(None),
        )
        .order_by(ActionItem.deadline, ActionItem.id)
        .options(contains_eager(Unit.community), joinedload(Unit.compound))
    ).all()
    setups = setups_of_units(db, {unit for *_row, unit in rows})
    found = (
        (number, chase(deadline, setups[unit.id].due_days, told=told, signed=signed, at=at))
        for number, deadline, told, signed, unit in rows
    )
    return [(number, what) for number, what in found if what is not None]


def _told(today: date) -> ScalarSelect[datetime]:
    """Return when the last letter about the item left: that it is overdue, else that it is due."""
    number = cast(ActionItem.id, String)
    thread = case(
        (ActionItem.deadline < today, f"{Chase.OVERDUE}:" + number), else_=f"{Chase.DUE}:" + number
    )
    return (
        select(func.max(Letter.queued_at))
        .where(Letter.thread == thread)
        .correlate(ActionItem)
        .scalar_subquery()
    )


_SIGNED = (
    select(func.max(Minutes.signed_at))
    .where(Minutes.meeting_id == ActionItem.meeting_id)
    .correlate(ActionItem)
    .scalar_subquery()
)


def open_item(db: Session, number: int) -> ActionItem:
    """Return an action item with owner, and its meeting as letters need it."""
    return db.scalars(
        select(ActionItem)
        .where(ActionItem.id == number)
        .options(
            joinedload(ActionItem.owner),
            joinedload(ActionItem.meeting).options(
                joinedload(Meeting.community), joinedload(Meeting.convenor)
            ),
        )
    ).one()

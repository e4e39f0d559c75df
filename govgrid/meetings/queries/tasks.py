"""Action items: one, lists, figures by area, as far as the actor sees; those behind a private link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad
from sqlalchemy.sql.base import ExecutableOption

from govgrid.access import Actor, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Officer
from govgrid.grid.queries.realm import held_by, managed_by, row_of
from govgrid.meetings import links
from govgrid.meetings.models import (
    ActionItem,
    ActionReport,
    Attendee,
    CoOwner,
    Meeting,
    ReportPhoto,
    Unit,
)
from govgrid.meetings.rules import LINK_LIVES, next_month
from govgrid.meetings.rules.follow_up import SOON, TaskList

_open = ActionItem.closed_at.is_(None)
_unsaid = and_(_open, ActionItem.done_on.is_(None))
_closed = ActionItem.closed_at.is_not(None)
FIGURES: dict[str, ColumnElement[bool]] = {
    "due": true(),
    "on_time": and_(_closed, ActionItem.done_on <= ActionItem.deadline),
    "late": and_(_closed, ActionItem.done_on > ActionItem.deadline),
    "open": _open,
    "carried": ActionItem.carried > 0,
    "escalated": ActionItem.escalated_at.is_not(None),
}
"""What the figures of a month count, among the items whose deadline lies in it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which action items a list shows; None or "" leaves a question open."""

    which: TaskList | None = TaskList.OPEN
    area: Area | None = None
    compound: Compound | None = None
    unit: int | None = None
    person: str = ""
    month: date | None = None  # of the deadline
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A month's figures of one area."""

    path: str
    name: str = ""
    code: str = ""
    due: int = 0
    on_time: int = 0
    late: int = 0
    open: int = 0
    carried: int = 0
    escalated: int = 0

    @property
    def rate(self) -> float | None:
        """Return the part that was done in time of all that fell due."""
        return self.on_time / self.due if self.due else None

    def plus(self, other: "Figures") -> "Figures":
        """Return both together."""
        return replace(self, **{n: getattr(self, n) + getattr(other, n) for n in FIGURES})


def tasks(
    db: Session, actor: Actor, wanted: Wanted, *, today: date, offset: int = 0, limit: int = 50
) -> list[ActionItem]:
    """Return one stretch of a list, the most urgent first; of closed ones the last first."""
    late_first = wanted.which is TaskList.CLOSED or wanted.which is None
    order = (
        (ActionItem.deadline.desc(), ActionItem.id.desc())
        if late_first
        else (ActionItem.deadline, ActionItem.id)
    )
    rows = _found(actor, wanted, today).order_by(*order).offset(offset).limit(limit)
    return list(db.scalars(rows.options(*_shown())))


def count_tasks(db: Session, actor: Actor, wanted: Wanted, *, today: date) -> int:
    """Return how many such a list has."""
    return db.scalar(_found(actor, wanted, today).with_only_columns(func.count(ActionItem.id))) or 0


def count_lists(db: Session, actor: Actor, wanted: Wanted, *, today: date) -> dict[TaskList, int]:
    """Count each list of open items, whatever else is asked for."""
    kinds = [kind for kind in TaskList if kind is not TaskList.CLOSED]
    sums = [func.coalesce(func.sum(case((_in(kind, today), 1), else_=0)), 0) for kind in kinds]
    found = _found(actor, replace(wanted, which=TaskList.OPEN), today).with_only_columns(*sums)
    return dict(zip(kinds, db.execute(found).one(), strict=True))


def _in(which: TaskList, today: date) -> ColumnElement[bool]:
    match which:
        case TaskList.OPEN:
            return _open
        case TaskList.DUE:
            return and_(_unsaid, ActionItem.deadline.between(today, today + SOON))
        case TaskList.OVERDUE:
            return and_(_unsaid, ActionItem.deadline < today)
        case TaskList.REPORTED:
            return and_(_open, ActionItem.done_on.is_not(None))
        case TaskList.ESCALATED:
            return and_(_open, ActionItem.escalated_at.is_not(None))
        case TaskList.CLOSED:
            return _closed


def _found(actor: Actor, wanted: Wanted, today: date) -> Select[ActionItem]:
    found = _joined().where(sees(actor))
    if wanted.which is not None:
        found = found.where(_in(wanted.which, today))
    if wanted.area is not None:
        found = found.where(held_by(wanted.area))
    if wanted.compound is not None:
        found = found.where(Unit.compound_id == wanted.compound.id)
    if wanted.unit is not None:
        found = found.where(ActionItem.unit_id == wanted.unit)
    if wanted.person:
        named = select(Officer.id).where(
            or_(Officer.name == wanted.person, Officer.code == wanted.person)
        )
        helped = select(CoOwner.action_item_id).where(CoOwner.officer_id.in_(named))
        found = found.where(or_(ActionItem.owner_id.in_(named), ActionItem.id.in_(helped)))
    if wanted.month is not None:
        found = found.where(_in_month(wanted.month))
    if wanted.figure:
        found = found.where(FIGURES[wanted.figure])
    return found


def _joined() -> Select[ActionItem]:
    return select(ActionItem).join(ActionItem.unit).join(Unit.community)


def _in_month(month: date) -> ColumnElement[bool]:
    return and_(ActionItem.deadline >= month, ActionItem.deadline < next_month(month))


def sees(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ActionItem joined with Unit and its community Area."""
    helps = select(CoOwner.action_item_id).where(CoOwner.officer_id == actor.officer_id)
    invited = select(Attendee.meeting_id).where(
        Attendee.officer_id == actor.officer_id, Attendee.removed_at.is_(None)
    )
    return or_(
        under(Area.path, actor.paths()),
        Unit.compound_id.in_(actor.compounds()),
        ActionItem.owner_id == actor.officer_id,
        ActionItem.id.in_(helps),
        ActionItem.meeting_id.in_(invited),
    )


def _shown() -> tuple[ExecutableOption, ...]:
    return (
        contains_eager(ActionItem.unit).options(
            contains_eager(Unit.community), joinedload(Unit.compound)
        ),
        joinedload(ActionItem.owner),
        joinedload(ActionItem.meeting),
    )


def task_seen(db: Session, actor: Actor, number: int) -> ActionItem:
    """Return the item with unit, meeting, owner and reports. Raise `NotFound` if unseen."""
    reports = selectinload(ActionItem.reports).selectinload(ActionReport.photos)
    found = db.scalar(
        _joined()
        .where(ActionItem.id == number, sees(actor))
        .options(*_shown(), reports, joinedload(ActionItem.meeting).options(*_meeting()))
    )
    if found is None:
        raise NotFound("督办事项不存在，或不在您的职责范围内。")
    return found


def _meeting() -> tuple[_AbstractLoad, ...]:
    return joinedload(Meeting.community), joinedload(Meeting.convenor)


def helpers_of(db: Session, item: ActionItem) -> Sequence[Officer]:
    """Return the officers who do it together with the owner."""
    rows = select(Officer).join(CoOwner, CoOwner.officer_id == Officer.id)
    return db.scalars(rows.where(CoOwner.action_item_id == item.id).order_by(Officer.id)).all()


def waiting_report(item: ActionItem) -> ActionReport | None:
    """Return the report that waits for the convenor."""
    return next((one for one in item.reports if one.accepted is None), None)


def photo_of(item: ActionItem, number: int) -> ReportPhoto:
    """Return a picture of the item's reports. Raise `NotFound`."""
    photos = (photo for report in item.reports for photo in report.photos)
    found = next((photo for photo in photos if photo.id == number), None)
    if found is None:
        raise NotFound("图片不存在，请刷新页面。")
    return found


def whole_item(db: Session, number: int) -> ActionItem:
    """Return an item as letters need it, for the system itself."""
    return db.scalars(
        select(ActionItem)
        .where(ActionItem.id == number)
        .options(
            joinedload(ActionItem.owner),
            joinedload(ActionItem.meeting).options(*_meeting()),
        )
        .execution_options(populate_existing=True)
    ).one()


def seat_of(db: Session, item: ActionItem) -> Attendee | None:
    """Return the owner's seat at the meeting that gave the item; None where another took over."""
    return db.scalar(
        select(Attendee).where(
            Attendee.meeting_id == item.meeting_id,
            Attendee.officer_id == item.owner_id,
            Attendee.removed_at.is_(None),
        )
    )


def tasks_of_link(
    db: Session, token: str, *, at: datetime
) -> tuple[Meeting, Attendee, list[ActionItem]]:
    """Return meeting, attendee of a private link, and what that person has to do for the unit.

    Raise `NotFound` for an unknown link, and for an old one once nothing is left to do.
    """
    attendee = db.scalar(
        select(Attendee)
        .where(Attendee.link == links.lookup(token), Attendee.removed_at.is_(None))
        .options(
            joinedload(Attendee.officer),
            joinedload(Attendee.meeting).options(
                joinedload(Meeting.convenor), joinedload(Meeting.community)
            ),
        )
    )
    if attendee is None:
        raise NotFound(
            "链接无效或已失效。如您收到过新的通知，请使用最新通知中的链接，或联系召集人。"
        )
    meeting = attendee.meeting
    found = list(
        db.scalars(
            select(ActionItem)
            .where(_owed(meeting, attendee))
            .order_by(ActionItem.deadline, ActionItem.id)
            .limit(50)
            .options(
                joinedload(ActionItem.meeting),
                selectinload(ActionItem.reports).selectinload(ActionReport.photos),
            )
        )
    )
    if not found and at > meeting.end + LINK_LIVES:
        raise NotFound("会议已结束，该链接已过期。如需查看会议情况，请联系召集人。")
    return meeting, attendee, found


def count_owed(db: Session, meeting: Meeting, attendee: Attendee) -> int:
    """Count what the attendee still has to do for the meeting's unit."""
    return db.scalar(select(func.count(ActionItem.id)).where(_owed(meeting, attendee))) or 0


def _owed(meeting: Meeting, attendee: Attendee) -> ColumnElement[bool]:
    owns = ActionItem.owner_id == attendee.officer_id
    return and_(ActionItem.unit_id == meeting.unit_id, owns, _open)


def figures(db: Session, actor: Actor, area: Area, month: date) -> list[Figures]:
    """Return the month's figures of the areas one level below, in the order of their codes."""
    sums = [func.sum(case((condition, 1), else_=0)) for condition in FIGURES.values()]
    rows = db.execute(
        _joined()
        .where(_in_month(month), sees(actor), held_by(area))
        .with_only_columns(Area.path, *sums)
        .group_by(Area.path)
    )
    row = row_of(db, area)
    found: dict[str, Figures] = {}
    for path, *counts in rows:
        top = row(path)
        one = Figures(top, "", "", *map(int, counts))
        found[top] = found[top].plus(one) if top in found else one
    below = select(Area).where(or_(Area.parent_id == area.id, Area.id == area.id))
    names = {one.path: one for one in (*db.scalars(below), *managed_by(db, area))}
    return [
        replace(found[path], name=names[path].name, code=names[path].code)
        for path in sorted(found)
        if path in names
    ]

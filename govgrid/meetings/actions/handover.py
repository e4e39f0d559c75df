"""What hangs on a post when it is handed over: seats in meetings, action items, queued letters."""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import chain

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import POWERS, Actor, Power
from govgrid.clock import HERE
from govgrid.grid.actions.posts import Follow, Followers, Handover, Move
from govgrid.grid.models import Area, Officer
from govgrid.grid.queries import posts_for_unit
from govgrid.meetings import letters
from govgrid.meetings.actions.plan import attending, new_link
from govgrid.meetings.models import ActionItem, Attendee, CoOwner, Meeting, Reply, Stage, Unit
from govgrid.meetings.queries.seen import agenda, whole_meeting
from govgrid.meetings.rules.letters import shown
from govgrid.outbox.models import Letter
from govgrid.web.language import local
from govgrid.words import N_


def what_moves(db: Session, change: Handover, at: datetime) -> list[Move]:
    """Return all that would move, be withdrawn or stay, in order of time."""
    lines = [*_meeting_moves(db, change, at), *_item_moves(db, change, at)]
    return sorted(lines, key=lambda move: (move.when, move.kind, move.name))


def move_all(db: Session, actor: Actor, change: Handover, at: datetime) -> list[Move]:
    """Move it, in this transaction; return what followed."""
    del actor  # the floor that hands over has asked already whether this actor may
    followed = what_moves(db, change, at)
    for item in _items(db, change, at):
        if not _stays(db, change, item.meeting.unit, change.on):
            assert change.to is not None
            item.owner, item.owner_id = change.to, change.to.id
            _help_no_more(db, item, change.to)
    for item in _helped(db, change, at):
        if not _stays(db, change, item.meeting.unit, change.on):
            _take_help(db, item, change)
    for meeting in _meetings(db, change, at):
        _hand_on(db, meeting, change, at)
    db.flush()
    return followed


FOLLOWERS = Followers(what_moves, move_all)


def _meeting_moves(db: Session, change: Handover, at: datetime) -> Iterator[Move]:
    for meeting in _meetings(db, change, at):
        day, address = local(meeting.start).date(), f"/meetings/{meeting.id}"
        stays = _stays(db, change, meeting.unit, day)
        if _convenes(meeting, change):
            yield Move(N_("召集人"), meeting.title, Follow.MOVES, day, "", address)
        if _seat(meeting, change) is None:
            continue
        follow = Follow.STAYS if stays else Follow.MOVES
        note = N_("原任职人另有岗位参会，接任人加入名单") if stays else ""
        if not note and meeting.stage is Stage.CONFIRMED:
            note = N_("向原任职人发取消通知，向接任人发会议通知")
        yield Move(N_("参会席位"), meeting.title, follow, day, note, address)
        for _letter in [] if stays else _unsent(db, meeting, change, at):
            note = N_("尚未发出，不再发送")
            yield Move(N_("待发通知"), meeting.title, Follow.CANCELLED, day, note, address)


def _item_moves(db: Session, change: Handover, at: datetime) -> Iterator[Move]:
    owned = ((N_("督办事项"), item) for item in _items(db, change, at))
    helped = ((N_("协办的督办事项"), item) for item in _helped(db, change, at))
    for kind, item in chain(owned, helped):
        stays = _stays(db, change, item.meeting.unit, change.on)
        follow = Follow.STAYS if stays else Follow.MOVES
        note = N_("原任职人仍负责这一会议单元") if stays else ""
        yield Move(kind, item.matter, follow, item.deadline, note, f"/meetings/{item.meeting_id}")


def _meetings(db: Session, change: Handover, at: datetime) -> list[Meeting]:
    """Return the meetings still to come in which the old holder has a part by this post."""
    due = select(Attendee.meeting_id).where(
        Attendee.officer_id == change.old.id, Attendee.removed_at.is_(None)
    )
    rows = db.scalars(
        select(Meeting)
        .join(Meeting.unit)
        .join(Meeting.community)
        .where(
            Meeting.stage.in_([Stage.PLANNED, Stage.CONFIRMED]),
            Meeting.start >= max(at, datetime.combine(change.on, time(), HERE)),
            or_(Meeting.id.in_(due), Meeting.convenor_id == change.old.id),
            _at_place(change),
        )
        .order_by(Meeting.start, Meeting.id)
        .options(*whole_meeting())
    )
    return [m for m in rows if _convenes(m, change) or _seat(m, change)]


def _items(db: Session, change: Handover, at: datetime) -> list[ActionItem]:
    """Return the open action items of the post's place; before the day they are due as they are."""
    return _open(db, change, ActionItem.owner_id == change.old.id, at)


def _helped(db: Session, change: Handover, at: datetime) -> list[ActionItem]:
    """Return those of them that the old holder does together with somebody else."""
    helps = select(CoOwner.action_item_id).where(CoOwner.officer_id == change.old.id)
    return _open(db, change, ActionItem.id.in_(helps), at)


def _help_no_more(db: Session, item: ActionItem, officer: Officer) -> None:
    """Strike somebody who may be among those who help with an item."""
    if found := db.get(CoOwner, (item.id, officer.id)):
        db.delete(found)
        item.co_owners = _renamed(item.co_owners, officer.name)


def _take_help(db: Session, item: ActionItem, change: Handover) -> None:
    """Let the new holder help where the old one did, who may do or help with it already."""
    to = change.to
    assert to is not None
    if item.owner_id == to.id or db.get(CoOwner, (item.id, to.id)) is not None:
        _help_no_more(db, item, change.old)
        return
    item.co_owners = _renamed(item.co_owners, change.old.name, to.name)
    db.delete(db.get_one(CoOwner, (item.id, change.old.id)))
    db.add(CoOwner(action_item_id=item.id, officer_id=to.id))


def _renamed(names: str | None, old: str, new: str = "") -> str | None:
    """Return the list of names with one of them put as another, or left out."""
    listed = (names or "").split("、")
    if old in listed:
        place = listed.index(old)
        listed[place : place + 1] = [new] if new else []
    return "、".join(listed) or None


def _open(
    db: Session, change: Handover, whose: ColumnElement[bool], at: datetime
) -> list[ActionItem]:
    begun = change.on <= local(at).date()
    rows = (
        select(ActionItem)
        .join(ActionItem.meeting)
        .join(Meeting.unit)
        .join(Meeting.community)
        .where(
            whose,
            ActionItem.closed_at.is_(None),
            _at_place(change),
        )
        .order_by(ActionItem.deadline, ActionItem.id)
        .options(
            joinedload(ActionItem.owner),
            contains_eager(ActionItem.meeting)
            .contains_eager(Meeting.unit)
            .joinedload(Unit.compound),
        )
    )
    return list(db.scalars(rows if begun else rows.where(ActionItem.deadline >= change.on)))


def _at_place(change: Handover) -> ColumnElement[bool]:
    """Return the condition (Meeting with Unit and community) that the post has to do with it."""
    post = change.held.post
    if post.compound_id is not None:
        whole = (Unit.compound_id.is_(None)) & (Area.path == change.held.path)
        return or_(Unit.compound_id == post.compound_id, whole)
    path = change.held.path
    codes = path.strip("/").split("/")
    above = ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]
    return or_(Area.path.in_(above), Area.path.startswith(path, autoescape=True))


def _seat(meeting: Meeting, change: Handover) -> Attendee | None:
    """Return the old holder's place in the meeting, where it is that of this post."""
    role = change.held.post.role
    return next(
        (a for a in attending(meeting) if a.officer_id == change.old.id and a.role is role), None
    )


def _convenes(meeting: Meeting, change: Handover) -> bool:
    post = change.held.post
    return (
        meeting.convenor_id == change.old.id
        and post.area_id is not None
        and Power.CONVENE in POWERS[post.role]
    )


def _stays(db: Session, change: Handover, unit: Unit, on: date) -> bool:
    """Tell whether the old holder is due at the unit by another post as well."""
    return any(
        h.officer.id == change.old.id and h.post.id != change.held.post.id
        for h in posts_for_unit(db, unit.community_id, unit.compound_id, on)
    )


def _hand_on(db: Session, meeting: Meeting, change: Handover, at: datetime) -> None:
    to = change.to
    assert to is not None
    seat = _seat(meeting, change)
    stays = _stays(db, change, meeting.unit, local(meeting.start).date())
    if _convenes(meeting, change):
        meeting.convenor, meeting.convenor_id = to, to.id
    if seat is None:
        return
    stood = shown(meeting)
    _take_place(db, meeting, seat, change)
    if not stays:
        seat.removed_at = at
    db.flush()
    letters.tell(db, stood, meeting, lambda: agenda(db, meeting), at=at)


def _take_place(db: Session, meeting: Meeting, seat: Attendee, change: Handover) -> None:
    """Put the new holder where the old one was."""
    to = change.to
    assert to is not None
    new = next((a for a in meeting.attendees if a.officer_id == to.id), None)
    due = new is not None and new.removed_at is None
    if new is None:
        new = Attendee(meeting_id=meeting.id, officer_id=to.id, officer=to, required=False)
        new.nonce, new.link = new_link(db)
        meeting.attendees.append(new)
    new.role, new.observer = seat.role, seat.observer and (not due or new.observer)
    new.required = seat.required or (due and new.required)
    if not due:
        new.removed_at, new.reply = None, Reply.NEEDS_ACTION
        new.replied_at = new.reply_note = new.substitute = None


def _unsent(db: Session, meeting: Meeting, change: Handover, at: datetime) -> list[Letter]:
    """Return the old holder's invitations that wait and that no worker is sending."""
    seat = _seat(meeting, change)
    assert seat is not None
    waiting = select(Letter).where(
        Letter.thread == letters.thread(meeting, seat),
        Letter.method == "REQUEST",
        Letter.sent_at.is_(None),
        Letter.dead_at.is_(None),
        or_(Letter.leased_until.is_(None), Letter.leased_until < at),
    )
    return list(db.scalars(waiting))

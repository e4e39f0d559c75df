"""Schedule a unit's meeting, confirm, move and cancel it, and say who attends."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power, Role
from govgrid.clock import HERE
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Officer
from govgrid.meetings import letters, links, rules
from govgrid.meetings.actions.preparing import carry_over, prepare_agenda
from govgrid.meetings.actions.stamps import freeze
from govgrid.meetings.models import Attendee, Kind, Meeting, Reply, Stage, Unit, Venue
from govgrid.meetings.queries.availability import busy, busy_room
from govgrid.meetings.queries.people import Due
from govgrid.meetings.queries.seen import agenda
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.meetings.rules.letters import asked_again, shown
from govgrid.meetings.rules.placing import out_of_month, unfit
from govgrid.meetings.rules.settings import CONVENORS, Setup
from govgrid.web.provisional import planned_text
from govgrid.workdays import Calendar

PLACE = ("start", "end", "venue_id")


@dataclass(frozen=True, slots=True)
class Place:
    """When and where; `accepted` are officers known to be taken then, and left out knowingly."""

    start: datetime
    venue: Venue
    accepted: frozenset[int] = frozenset()


def schedule(
    db: Session,
    actor: Actor,
    unit: Unit,
    place: Place,
    holders: Sequence[Due],
    calendar: Calendar,
    *,
    at: datetime,
) -> Meeting:
    """Plan the unit's meeting of that month with these people and a first agenda.

    Raise `Forbidden`, `Invalid` on a rest day or a past time, `Conflict` where the unit has a
    meeting already, or the room or a required person was taken meanwhile.
    """
    may_convene(actor, unit.community.path)
    month = rules.month_start(place.start.astimezone(HERE).date())
    _refuse_second(db, unit, month)
    setup = setup_of_unit(db, unit)
    end = place.start + timedelta(minutes=setup.minutes_long)
    _refuse_time(db, place, end, setup, calendar, at=at)
    _refuse_taken(db, place, end, [h.officer for h in holders if h.required])
    meeting = Meeting(
        uid=str(uuid.uuid4()),
        unit_id=unit.id,
        community_id=unit.community_id,
        month=month,
        stage=Stage.PLANNED,
        title=f"{unit.name}{month.year}年{month.month}月{unit.kind.word}",
        start=place.start,
        end=end,
        venue_id=place.venue.id,
        convenor_id=_convenor(actor, unit.kind, holders),
    )
    db.add(meeting)
    db.flush()
    db.add_all(_attendee_of(db, meeting, h, place) for h in _once(holders))
    db.flush()
    prepare_agenda(db, unit, meeting, at=at)
    planned = journal.image(meeting, *PLACE)
    journal.record(db, actor, "schedule", "meeting", meeting.id, unit=unit.id, after=planned)
    return meeting


def confirm(db: Session, actor: Actor, meeting: Meeting, *, at: datetime) -> int:
    """Confirm and queue the invitations in this transaction; return how many."""
    may_convene(actor, meeting.community.path)
    if not attending(meeting):
        raise Invalid("尚无参会人员，请先添加参会人员再确认。")
    before, stood = journal.image(meeting, "stage"), shown(meeting)
    rules.move(meeting, Stage.CONFIRMED)
    meeting.invited_at = at
    _count_on_convenor(meeting, at=at)
    carry_over(db, actor, meeting)
    sent = letters.tell(db, stood, meeting, lambda: agenda(db, meeting), at=at)
    freeze(db, meeting, at=at)
    after = journal.image(meeting, "stage")
    journal.record(
        db, actor, "confirm", "meeting", meeting.id, before=before, after=after, letters=sent
    )
    return sent


def reschedule(
    db: Session, actor: Actor, meeting: Meeting, place: Place, calendar: Calendar, *, at: datetime
) -> int:
    """Move the meeting; whoever was invited is asked again. Return how many letters.

    Raise as `schedule` does, and `Conflict` where it was held or cancelled.
    """
    may_convene(actor, meeting.community.path)
    refuse_past(meeting)
    end = place.start + (meeting.end - meeting.start)
    if (place.start, place.venue.id) == (meeting.start, meeting.venue_id):
        return 0
    if fault := out_of_month(place.start, meeting.month):
        raise fault
    setup = setup_of_unit(db, meeting.unit)
    _refuse_time(db, place, end, setup, calendar, at=at, besides=meeting.id)
    due = [a.officer for a in attending(meeting) if a.required]
    _refuse_taken(db, place, end, due, besides=meeting.id)
    return move_to(db, actor, meeting, place, at=at)


def move_to(
    db: Session, actor: Actor | None, meeting: Meeting, place: Place, *, at: datetime
) -> int:
    """Move the whole meeting, nothing asked; return how many letters tell of it."""
    end = place.start + (meeting.end - meeting.start)
    before, stood = journal.image(meeting, *PLACE), shown(meeting)
    for attendee in attending(meeting):
        attendee.known_away = attendee.officer_id in place.accepted
    meeting.start, meeting.end = place.start, end
    meeting.venue, meeting.venue_id = place.venue, place.venue.id
    if asked_again(stood, shown(meeting)):
        for attendee in attending(meeting):
            _ask_again(attendee, meeting)
    sent = letters.tell(db, stood, meeting, lambda: agenda(db, meeting), at=at)
    after = journal.image(meeting, *PLACE)
    journal.record(
        db, actor, "move", "meeting", meeting.id, before=before, after=after, letters=sent
    )
    return sent


def cancel(db: Session, actor: Actor, meeting: Meeting, reason: str, *, at: datetime) -> int:
    """Cancel the meeting; whoever was invited is told. Return how many letters."""
    may_convene(actor, meeting.community.path)
    before, stood = journal.image(meeting, "stage", "cancel_reason"), shown(meeting)
    rules.move(meeting, Stage.CANCELLED)
    meeting.cancelled_at, meeting.cancel_reason = at, reason
    sent = letters.tell(db, stood, meeting, list, at=at, reason=reason)
    after = journal.image(meeting, "stage", "cancel_reason")
    journal.record(
        db, actor, "cancel", "meeting", meeting.id, before=before, after=after, letters=sent
    )
    return sent


def resend(db: Session, actor: Actor, meeting: Meeting, *, at: datetime) -> int:
    """Send everybody the meeting as it stands now, same SEQUENCE; return how many letters."""
    may_convene(actor, meeting.community.path)
    if meeting.stage is not Stage.CONFIRMED:
        raise Conflict("会议%(state)s，不能重新发送通知。", state=meeting.stage.word)
    sent = letters.resend(db, meeting, attending(meeting), agenda(db, meeting), at=at)
    freeze(db, meeting, at=at)
    journal.record(db, actor, "resend", "meeting", meeting.id, letters=sent)
    return sent


def add_attendee(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    officer: Officer,
    role: Role,
    *,
    required: bool,
    observer: bool,
    at: datetime,
) -> Attendee:
    """Add a person, or bring a removed one back; an invited meeting invites that one only."""
    may_convene(actor, meeting.community.path)
    refuse_past(meeting)
    known = next((a for a in meeting.attendees if a.officer_id == officer.id), None)
    if known is not None and known.removed_at is None:
        raise Conflict("%(name)s已在参会名单中。", name=officer.name)
    stood = shown(meeting)
    if known is None:
        known = Attendee(meeting_id=meeting.id, officer_id=officer.id, officer=officer)
        known.nonce, known.link = new_link(db)
        known.reply = Reply.NEEDS_ACTION
        meeting.attendees.append(known)
    known.role, known.required, known.observer = role, required and not observer, observer
    known.removed_at, known.reply = None, Reply.NEEDS_ACTION
    db.flush()
    letters.tell(db, stood, meeting, lambda: agenda(db, meeting), at=at)
    after = journal.image(known, "officer_id", "role", "required", "observer")
    journal.record(db, actor, "add_attendee", "meeting", meeting.id, after=after)
    return known


def remove_attendee(
    db: Session, actor: Actor, meeting: Meeting, attendee: Attendee, *, at: datetime
) -> None:
    """Take a person off; an invited one gets a CANCEL, the others nothing."""
    may_convene(actor, meeting.community.path)
    refuse_past(meeting)
    if attendee.removed_at is not None:
        return
    if attendee.officer_id == meeting.convenor_id:
        raise Invalid("召集人不能移出参会名单。")
    stood = shown(meeting)
    attendee.removed_at = at
    letters.tell(db, stood, meeting, list, at=at)
    before = journal.image(attendee, "officer_id", "role", "required", "observer")
    journal.record(db, actor, "remove_attendee", "meeting", meeting.id, before=before)


def set_required(
    db: Session, actor: Actor, meeting: Meeting, attendee: Attendee, *, required: bool
) -> None:
    """Make an attendee required or optional."""
    may_convene(actor, meeting.community.path)
    refuse_past(meeting)
    before = journal.image(attendee, "required")
    attendee.required = required
    journal.record(
        db,
        actor,
        "set_required",
        "meeting",
        meeting.id,
        before=before,
        after={"required": required},
        officer=attendee.officer_id,
    )


def attending(meeting: Meeting) -> list[Attendee]:
    """Return who is due, without those taken off."""
    return [a for a in meeting.attendees if a.removed_at is None]


def may_convene(actor: Actor, path: str) -> None:
    """Raise `Forbidden` unless the actor convenes in that area."""
    if not actor.may(Power.CONVENE, path):
        raise Forbidden("您的职务没有组织该会议的权限；请联系社区书记或街道联络员。")


def refuse_past(meeting: Meeting) -> None:
    """Raise `Conflict` where the meeting was held or cancelled."""
    if meeting.stage in {Stage.HELD, Stage.CANCELLED}:
        raise Conflict("会议%(state)s，不能再修改安排。", state=meeting.stage.word)


def new_link(db: Session) -> tuple[str, str]:
    """Return a fresh nonce and the hash by which its link is found."""
    nonce = links.new_nonce()
    return nonce, links.lookup(links.token(db.info["settings"].secret, nonce))


def _attendee_of(db: Session, meeting: Meeting, holder: Due, place: Place) -> Attendee:
    nonce, link = new_link(db)
    return Attendee(
        meeting_id=meeting.id,
        officer_id=holder.officer.id,
        role=holder.role,
        required=holder.required,
        reply=Reply.NEEDS_ACTION,
        nonce=nonce,
        link=link,
        known_away=holder.officer.id in place.accepted,
    )


def _once(holders: Sequence[Due]) -> list[Due]:
    """Keep a person's first post: somebody with two posts sits on one chair."""
    return list({h.officer.id: h for h in reversed(holders)}.values())[::-1]


def _convenor(actor: Actor, kind: Kind, holders: Sequence[Due]) -> int:
    """Return who convenes; where nobody holds the part's first role, whoever plans."""
    first = CONVENORS[kind][0]
    found = next((h for h in holders if h.role is first), None)
    return found.officer.id if found else actor.officer_id


def _refuse_second(db: Session, unit: Unit, month: date) -> None:
    known = db.scalar(
        select(Meeting.start).where(
            Meeting.unit_id == unit.id, Meeting.month == month, Meeting.stage != Stage.CANCELLED
        )
    )
    if known is not None:
        raise Conflict(
            "%(unit)s本月会议已排定在%(day)s，无需重复排定；如需调整请使用“改期”。",
            unit=unit.name,
            day=planned_text(known.astimezone(HERE).date()),
        )


def _refuse_time(
    db: Session,
    place: Place,
    end: datetime,
    setup: Setup,
    calendar: Calendar,
    *,
    at: datetime,
    besides: int | None = None,
) -> None:
    for fault in unfit(place.start, setup, calendar, at=at):
        raise fault
    _refuse_room(db, place, end, besides)


def _refuse_room(db: Session, place: Place, end: datetime, besides: int | None) -> None:
    db.execute(select(Venue.id).where(Venue.id == place.venue.id).with_for_update())
    taken = busy_room(db, place.venue, place.start, end, besides)
    if taken:
        raise Conflict(
            "%(room)s该时段刚被“%(title)s”占用，请另选时间或会议室。",
            room=place.venue.name,
            title=taken[0].why,
        )


def _refuse_taken(
    db: Session,
    place: Place,
    end: datetime,
    officers: Sequence[Officer],
    besides: int | None = None,
) -> None:
    names = {o.id: o.name for o in officers if o.id not in place.accepted}
    # Locked in one order, so that two plans over the same people wait instead of clashing.
    db.execute(
        select(Officer.id).where(Officer.id.in_(names)).order_by(Officer.id).with_for_update()
    )
    taken = busy(db, list(names), place.start, end, besides)
    for officer, reasons in taken.items():
        if hits := rules.clashes(reasons, place.start, end):
            raise Conflict(
                "%(name)s该时段刚被“%(why)s”占用，请核对后另选时间，或确认其不参加。",
                name=names[officer],
                why=hits[0].why,
            )


def _count_on_convenor(meeting: Meeting, *, at: datetime) -> None:
    for attendee in attending(meeting):
        if attendee.officer_id == meeting.convenor_id and attendee.reply is Reply.NEEDS_ACTION:
            attendee.reply, attendee.replied_at = Reply.ACCEPTED, at


def _ask_again(attendee: Attendee, meeting: Meeting) -> None:
    if attendee.officer_id == meeting.convenor_id:
        return
    attendee.reply, attendee.replied_at = Reply.NEEDS_ACTION, None
    attendee.reply_note, attendee.substitute = None, None

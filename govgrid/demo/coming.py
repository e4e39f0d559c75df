"""Next month's meeting of the compound in which the demo's people work: its agenda under way."""

from datetime import date, datetime, time, timedelta
from io import BytesIO

import pikepdf
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import ActingPost, Actor, Role
from govgrid.accounts.models import Account
from govgrid.clock import HERE
from govgrid.demo.ways import ways
from govgrid.grid.models import Officer, Post
from govgrid.meetings import rules
from govgrid.meetings.actions import agenda, attachments, plan, proposals
from govgrid.meetings.models import ActionItem, Attendee, Kind, Meeting, Reply, Stamp, Unit
from govgrid.meetings.queries import seen
from govgrid.meetings.queries.agenda import stamp_of
from govgrid.meetings.queries.availability import busy, busy_room
from govgrid.meetings.queries.people import Due, due_at_unit
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.workdays import built_in

_SECRETARY, _LEADER, _MANAGER = "shuji", "wangge", "jingli"
_WANTED = (
    (_LEADER, "建议讨论北门电动自行车停放点增设充电位，目前晚间排队较多。"),
    (_MANAGER, "请会议协调供电部门，明确增容改造的时间安排。"),
    (_LEADER, "建议每月公布一次电梯维保记录。"),
)


def add_coming(db: Session, today: date, month: date) -> None:
    """Plan and confirm the meeting as if a few days ago, propose, attach, change the agenda since."""
    people = {way.login: _officer(db, way.person.code) for way in ways(today)}
    unit = _unit(db, people[_MANAGER])
    now = datetime.combine(today, time(8), HERE)
    holders = due_at_unit(db, unit, month)
    start = _slot(db, unit, holders, month, now)
    if start is None or unit.venue is None:
        return
    actor = _actor(db, people[_SECRETARY], unit)
    asked = now - timedelta(days=3)
    made = plan.schedule(
        db, actor, unit, plan.Place(start, unit.venue), holders, built_in(), at=asked
    )
    db.flush()
    meeting = seen.load_meeting(db, made.id)
    _invite(db, actor, meeting, asked)
    _discuss(db, actor, meeting, {p.id: login for login, p in people.items()}, asked)
    _plan_owing(db, actor, unit, month, now)


def _plan_owing(db: Session, actor: Actor, beside: Unit, month: date, now: datetime) -> None:
    """Plan the meeting of that unit of the community that has most still to do."""
    owing = (
        select(ActionItem.unit_id)
        .join(Unit, Unit.id == ActionItem.unit_id)
        .where(
            Unit.community_id == beside.community_id,
            Unit.id != beside.id,
            ActionItem.closed_at.is_(None),
        )
        .group_by(ActionItem.unit_id)
        .order_by(func.count().desc(), ActionItem.unit_id)
        .limit(1)
    )
    number = db.scalar(owing)
    unit = db.scalars(_whole().where(Unit.id == number)).one_or_none()
    if unit is None or unit.venue is None:
        return
    holders = due_at_unit(db, unit, month)
    start = _slot(db, unit, holders, month, now)
    if start is not None:
        place = plan.Place(start, unit.venue)
        plan.schedule(db, actor, unit, place, holders, built_in(), at=now)


def _whole() -> Select[Unit]:
    """Select units with what a plan needs of them."""
    return select(Unit).options(
        joinedload(Unit.community), joinedload(Unit.compound), joinedload(Unit.venue)
    )


def _officer(db: Session, code: str) -> Officer:
    return db.scalars(select(Officer).where(Officer.code == code)).one()


def _unit(db: Session, manager: Officer) -> Unit:
    homes = select(Post.compound_id).where(
        Post.officer_id == manager.id, Post.role == Role.PROJECT_MANAGER
    )
    found = _whole().where(Unit.compound_id.in_(homes), Unit.kind == Kind.JOINT)
    return db.scalars(found.order_by(Unit.id).limit(1)).one()


def _actor(db: Session, secretary: Officer, unit: Unit) -> Actor:
    account = db.scalars(select(Account.id).where(Account.officer_id == secretary.id)).one()
    home = unit.community
    post = ActingPost(Role.SECRETARY, home.id, home.path, home.name)
    return Actor(account, secretary.id, secretary.name, (post,))


def _slot(
    db: Session, unit: Unit, holders: list[Due], month: date, now: datetime
) -> datetime | None:
    """Return the month's first time at which everybody required and the room are free."""
    first, last = rules.month_span(month)
    taken = busy(db, [h.officer.id for h in holders if h.required], first, last)
    blocks = [
        *busy_room(db, unit.venue, first, last),
        *(b for some in taken.values() for b in some),
    ]
    slots = rules.slots(month, setup_of_unit(db, unit), built_in(), now + timedelta(days=7))
    free = (s.start for s in slots if not rules.clashes(blocks, s.start, s.end))
    return next(free, None)


def _invite(db: Session, actor: Actor, meeting: Meeting, asked: datetime) -> None:
    """Confirm it. As of its end, so that no letter leaves: those of then have long arrived."""
    plan.confirm(db, actor, meeting, at=meeting.end)
    meeting.invited_at = asked
    stamp = stamp_of(db, meeting.id, Stamp.NOTICE)
    assert stamp is not None
    stamp.at = asked
    for place, attendee in enumerate(plan.attending(meeting)):
        if attendee.reply is not Reply.NEEDS_ACTION or place % 3 == 0:
            attendee.reply, attendee.replied_at = Reply.ACCEPTED, asked + timedelta(hours=place + 1)
    db.flush()


def _discuss(
    db: Session, actor: Actor, meeting: Meeting, logins: dict[int, str], asked: datetime
) -> None:
    seats: dict[str, Attendee] = {
        logins[a.officer_id]: a for a in plan.attending(meeting) if a.officer_id in logins
    }
    made = [
        proposals.propose(db, meeting, seats[login], text, at=asked + timedelta(hours=n))
        for n, (login, text) in enumerate(_WANTED, 26)
        if login in seats
    ]
    later = asked + timedelta(days=2)
    if len(made) == len(_WANTED):
        brief = f"网格长提议：{made[0].text}"
        wording = agenda.Wording("北门电动自行车充电位增设", brief, 5)
        item = proposals.take_up(db, actor, meeting, made[0], wording, at=later)
        attachments.attach(db, actor, meeting, item, "北门停放点示意图.pdf", _sketch(), at=later)
        why = "电梯维保记录已列入每月双晒公示，不再单列议题。"
        proposals.turn_down(db, actor, meeting, made[2], why, at=later)
    first = seen.agenda(db, meeting)[1]
    agenda.move_item(db, actor, meeting, first, 1)


def _sketch() -> bytes:
    """Return a page with a row of bays."""
    lines = ["1.2 w", "60 500 475 200 re S", "60 430 475 40 re S"]
    lines += [f"{60 + n * 47.5:g} 600 m {60 + n * 47.5:g} 700 l S" for n in range(1, 10)]
    lines += ["0.85 0.93 0.85 rg"] + [f"{64 + n * 47.5:g} 606 39 88 re f" for n in range(4)]
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.Contents = pdf.make_stream("\n".join(lines).encode())
        out = BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()

"""Past meetings of the demo: planned, held and signed through the same verbs that people use."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import ActingPost, Actor, Role
from govgrid.accounts.models import Account
from govgrid.clock import HERE
from govgrid.demo.archive import liaison
from govgrid.demo.meeting_texts import (
    DECISIONS,
    EVIDENCE,
    EXCUSES,
    NO_CASES,
    NOTES,
    ONE_CASE,
    TASKS,
)
from govgrid.demo.people import people
from govgrid.demo.seed import chance
from govgrid.grid.models import Officer
from govgrid.grid.queries import holders as in_post
from govgrid.meetings import rules
from govgrid.meetings.actions import follow_up, plan, replies, room
from govgrid.meetings.actions import minutes as minutes_verbs
from govgrid.meetings.actions.clock import run_clock
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    AgendaKind,
    Attendance,
    Attendee,
    Kind,
    Meeting,
    Reply,
    Reviewer,
    Stamp,
    Unit,
)
from govgrid.meetings.queries import seen
from govgrid.meetings.queries.agenda import stamp_of
from govgrid.meetings.queries.availability import busy, busy_room
from govgrid.meetings.queries.people import Due, due_at_unit
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.workdays import Calendar, built_in

LAST_DAY = 20  # so that minutes are signed before their month ends
# Of this month's minutes, as in life.
_NOT_HANDED_IN, _NOT_REVIEWED, _NOT_SIGNED = 0.1, 0.18, 0.25
_ENDED_LATER, _SIGNED_LATE = 0.05, 0.09  # of past meetings: noted on another day; minutes over time
_SUBSTITUTES = 12_000  # people from this number on hold no post


class Chronicle:
    """Holds one meeting after the other, keeping everybody on one chair at a time."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.now = datetime.combine(today, time(), HERE)
        self.calendar: Calendar = built_in()
        self.liaisons: dict[str, Actor | None] = {}
        self.substitutes = [p.name for p in islice(people(), _SUBSTITUTES, _SUBSTITUTES + 80)]

    def hold(self, db: Session, unit: Unit, month: date) -> None:
        """Plan and hold the unit's meeting of a month; what lies before today is signed."""
        rng = chance("meeting", unit.community.code, _called(unit), month)
        holders = due_at_unit(db, unit, month)
        actor = self._convenor(db, unit, holders)
        start = self._slot(db, unit, holders, month, rng.random())
        if actor is None or start is None or unit.venue is None:
            return
        self._close(db, actor, unit, before=start)
        asked = rules.moment(month - timedelta(days=5), time(9))
        place = plan.Place(start, unit.venue)
        made = plan.schedule(db, actor, unit, place, holders, self.calendar, at=asked)
        made.uid = _uid(unit, month)
        db.flush()
        meeting = seen.load_meeting(db, made.id)
        self._gather(db, actor, meeting, asked, rng)
        self._conclude(db, actor, meeting, rng)

    def look_back(self, db: Session, unit: Unit) -> None:
        """Close most of what has fallen due by now."""
        holders = due_at_unit(db, unit, self.today)
        actor = self._convenor(db, unit, holders)
        if actor is not None:
            self._close(db, actor, unit, before=self.now)

    def _convenor(self, db: Session, unit: Unit, holders: Sequence[Due]) -> Actor | None:
        """Return the community's secretary, who plans the owners' meetings, too."""
        home = unit.community
        found = next((h.officer for h in holders if h.role is Role.SECRETARY), None)
        if unit.kind is Kind.OWNERS:
            posts = in_post(db, Role.SECRETARY, area_id=home.id, on=self.today)
            found = next((one.officer for one in posts), None)
        if found is None:
            return None
        account = db.scalar(select(Account.id).where(Account.officer_id == found.id))
        post = ActingPost(Role.SECRETARY, home.id, home.path, home.name)
        return Actor(account or 0, found.id, found.name, (post,))

    def _slot(
        self, db: Session, unit: Unit, holders: Sequence[Due], month: date, share: float
    ) -> datetime | None:
        """Return a past slot of the month's first weeks in which all and the room are free."""
        first, last = rules.month_span(month)
        known = rules.slots(month, setup_of_unit(db, unit), self.calendar, first)
        found = [s for s in known if s.start.day <= LAST_DAY and s.end < self.now]
        required = [h.officer.id for h in holders if h.required]
        taken = busy(db, required, first, last)
        rooms = busy_room(db, unit.venue, first, last)
        skip = int(share * len(found))
        for slot in [*found[skip:], *found[:skip]]:
            blocks = [*rooms, *(b for n in required for b in taken[n])]
            if not rules.clashes(blocks, slot.start, slot.end):
                return slot.start
        return None

    def _close(self, db: Session, actor: Actor, unit: Unit, before: datetime) -> None:
        """Close three of five open action items that were due by then."""
        due = (ActionItem.unit_id == unit.id, ActionItem.closed_at.is_(None))
        for item in db.scalars(select(ActionItem).where(*due).order_by(ActionItem.id)):
            rng = chance("closing", unit.name, item.deadline, item.matter)
            closed = rules.moment(item.deadline, time(17)) - timedelta(days=rng.randint(0, 5))
            if closed < before and rng.random() < 0.6:
                evidence = rng.choice(EVIDENCE)
                self._finish(db, actor, unit, item, evidence, rng, at=closed)

    def _finish(
        self, db: Session, actor: Actor, unit: Unit, item: ActionItem, evidence: str, rng: Random,
        *, at: datetime,
    ) -> None:  # fmt: skip
        """Let the owner report it done, now and then twice; the convenor accepts a day later."""
        path, owner = unit.community.path, db.get_one(Officer, item.owner_id)
        if rng.random() < 0.3:
            follow_up.close_action_item(db, actor, item, path, evidence, at=at)
            return
        report = follow_up.report_done(db, None, item, owner.name, evidence, at=at)
        looked = at + timedelta(days=1)
        if looked < self.now:
            follow_up.accept(db, actor, item, report, path, at=looked)

    def _gather(
        self, db: Session, actor: Actor, meeting: Meeting, asked: datetime, rng: Random
    ) -> None:
        """Invite, take the answers and the attendance. Invited late, so that no letter leaves."""
        plan.confirm(db, actor, meeting, at=meeting.end)
        meeting.invited_at = asked
        notice = stamp_of(db, meeting.id, Stamp.NOTICE)
        assert notice is not None
        notice.at = asked
        came = {}
        for attendee in plan.attending(meeting):
            word = Attendance.PRESENT
            if attendee.officer_id != meeting.convenor_id:
                word = _drawn_attendance(rng)
            name = rng.choice(self.substitutes) if word is Attendance.SUBSTITUTE else ""
            came[attendee.id] = room.Came(word, name)
            self._answer(db, meeting, attendee, came[attendee.id], rng)
        room.take_attendance(db, actor, meeting, came, at=meeting.end)

    def _answer(
        self, db: Session, meeting: Meeting, attendee: Attendee, came: room.Came, rng: Random
    ) -> None:
        day = meeting.start.astimezone(HERE).date() - timedelta(days=rng.randint(1, 4))
        at = rules.moment(day, time(rng.randint(8, 20), rng.randint(0, 59)))
        answer = None
        match came.attendance:
            case Attendance.PRESENT if rng.random() < 0.85:
                answer = replies.Answer(Reply.ACCEPTED)
            case Attendance.EXCUSED:
                answer = replies.Answer(Reply.DECLINED, note=rng.choice(EXCUSES))
            case Attendance.SUBSTITUTE:
                answer = replies.Answer(Reply.SUBSTITUTE, substitute=came.substitute)
        if answer is not None:
            replies.answer_by_link(db, meeting, attendee, answer, at=at)

    def _conclude(self, db: Session, actor: Actor, meeting: Meeting, rng: Random) -> None:
        """Write everything down, end the meeting, and sign where the time has come."""
        at = meeting.end
        items = seen.agenda(db, meeting)
        writer = _Writer(db, actor, meeting, self.calendar, rng)
        share = (meeting.end - meeting.start) / max(len(items), 1)
        for n, item in enumerate(items):
            begun = meeting.start + share * n
            run_clock(db, actor, meeting, item, on=True, at=begun)
            writer.write(item)
        slow = chance("slow", meeting.unit.community.code, meeting.unit.name, meeting.month)
        past = meeting.month < rules.month_start(self.today)
        ended = self._office_hour(at, slow) if past and slow.random() < _ENDED_LATER else at
        minutes = room.hold(db, actor, meeting, items, at=ended, tell=False)
        db.flush()
        handed_in = self._office_hour(ended, rng)
        for _ in range(3 if past and slow.random() < _SIGNED_LATE else 0):
            handed_in = self._office_hour(handed_in, slow)
        signed = self._office_hour(handed_in, rng)
        late = rng.random() if meeting.month == rules.month_start(self.today) else 1
        if handed_in < self.now and late > _NOT_HANDED_IN:
            minutes_verbs.submit(db, actor, meeting, minutes, items, at=handed_in)
            db.flush()
            if actor.officer_id != meeting.convenor_id:
                own = Reviewer.CONVENOR
                minutes_verbs.approve(db, actor, meeting, minutes, own, at=handed_in)
            street = self._street(db, meeting)
            reviewed = handed_in + (signed - handed_in) * 0.6
            if street and reviewed < self.now and late > _NOT_REVIEWED:
                minutes_verbs.approve(db, street, meeting, minutes, Reviewer.STREET, at=reviewed)
            if signed < self.now and late > _NOT_SIGNED:
                code = "".join(rng.choices(minutes_verbs.CODE_LETTERS, k=10))
                minutes_verbs.sign(db, actor, meeting, minutes, at=signed, code=code, tell=False)
                db.flush()

    def _street(self, db: Session, meeting: Meeting) -> Actor | None:
        """Return the liaison of the street above the meeting's community."""
        path = "/".join(meeting.community.path.split("/")[:4]) + "/"
        if path not in self.liaisons:
            self.liaisons[path] = liaison(db, path, self.today)
        return self.liaisons[path]

    def _office_hour(self, after: datetime, rng: Random) -> datetime:
        """Return a moment in the office on the next working day or the one after it."""
        day = after.astimezone(HERE).date()
        for _ in range(rng.randint(1, 2)):
            day += timedelta(days=1)
            while not self.calendar.is_workday(day):
                day += timedelta(days=1)
        return rules.moment(day, time(rng.randint(9, 17), rng.randint(0, 59)))


class _Writer:
    """Writes the notes, decisions and action items of one meeting."""

    def __init__(
        self, db: Session, actor: Actor, meeting: Meeting, calendar: Calendar, rng: Random
    ) -> None:
        self.db, self.actor, self.meeting, self.rng = db, actor, meeting, rng
        self.calendar = calendar
        self.at = meeting.end
        self.people = {a.role: a.officer for a in reversed(plan.attending(meeting))}
        self.doer = "物业项目部" if Role.PROJECT_MANAGER in self.people else "社区居委会"
        if meeting.unit.compound_id is None:
            self.doer = "各小区物业项目部"

    def write(self, item: AgendaItem) -> None:
        """Write down one item."""
        if item.kind is AgendaKind.CASE:
            self._cases(item)
            return
        owed = seen.open_before(self.db, self.meeting) if item.kind is AgendaKind.CARRY_OVER else []
        self._note(item, self.rng.choice(NOTES[item.kind]), count=len(owed))
        self._resolve(item, self.rng.choice(DECISIONS[item.kind]))
        if item.kind is AgendaKind.SHOWCASE and self.rng.random() < 0.25:
            self._assign(item, "公共收益")

    def _cases(self, item: AgendaItem) -> None:
        heard = [heard.case for heard in item.cases]
        if not heard:
            self._note(item, NO_CASES)
            return
        words = list(dict.fromkeys(case.category for case in heard))
        text = self.rng.choice(NOTES[AgendaKind.CASE]) if len(heard) > 1 else ONE_CASE
        self._note(item, text, count=len(heard), words="、".join(words[:3]))
        for word in words[: self.rng.randint(1, 3)]:
            case = next(case for case in heard if case.category == word)
            self._resolve(item, f"{word}：{TASKS[word].decision}", case_id=case.id)
            if self.rng.random() < 0.6:
                self._assign(item, word)

    def _note(self, item: AgendaItem, text: str, **values: object) -> None:
        month = rules.last_month(self.meeting.month).month
        notes = text.format(doer=self.doer, month=month, **values)
        room.write_notes(
            self.db, self.actor, self.meeting, item, notes, item.notes_version, at=self.at
        )

    def _resolve(self, item: AgendaItem, text: str, case_id: int | None = None) -> None:
        text = text.format(doer=self.doer)
        room.resolve(self.db, self.actor, self.meeting, item, text, case_id=case_id, at=self.at)

    def _assign(self, item: AgendaItem, category: str) -> None:
        task = TASKS[category]
        first = self.meeting.convenor_id  # where none of them is due, as at an owners' meeting
        here = {officer.id: officer for officer in self.people.values()}
        owner = next((self.people[role] for role in task.roles if role in self.people), here[first])
        helping = (Role.GRID_LEADER, Role.POLICE)
        others = [a for a in plan.attending(self.meeting) if a.role in helping]
        beside = [
            a for a in self.rng.choice([[], *([a] for a in others)]) if a.officer_id != owner.id
        ]
        due = self.meeting.start.astimezone(HERE).date() + timedelta(days=self.rng.randint(7, 40))
        due = due if self.calendar.is_workday(due) else self.calendar.next_workday(due)
        room.assign(
            self.db, self.actor, self.meeting, item, task.matter, owner, "", due, beside=beside,
            at=self.at,
        )  # fmt: skip


def _called(unit: Unit) -> str:
    """Return what tells a compound's two meetings apart."""
    return unit.name if unit.kind is Kind.JOINT else f"{unit.name}{unit.kind.word}"


def _uid(unit: Unit, month: date) -> str:
    """Return an identifier that the same meeting has in every demo."""
    bits = chance("uid", unit.community.code, _called(unit), month).getrandbits(128)
    return str(UUID(int=bits, version=4))


def _drawn_attendance(rng: Random) -> Attendance:
    drawn = rng.random()
    if drawn < 0.84:
        return Attendance.PRESENT
    if drawn < 0.92:
        return Attendance.EXCUSED
    return Attendance.SUBSTITUTE if drawn < 0.97 else Attendance.ABSENT

"""Forty-one people invited through a real SMTP server: every row of docs/letters.md, counted."""

import re
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope
from sqlalchemy import select

from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.actions.posts import Handover
from govgrid.grid.models import Officer, Post
from govgrid.grid.queries.people import holding_seen
from govgrid.meetings.actions import agenda, handover, plan, room
from govgrid.meetings.actions.replies import Answer, answer_by_link
from govgrid.meetings.models import AgendaKind, Attendance, Attendee, Meeting, Reply, Stage, Venue
from govgrid.outbox.actions import deliver
from govgrid.outbox.models import Letter
from govgrid.outbox.worker import Worker
from tests import build
from tests.build import clock
from tests.meetings import test_letters_sent
from tests.meetings.test_letter_rules import table
from tests.outbox.office import Office, serving

PEOPLE = 41
DIGEST = timedelta(minutes=10)
CALENDAR = re.compile(r'text/calendar; charset="utf-8"; method="(\w+)"\r\n\r\n([^-]+)--')
DROP, KEEP_AND_DROP = "drop", "keep and drop"


class Server(Office):
    """A mail server that meets some people's letters with a fault, each once, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.rcpt = {}
        self.faults: dict[str, list[str]] = defaultdict(list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        faults = self.faults[envelope.rcpt_tos[0].partition("@")[0]]
        fault = faults.pop(0) if faults else "250 OK"
        if fault in {"250 OK", KEEP_AND_DROP}:
            self.accepted.append(envelope)
        if fault in {DROP, KEEP_AND_DROP}:
            server.transport.abort()
        return fault


@dataclass(frozen=True)
class Arrived:
    """A mail as its recipient's program sees it."""

    to: str
    method: str
    uid: str
    sequence: int
    message_id: str
    calendar: str
    whole: bytes


def read(envelope: Envelope) -> Arrived:
    assert isinstance(envelope.content, bytes)
    asked, coded = CALENDAR.findall(envelope.content.decode("ascii"))[0]
    text = b64decode(coded).decode().replace("\r\n ", "")
    method, uid, sequence = (
        re.findall(rf"^{name}:(.*)\r$", text, re.MULTILINE)[0]
        for name in ("METHOD", "UID", "SEQUENCE")
    )
    assert asked == method
    (to,) = envelope.rcpt_tos
    return Arrived(
        to.partition("@")[0], method, uid, int(sequence),
        re.findall(rb"^Message-ID: (.*)\r$", envelope.content, re.MULTILINE)[0].decode(), text,
        envelope.content,
    )  # fmt: skip


class Desk(test_letters_sent.Office):
    """The secretary's desk with 41 people at the meeting, and the server their letters go to."""

    def __init__(self, database: Database, at: datetime, server: Server) -> None:
        super().__init__(database, at)
        self.server, self.worker = server, Worker(database, lambda: self.at, [deliver])
        self.numbers = count(1)
        with database.writing() as db:
            for _one in range(PEOPLE - 4):
                officer = self._officer(db)
                nonce, link = plan.new_link(db)
                db.add(
                    Attendee(
                        meeting_id=self.number, officer_id=officer.id, role=Role.POLICE,
                        nonce=nonce, link=link,
                    )
                )  # fmt: skip

    def _officer(self, db: Any) -> Officer:
        name = f"p{next(self.numbers)}"
        return build.officer(db, name, email=f"{name}@example.cn")

    def one_more(self) -> str:
        with self.database.writing() as db:
            officer = self._officer(db)
            number, name = officer.id, officer.name
        self.add(number)
        return name

    def arrived(self, later: timedelta = DIGEST) -> list[Arrived]:
        """Let the time pass and the worker work; return what arrived since the last call."""
        self.at += later
        while self.worker.once():
            pass
        new, self.server.accepted = self.server.accepted, []
        return [read(envelope) for envelope in new]

    def names(self) -> set[str]:
        def due(_db: Any, m: Any) -> set[str]:
            return {str(a.officer.email).partition("@")[0] for a in plan.attending(m)}

        found: set[str] = self.do(due)
        return found

    def letter(self, name: str) -> Letter:
        """Return the last letter to that person."""
        with self.database.reading() as db:
            mine = select(Letter).where(Letter.to_address == f"{name}@example.cn")
            return db.scalars(mine.order_by(Letter.id.desc()).limit(1)).one()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def desk(database: Database, at: datetime, server: Server) -> Iterator[Desk]:
    with serving(server) as place:
        database.settings = replace(database.settings, smtp_url=f"smtp://{place}")
        yield Desk(database, at, server)


class Walk:
    """One meeting's life, row by row of the table; each step returns whom it tells what."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def all(self, method: str, sequence: int) -> Counter[tuple[str, str, int]]:
        return Counter((name, method, sequence) for name in self.desk.names())

    def steps(self) -> Iterator[tuple[str, Counter[tuple[str, str, int]]]]:
        """Do one row after the other; yield its name and what must arrive: to, method, SEQUENCE."""
        desk, nothing = self.desk, Counter[tuple[str, str, int]]()
        desk.move("2026-12-09 09:30")
        yield "planned anew or moved while planned", nothing
        desk.confirm()
        yield "confirmed", self.all("REQUEST", 0)
        desk.move("2026-12-09 09:30")
        yield "saved without a change", nothing
        desk.do(
            lambda db, m: agenda.add_item(
                db, desk.actor, m, AgendaKind.PROPOSAL, agenda.Wording("停车")
            )
        )
        yield "title, agenda or minutes changed", nothing
        desk.do(lambda db, m: plan.set_required(db, desk.actor, m, m.attendees[-1], required=False))
        yield "required made optional", nothing
        desk.do(self._everybody_accepts)
        yield "somebody replied", nothing
        added = desk.one_more()
        yield "one person added", Counter([(added, "REQUEST", 0)])
        desk.remove("p1")
        yield "one person removed", Counter([("p1", "CANCEL", 1)])
        desk.do(self._hand_over)
        yield "post handed over", Counter([("zhang", "CANCEL", 2), ("sun", "REQUEST", 2)])
        desk.move("2026-12-10 09:30")
        yield "moved to another time", self.all("REQUEST", 3)
        desk.move("2026-12-10 09:30", room=1)
        yield "moved to another room", self.all("REQUEST", 4)
        desk.move("2026-12-11 09:30")
        added = desk.one_more()
        desk.remove("p2")
        yield (
            "moved, one added, one removed",
            self.all("REQUEST", 6) + Counter([("p2", "CANCEL", 6)]),
        )
        desk.do(lambda db, m: plan.resend(db, desk.actor, m, at=desk.at))
        yield "sent again", self.all("REQUEST", 6)
        desk.cancel()
        yield "cancelled", self.all("CANCEL", 7)

    def _everybody_accepts(self, db: Any, m: Any) -> None:
        for seat in plan.attending(m):
            answer_by_link(db, m, seat, Answer(Reply.ACCEPTED), at=self.desk.at)

    def _hand_over(self, db: Any, _m: Any) -> None:
        to = db.scalars(select(Officer).where(Officer.name == "孙联络")).one()
        post = db.scalars(select(Post.id).where(Post.role == Role.POLICE)).one()
        change = Handover(holding_seen(db, self.desk.actor, post), to, date(2026, 12, 1))
        handover.move_all(db, self.desk.actor, change, self.desk.at)


@pytest.mark.one_engine  # both engines: test_letters_sent.py and tests/outbox
def test_every_row_of_the_table_arrives_as_counted(desk: Desk) -> None:
    walked, uids, ids = [], set(), Counter[str]()
    for row, due in Walk(desk).steps():
        mails = desk.arrived()
        assert Counter((m.to, m.method, m.sequence) for m in mails) == due, row
        walked.append(row)
        uids |= {m.uid for m in mails}
        ids.update(m.message_id for m in mails)
        if row.startswith("moved"):
            stats = Counter(re.findall(r"PARTSTAT=([A-Z-]+)", mails[0].calendar))
            assert stats == ({"NEEDS-ACTION": PEOPLE - 1, "ACCEPTED": 1}), row
    assert len(uids) == 1
    assert set(ids.values()) == {1}
    elsewhere = {"cancelled while planned", "held", "moved after it ended"}
    assert {*walked} - {"sent again"} == {*table()} - elsewhere


@pytest.mark.one_engine  # both engines: test_letters_sent.py and tests/outbox
def test_a_meeting_past_and_a_plan_given_up_tell_nobody(desk: Desk) -> None:
    desk.confirm()
    assert len(desk.arrived()) == PEOPLE
    desk.at = clock("2026-12-08 11:00")

    def to_the_other_room(db: Any, m: Any) -> None:
        place = plan.Place(m.start, db.get_one(Venue, desk.rooms[1]))
        assert plan.move_to(db, desk.actor, m, place, at=desk.at) == 0

    def held(db: Any, m: Any) -> None:
        came = {a.id: room.Came(Attendance.PRESENT) for a in m.attendees}
        room.take_attendance(db, desk.actor, m, came, at=desk.at)
        room.hold(db, desk.actor, m, [], at=desk.at)

    desk.do(to_the_other_room)
    desk.do(held)
    with desk.database.writing() as db:
        # The plan of another month: nobody has been asked yet.
        plan_of = db.get_one(Meeting, desk.number)
        later: dict[str, Any] = {"month": date(2027, 1, 1), "start": clock("2027-01-08 09:30")}
        later |= {"end": clock("2027-01-08 10:30"), "uid": "next", "stage": Stage.PLANNED}
        kept = {c.key: getattr(plan_of, c.key) for c in Meeting.__table__.c if c.key != "id"}
        db.add(planned := Meeting(**kept | later))
        db.flush()
        desk.number = planned.id
    desk.cancel()
    assert desk.arrived() == []


@pytest.mark.one_engine  # both engines: test_letters_sent.py and tests/outbox
def test_faults_of_the_server_lose_nothing_and_invite_nobody_twice(
    desk: Desk, server: Server
) -> None:
    server.faults |= {
        "p1": ["451 4.7.1 later"], "p2": [DROP], "p3": [KEEP_AND_DROP],
        "p4": ["451 4.7.1 later", KEEP_AND_DROP, DROP], "p5": ["554 5.7.1 no"],
    }  # fmt: skip
    server.rcpt["p6@example.cn"] = "550 5.1.1 no such user"
    desk.confirm()
    mails = [mail for _minute in range(9) for mail in desk.arrived(timedelta(minutes=3))]
    copies = Counter(m.to for m in mails)
    once = dict.fromkeys(desk.names() - {"p5", "p6"}, 1)
    assert copies == once | {"p3": 2, "p4": 2}
    for name in ("p3", "p4"):
        first, second = (m for m in mails if m.to == name)
        assert first.whole == second.whole, "the same message, to the byte"
    assert {desk.letter(n).answer for n in ("p5", "p6")} == {
        "554 5.7.1 no", "550 5.1.1 no such user",
    }  # fmt: skip
    assert all(desk.letter(n).dead_at for n in ("p5", "p6"))


def test_who_may_hold_an_invitation_hears_that_the_meeting_is_cancelled(
    desk: Desk, server: Server
) -> None:
    later = "451 4.7.1 later"
    server.faults |= {"p1": [KEEP_AND_DROP, later], "p2": [later, later]}
    desk.confirm()
    invited = desk.arrived(timedelta()) + desk.arrived(timedelta(minutes=2))
    assert {m.to for m in invited} == desk.names() - {"p2"}
    assert {desk.letter(name).attempts for name in ("p1", "p2")} == {2}
    desk.cancel()
    told = Counter((m.to, m.method, m.sequence) for m in desk.arrived())
    assert told == {(name, "CANCEL", 1): 1 for name in desk.names() - {"p2"}}

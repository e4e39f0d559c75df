"""Whatever people do in room after room, no open task gets lost, and no decision its record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import settings as trials
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Refusal
from govgrid.meetings.actions import follow_up, minutes, room
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    Meeting,
    Minutes,
    MinutesStage,
    Resolution,
    Unit,
)
from govgrid.meetings.queries import seen, tasks
from govgrid.meetings.rules.follow_up import ESCALATES
from tests import build
from tests.build import City
from tests.meetings.hour import begins, called, unit_of

numbers = some.integers(0, 50)


class Months(RuleBasedStateMachine):
    """One unit's meetings; `open`, `closed` and `decided` are what must be true."""

    database: ClassVar[Database]
    city: ClassVar[City]
    actor: ClassVar[Actor]
    unit: ClassVar[int]

    @initialize()
    def begin(self) -> None:
        info = {"settings": self.database.settings}
        self.db = Session(self.database._writer, info=info)
        self.open: dict[int, int] = {}
        self.closed: set[int] = set()
        self.decided: dict[int, list[str]] = {}
        self.count = 0
        self.call()

    def teardown(self) -> None:
        self.db.rollback()
        self.db.close()

    def call(self) -> None:
        unit = self.db.get_one(Unit, self.unit)
        self.meeting: Meeting = called(self.db, self.city, unit, self.count)
        self.at = begins(self.count)
        self.count += 1
        self.decided[self.meeting.id] = []

    @property
    def item(self) -> AgendaItem:
        return seen.agenda(self.db, self.meeting)[0]

    def attempt(self, act: Callable[[], object], *, fits: bool) -> Any:
        """Do it; it is refused exactly where it does not fit. Return what was made, or True."""
        self.at += timedelta(minutes=1)
        try:
            made = act()
        except Refusal:
            assert not fits
            return None
        self.db.flush()
        assert fits
        return True if made is None else made

    def fresh(self) -> None:
        """Go on as the next request does: with nothing loaded."""
        self.db.flush()
        self.db.expunge_all()
        self.meeting = seen.load_meeting(self.db, self.meeting.id)

    def one(self, number: int) -> ActionItem:
        known = sorted({*self.open, *self.closed})
        return tasks.task_seen(self.db, self.actor, known[number % len(known)])

    @rule(words=some.lists(some.sampled_from(Attendance), min_size=4, max_size=4))
    def take_attendance(self, words: list[Attendance]) -> None:
        people = self.meeting.attendees
        came = {a.id: room.Came(w, "代会人") for a, w in zip(people, words, strict=True)}
        self.attempt(
            lambda: room.take_attendance(self.db, self.actor, self.meeting, came, at=self.at),
            fits=not self.signed,
        )

    @property
    def signed(self) -> bool:
        found = seen.minutes_of(self.db, self.meeting)
        return found is not None and found.stage is MinutesStage.SIGNED

    @rule(number=numbers)
    def resolve(self, number: int) -> None:
        text = f"决议{number}"
        made = self.attempt(
            lambda: room.resolve(self.db, self.actor, self.meeting, self.item, text, at=self.at),
            fits=not self.signed,
        )
        if made is not None:
            self.decided[self.meeting.id].append(text)
            quorum = room.quorum_now(self.db, self.meeting)
            assert made.quorate is (quorum.held if quorum.taken else None)

    @rule()
    @precondition(lambda self: self.decided[self.meeting.id])
    def unresolve(self) -> None:
        last = self.item.resolutions[-1]
        dropped = self.attempt(
            lambda: room.drop_resolution(self.db, self.actor, self.meeting, last, at=self.at),
            fits=not self.signed,
        )
        if dropped:
            self.decided[self.meeting.id].remove(last.text)
            self.fresh()

    @rule(number=numbers)
    def assign(self, number: int) -> None:
        owner = self.meeting.attendees[number % 4]
        day = self.meeting.start.date() + timedelta(days=number)
        made = self.attempt(
            lambda: room.assign(
                self.db, self.actor, self.meeting, self.item, "整改", owner.officer, "", day,
                beside=self.meeting.attendees[:1], at=self.at,
            ),
            fits=not self.signed,
        )  # fmt: skip
        if made is not None:
            self.open[made.id] = 0

    @rule()
    def end(self) -> None:
        """End the meeting, if it can be, and sign; the next one is called."""
        known = all(a.attendance for a in self.meeting.attendees)
        held = self.attempt(
            lambda: room.hold(self.db, self.actor, self.meeting, [self.item], at=self.at),
            fits=known and bool(self.decided[self.meeting.id]),
        )
        if held is None:
            return
        own = set(self.db.scalars(self.given(self.meeting)))
        self.open = {n: c + (n not in own) for n, c in self.open.items()}
        self.sign(held)
        self.attempt(
            lambda: room.resolve(self.db, self.actor, self.meeting, self.item, "改", at=self.at),
            fits=False,
        )
        self.call()

    def sign(self, held: Minutes) -> None:
        agenda = [self.item]
        minutes.submit(self.db, self.actor, self.meeting, held, agenda, at=self.at)
        minutes.sign(self.db, self.actor, self.meeting, held, at=self.at, tell=False)
        self.db.flush()
        record: Any = held.record
        printed = [text for item in record["agenda"] for text in item["resolutions"]]
        marked = [r.said for r in self.item.resolutions]
        assert printed == marked
        assert [r.text for r in self.item.resolutions] == self.decided[self.meeting.id]
        assert all(r.quorate is not None for r in self.item.resolutions)

    @staticmethod
    def given(meeting: Meeting) -> Any:
        return select(ActionItem.id).where(ActionItem.meeting_id == meeting.id)

    @rule(number=numbers)
    @precondition(lambda self: self.open or self.closed)
    def report(self, number: int) -> None:
        item = self.one(number)
        fits = item.closed_at is None and item.done_on is None
        self.attempt(
            lambda: follow_up.report_done(self.db, None, item, "某人", "已办", at=self.at),
            fits=fits,
        )
        self.fresh()

    @rule(number=numbers, accepted=some.booleans())
    @precondition(lambda self: self.open or self.closed)
    def decide(self, number: int, *, accepted: bool) -> None:
        item = self.one(number)
        waiting, path = tasks.waiting_report(item), item.unit.community.path
        if accepted:
            self.attempt(
                lambda: follow_up.accept(self.db, self.actor, item, waiting, path, at=self.at),
                fits=waiting is not None,
            )
        else:
            self.attempt(
                lambda: follow_up.return_report(
                    self.db, self.actor, item, waiting, path, "再办", at=self.at
                ),
                fits=waiting is not None,
            )
        if waiting is not None and accepted:
            self.close_one(item.id)
        self.fresh()

    @rule(number=numbers)
    @precondition(lambda self: self.open or self.closed)
    def close(self, number: int) -> None:
        item = self.one(number)
        path = item.unit.community.path
        fits = item.closed_at is None and item.done_on is None
        closed = self.attempt(
            lambda: follow_up.close_action_item(
                self.db, self.actor, item, path, "已办", at=self.at
            ),
            fits=fits,
        )
        if closed:
            self.close_one(item.id)

    def close_one(self, number: int) -> None:
        self.open.pop(number)
        self.closed.add(number)

    @invariant()
    def no_open_task_is_lost(self) -> None:
        rows = self.db.execute(
            select(ActionItem.id, ActionItem.carried, ActionItem.escalated_at).where(
                ActionItem.unit_id == self.unit, ActionItem.closed_at.is_(None)
            )
        ).all()
        assert {number: carried for number, carried, _at in rows} == self.open
        assert all((at is not None) is (carried >= ESCALATES) for _n, carried, at in rows)
        own = set(self.db.scalars(self.given(self.meeting)))
        carried = {item.id for item in seen.open_before(self.db, self.meeting)}
        assert carried == self.open.keys() - own

    @invariant()
    def what_is_done_has_evidence(self) -> None:
        rows = select(ActionItem.evidence, ActionItem.done_on).where(ActionItem.id.in_(self.closed))
        assert all(evidence and done for evidence, done in self.db.execute(rows))

    @invariant()
    def every_decision_is_kept(self) -> None:
        rows = (
            select(Resolution.text)
            .join(AgendaItem, AgendaItem.id == Resolution.agenda_item_id)
            .order_by(Resolution.id)
        )
        for meeting, texts in self.decided.items():
            found = self.db.scalars(rows.where(AgendaItem.meeting_id == meeting)).all()
            assert list(found) == texts


@pytest.mark.timeout(240)
def test_no_path_loses_a_task_or_a_decision(database: Database) -> None:
    with database.writing() as db:
        Months.city = build.small_city(db)
        Months.unit = unit_of(db, Months.city).id
        db.flush()
        secretary = Months.city.secretary
        Months.actor = build.actor(db, secretary, Role.SECRETARY, Months.city.community)
        db.expunge_all()
    Months.database = database
    few = trials(max_examples=4, stateful_step_count=20, deadline=None, derandomize=True)
    run_state_machine_as_test(Months, settings=few)

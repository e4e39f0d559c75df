"""Agendas through the verbs: ranked cases, carried tasks, what was frozen and kept, files, order."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from sqlalchemy import select

from govgrid import archive
from govgrid.access import Role
from govgrid.cases.actions.supervision import decide, propose
from govgrid.cases.models import Case, CaseEvent, Source, Step, Verdict
from govgrid.cases.queries import cases_for_unit, count_for_unit
from govgrid.cases.queries.supervision import step_seen
from govgrid.clock import HERE
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Compound
from govgrid.meetings import letters, material
from govgrid.meetings.actions import agenda, attachments, plan, room, stamps, templates
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    AgendaKind,
    AgendaPoint,
    AgendaStamp,
    Kind,
    Meeting,
    Minutes,
    Resolution,
)
from govgrid.meetings.queries import agenda as queries
from govgrid.meetings.queries import seen
from govgrid.meetings.record import record_hash
from govgrid.meetings.rules.agenda import MOST_BYTES, Change
from govgrid.meetings.rules.hearing import ranked
from govgrid.meetings.rules.settings import Standing
from govgrid.upkeep.verify import verify
from tests import build
from tests.build import clock
from tests.meetings.gathering import DAYS, Gathering

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PDF = b"%PDF-1.4 a plan"


@pytest.fixture
def board(database: Database) -> Iterator[Gathering]:
    with database.writing() as db:
        yield Gathering(db)
        db.rollback()


def case(board: Gathering, number: str, received: datetime, **how: Any) -> Case:
    made = Case(
        number=number, source=Source.HOTLINE, category="停车",
        compound_id=how.pop("compound_id", board.city.compound.id), received_at=received,
        reply_due=received + 2 * HOUR, close_due=received + 48 * HOUR, **how,
    )  # fmt: skip
    board.db.add(made)
    board.db.flush()
    return made


def item_of(board: Gathering, meeting: Meeting, kind: AgendaKind) -> AgendaItem:
    return next(item for item in seen.agenda(board.db, meeting) if item.kind is kind)


def test_the_database_ranks_as_the_rule_does(board: Gathering) -> None:
    chance, at = random.Random(7), clock("2026-11-20 09:00")
    for n in range(80):
        ago = chance.randint(0, 1000)
        replied, closed = chance.choice([None, 1, 3, 30]), chance.choice([None, 10, 47, 49, 90])
        case(
            board, f"N{n}", at - ago * HOUR, satisfied=chance.choice([None, True, False]),
            replied_at=None if replied is None else at + (replied - ago) * HOUR,
            closed_at=None if closed is None else at + (closed - ago) * HOUR,
            compound_id=chance.choice([board.city.compound.id, board.city.courtyard.id]),
        )  # fmt: skip
    place = board.city.community.id, None, at - 2000 * HOUR, at
    pages = [cases_for_unit(board.db, *place, at=at, offset=n, limit=7) for n in range(0, 80, 7)]
    found = [(one.case.id, one.reason) for page in pages for one in page]
    whole = ranked(board.db.scalars(select(Case)).all(), at)
    assert found == [(one.case.id, one.reason) for one in whole]
    assert len(found) == count_for_unit(board.db, *place, at=at) > 20


Month = tuple[bool, int, int, bool]
months = st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 2), st.booleans())


@pytest.mark.one_engine
@trials(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(months, min_size=2, max_size=4))
def test_no_open_action_item_is_lost(database: Database, told: list[Month]) -> None:
    """Whatever is planned early, cancelled, given and closed: what is open is heard next time."""
    with database.writing() as db:
        board, open_now = Gathering(db), set[int]()
        planned: dict[str, Meeting] = {}
        for n, (early, given_out, closed, cancelled) in enumerate(told):
            meeting = planned.get(DAYS[n]) or board.plan(DAYS[n])
            if early:
                planned[DAYS[n + 1]] = board.plan(DAYS[n + 1], at=meeting.start - DAY)
            meeting = board.load(meeting.id)
            if cancelled:
                plan.cancel(db, board.actor, meeting, "停电", at=meeting.start - DAY)
                continue
            meeting = board.confirm(meeting)
            heard(board, meeting, open_now)
            tasks = [(f"事项{n}-{k}", meeting.start.date() + 9 * DAY) for k in range(given_out)]
            board.hold(meeting, tasks)
            kept = material.kept(db, meeting)
            assert kept is not None
            assert len(kept["carried"]) == len(open_now)
            new = select(ActionItem.id).where(ActionItem.meeting_id == meeting.id)
            open_now |= set(db.scalars(new))
            for number in sorted(open_now)[:closed]:
                board.close(number, meeting.end + DAY)
                open_now.discard(number)
        last = board.plan("2026-11-10") if DAYS[5] not in planned else planned[DAYS[5]]
        heard(board, board.confirm(board.load(last.id)), open_now)
        db.rollback()


def heard(board: Gathering, meeting: Meeting, open_now: set[int]) -> None:
    found = queries.owed(board.db, meeting, at=meeting.start)
    assert {one.task.id for one in found} == open_now
    assert queries.count_owed(board.db, meeting) == len(open_now)
    kinds = [item.kind for item in seen.agenda(board.db, meeting)]
    assert kinds.count(AgendaKind.CARRY_OVER) >= bool(open_now)
    if open_now:
        item = item_of(board, meeting, AgendaKind.CARRY_OVER)
        with pytest.raises(Conflict, match="未办结"):
            agenda.remove_item(board.db, board.actor, meeting, item)


def test_a_template_comes_down_and_makes_the_agenda(board: Gathering) -> None:
    area, db = board.city.community, board.db
    mine = [
        Standing(AgendaKind.CASE, "逐件过诉求", 30),
        Standing(AgendaKind.REQUIREMENT, "街道要求", 5),
        Standing(AgendaKind.SHOWCASE, "双晒", 10),
    ]
    templates.set_agenda_of_area(db, board.actor, area, Kind.JOINT, mine, 0)
    with pytest.raises(Conflict):
        templates.set_agenda_of_area(db, board.actor, area, Kind.JOINT, mine, 0)
    meeting = board.plan(DAYS[0])
    shown = [(i.title, i.allotted) for i in seen.agenda(db, meeting)]
    assert shown == [("逐件过诉求", 30), ("街道要求", 5), ("双晒", 10)]
    unit = seen.unit_seen(db, board.actor, board.unit_id)
    templates.set_agenda_of_unit(db, board.actor, unit, mine[::-1], unit.version)
    db.flush()
    assert [i.title for i in seen.agenda(db, board.plan(DAYS[1]))] == [
        "双晒",
        "街道要求",
        "逐件过诉求",
    ]
    templates.set_agenda_of_unit(db, board.actor, unit, None, unit.version)
    db.flush()
    assert seen.agenda(db, board.plan(DAYS[2]))[0].title == "逐件过诉求"


def test_an_agenda_is_frozen_with_its_notice_and_later_changes_are_marked(
    board: Gathering,
) -> None:
    db, actor = board.db, board.actor
    meeting = board.plan(DAYS[5], at=clock("2026-11-01 09:00"))
    assert not queries.marks(db, meeting)
    item = item_of(board, meeting, AgendaKind.CASE)
    agenda.edit_item(db, actor, meeting, item, agenda.Wording("诉求办理", "", 25), item.version)
    meeting = board.confirm(meeting)
    marks = queries.marks(db, meeting)
    assert marks.stamp is not None
    assert (marks.stamp.number, marks.of) == (1, {})
    added = agenda.add_item(db, actor, meeting, AgendaKind.PROPOSAL, agenda.Wording("车位"))
    last = item_of(board, meeting, AgendaKind.SHOWCASE)
    agenda.move_item(db, actor, meeting, last, 1)
    marks = queries.marks(db, meeting)
    assert marks.of == {added.id: Change.ADDED, last.id: Change.MOVED}
    items = seen.agenda(db, meeting)
    assert letters.titles(db, meeting, items) == [
        "通报物业服务“双晒”情况（调整顺序）", "通报主管部门工作要求落实情况", "诉求办理", "车位（新增）",
    ]  # fmt: skip
    plan.resend(db, actor, meeting, at=meeting.start - 2 * DAY)
    marks = queries.marks(db, meeting)
    assert marks.stamp is not None
    assert (marks.stamp.number, marks.of) == (2, {})
    agenda.remove_item(db, actor, meeting, added)
    marks = queries.marks(db, meeting)
    assert (marks.of, marks.gone) == ({added.id: Change.REMOVED}, ("车位",))
    assert letters.titles(db, meeting, seen.agenda(db, meeting))[-1] == "（已取消）车位"
    first = select(AgendaStamp.stood).where(AgendaStamp.number == 1)
    assert [one["title"] for one in db.scalars(first).one()["lines"]][1] == "诉求办理"


def test_what_was_shown_stands_and_the_case_hears_of_it(board: Gathering) -> None:
    db, start = board.db, clock("2026-11-10 09:30")
    bad = case(board, "GD-1", start - 100 * HOUR)
    meeting = board.confirm(board.plan(DAYS[5], at=start - 4 * DAY), at=start - 3 * DAY)
    item = item_of(board, meeting, AgendaKind.CASE)
    assert [one.case_id for one in item.cases] == [bad.id]
    fine = case(
        board, "GD-2", start - 10 * HOUR, replied_at=start - 9 * HOUR, closed_at=start - 8 * HOUR
    )
    agenda.choose_cases(db, board.actor, meeting, item, {fine.id}, {fine.id})
    meeting = board.load(meeting.id)
    item = item_of(board, meeting, AgendaKind.CASE)
    at = meeting.end
    room.resolve(db, board.actor, meeting, item, "三日内划线。", case_id=bad.id, at=at)
    minutes = board.hold(meeting)
    before = material.kept(db, meeting)
    assert before is not None
    shown = before["items"][str(item.id)]["cases"]
    assert [(one["number"], one["closed"]) for one in shown] == [
        ("GD-1", None),
        ("GD-2", "2026-11-10"),
    ]
    assert (before["rates"]["row"]["received"], before["rates"]["month"]) == (0, "2026-10-01")
    bad.closed_at, bad.satisfied = start + DAY, True
    case(board, "GD-3", clock("2026-10-20 10:00"))
    db.flush()
    meeting = board.load(meeting.id)
    items = seen.agenda(db, meeting)
    assert material.of_meeting(db, meeting, items, at=start + 9 * DAY) == before
    assert material.shown(db, meeting, items, at=start + 9 * DAY) != before
    minutes = db.get_one(Minutes, minutes.id)
    board.sign(meeting, minutes)
    record: Any = minutes.record
    (told,) = [one for one in record["agenda"] if one["cases"]]
    assert [one["closed"] for one in told["cases"]] == [None, "2026-11-10"]
    assert told["cases"][0]["reasons"][0].startswith("逾期未办结")
    events = db.scalars(select(CaseEvent).where(CaseEvent.step == Step.MEETING)).all()
    assert {(e.case_id, e.meeting_id, e.at) for e in events} == {
        (bad.id, meeting.id, start), (fine.id, meeting.id, start),
    }  # fmt: skip
    texts = {e.case_id: e.text or "" for e in events}
    assert texts[bad.id].endswith("决议：三日内划线。")
    assert "未另作决议" in texts[fine.id]
    assert stamps.note_cases(db, board.actor, meeting, at=start + 9 * DAY) == 0
    assert record_hash(record) == minutes.record_hash


def test_a_correction_notes_the_case_once_more(board: Gathering) -> None:
    db, start = board.db, clock("2026-11-10 09:30")
    case(board, "GD-1", start - 100 * HOUR)
    meeting = board.confirm(board.plan(DAYS[5], at=start - 4 * DAY), at=start - 3 * DAY)
    minutes = board.hold(meeting)
    board.sign(board.load(meeting.id), minutes)
    meeting = board.load(meeting.id)
    item = item_of(board, meeting, AgendaKind.CASE)
    db.add(Resolution(agenda_item_id=item.id, text="限期整改"))
    meeting = board.load(meeting.id)
    assert stamps.note_cases(db, board.actor, meeting, at=start + 9 * DAY) == 1
    assert stamps.note_cases(db, board.actor, meeting, at=start + 9 * DAY) == 0
    texts = [text or "" for text in db.scalars(select(CaseEvent.text).order_by(CaseEvent.id))]
    assert [text.startswith("更正：") for text in texts] == [False, True]
    assert texts[1].endswith("决议：限期整改。")


def test_a_confirmed_step_comes_to_the_next_agenda(board: Gathering) -> None:
    db, at = board.db, clock("2026-11-01 09:00")
    company = build.organization(db, "锦和物业")
    db.get_one(Compound, board.city.compound.id).company_id = company.id
    for n in range(12):
        case(board, f"S{n}", clock("2026-10-05 10:00") + n * DAY)
    db.flush()
    liaison = build.actor(db, board.city.liaison, Role.LIAISON, board.city.street)
    (step,) = propose(db, liaison, board.city.street, date(2026, 10, 1), at=at)
    db.flush()
    decide(db, liaison, step_seen(db, liaison, step.id), Verdict.CONFIRMED, "限期整改", at=at)
    db.flush()
    meeting = board.plan(DAYS[5], at=at + DAY)
    item = item_of(board, meeting, AgendaKind.REQUIREMENT)
    assert [p.step_id for p in queries.points_of(db, [item.id])[item.id]] == [step.id]
    shown = material.shown(db, meeting, seen.agenda(db, meeting), at=at + DAY)
    (told,) = shown["items"][str(item.id)]["steps"]
    assert (told["company"], told["reason"]) == ("锦和物业", "限期整改")
    assert material.step_told(told).startswith("江桥街道因2026年10月响应率0.0%（应达90%）")
    mine: dict[str, Any] = {"steps": [], "at": at + DAY}
    agenda.choose_points(db, board.actor, meeting, item, **mine)
    db.flush()
    assert db.scalars(select(AgendaPoint)).all() == []
    with pytest.raises(Invalid):
        agenda.choose_points(db, board.actor, meeting, item, steps=[step.id + 1], at=at)
    with pytest.raises(Invalid):
        agenda.choose_points(
            db, board.actor, meeting, item, compounds=[board.city.courtyard.id], at=at
        )


def test_what_must_be_heard_stays_and_stale_edits_are_refused(board: Gathering) -> None:
    db, actor = board.db, board.actor
    meeting = board.plan(DAYS[0])
    item = item_of(board, meeting, AgendaKind.CASE)
    with pytest.raises(Invalid, match="固定议题"):
        agenda.remove_item(db, actor, meeting, item)
    agenda.edit_item(db, actor, meeting, item, agenda.Wording("甲", "", 5), item.version)
    db.flush()
    with pytest.raises(Conflict, match="甲"):
        agenda.edit_item(db, actor, meeting, item, agenda.Wording("乙"), 1)
    agenda.move_item(db, actor, meeting, item, 1)
    assert item.version == 2  # a move is in nobody's way
    assert queries.order_of(db, meeting)[0] == item.id
    other = case(board, "GD-9", clock("2026-05-01 10:00"), compound_id=board.city.courtyard.id)
    with pytest.raises(Invalid):
        agenda.choose_cases(db, actor, meeting, item, {other.id}, {other.id})
    neighbour = build.actor(
        db, board.city.next_secretary, Role.SECRETARY, board.city.next_community
    )
    with pytest.raises(Forbidden):
        agenda.move_item(db, neighbour, meeting, item, 2)


@pytest.mark.one_engine
def test_files_are_kept_by_hash_capped_and_proven(database: Database) -> None:
    with database.writing() as db:
        board = Gathering(db)
        meeting = board.plan(DAYS[0])
        item = item_of(board, meeting, AgendaKind.CASE)
        how: dict[str, Any] = {"at": meeting.start - DAY}
        kept = attachments.attach(db, board.actor, meeting, item, "C:\\桌面\\方案.pdf", PDF, **how)
        assert (kept.name, kept.size) == ("方案.pdf", len(PDF))
        assert archive.fetch(database.settings.archive, kept.sha256) == PDF
        for data, why in (
            (PDF, "已在该议题下"), (b"", "空"), (b"<script>", "PDF 或图片"),
            (b"%PDF-" + b"x" * MOST_BYTES, "不能超过"),
        ):  # fmt: skip
            with pytest.raises((Invalid, Conflict), match=why):
                attachments.attach(db, board.actor, meeting, item, "x.pdf", data, **how)
        attachments.attach(db, board.actor, meeting, item, "又" * 200 + ".pdf", PDF + b"2", **how)
        for n in range(18):
            attachments.attach(
                db, board.actor, meeting, item, "x.pdf", PDF + b"%d" % (n + 9), **how
            )
        with pytest.raises(Conflict, match="最多"):
            attachments.attach(db, board.actor, meeting, item, "x.pdf", PDF + b"3", **how)
        sha256 = kept.sha256
    assert list(verify(database)) == []
    archive.place(database.settings.archive, sha256).unlink()
    assert [fault for fault in verify(database) if sha256 in fault]


def test_ages_are_of_the_day(board: Gathering) -> None:
    first = board.confirm(board.plan(DAYS[0]))
    board.hold(first, [("更换照明", date(2026, 6, 30))])
    second = board.confirm(board.plan(DAYS[1]))
    (one,) = queries.owed(board.db, second, at=second.start - DAY)
    assert (one.age.meetings, one.age.overdue, one.age.late) == (0, 0, True)
    (one,) = queries.owed(board.db, second, at=second.end)
    assert (one.age.days, one.age.meetings, one.age.overdue) == (28, 1, 1)
    board.hold(second)
    third = board.plan(DAYS[2])
    (one,) = queries.owed(board.db, third, at=third.end)
    assert (one.age.meetings, one.age.overdue) == (2, 2)
    assert third.start.astimezone(HERE).date() == date(2026, 8, 11)

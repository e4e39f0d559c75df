"""No path signs what was not approved, edits what is signed, or approves what it did not read."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, Refusal
from govgrid.meetings.actions import minutes as verbs
from govgrid.meetings.actions import room
from govgrid.meetings.actions.wording import Annex, Edits, Words, set_house, write
from govgrid.meetings.drafting import drafted
from govgrid.meetings.models import Meeting, Minutes, MinutesStage, Reviewer
from govgrid.meetings.papers.from_record import document_of
from govgrid.meetings.queries.minutes import house_of
from govgrid.meetings.queries.seen import agenda, load_meeting
from govgrid.meetings.record import Record, record_hash
from govgrid.meetings.rules.minutes import standing
from govgrid.settings import Settings
from tests import build
from tests.build import City
from tests.conftest import NOW, SECRET
from tests.meetings.held import held, liaison, newest, secretary, signed, unit_of

NO_EDITS: dict[int, str] = {}


def content(record: Record) -> str:
    """Return the hash of what a record says, apart from what only reviewing and signing add."""
    return record_hash({k: v for k, v in record.items() if k not in {"approvals", "code"}})


@dataclass
class World:
    """One meeting's minutes, and what was true of them."""

    database: Database
    meeting: int
    people: dict[str, Actor]
    at: datetime = NOW
    seen: dict[int, tuple[object, ...]] = field(default_factory=dict)
    approved: dict[int, str] = field(default_factory=dict)

    def step(self, verb: str, who: str, text: str) -> None:
        """Do it in a transaction of its own; a refusal undoes it."""
        self.at += timedelta(minutes=1)
        with suppress(Refusal), self.database.writing() as db:
            meeting = load_meeting(db, self.meeting)
            STEPS[verb](db, self.people[who], meeting, text, self.at)
        self.look()

    def look(self) -> None:
        """Hold what must be true after every step."""
        with self.database.reading() as db:
            meeting = load_meeting(db, self.meeting)
            found = db.scalars(
                select(Minutes)
                .where(Minutes.meeting_id == self.meeting)
                .order_by(Minutes.number)
                .options(selectinload(Minutes.approvals), selectinload(Minutes.signer))
            ).all()
            for one in found:
                self._approvals(db, meeting, one)
                self._signed(one)
            assert set(self.seen) <= {one.id for one in found}
            assert [one.number for one in found] == list(range(1, len(found) + 1))
            assert all(one.stage is MinutesStage.SIGNED for one in found[:-1])

    def _approvals(self, db: Session, meeting: Meeting, one: Minutes) -> None:
        given = standing(one)
        if one.stage is MinutesStage.DRAFT:
            assert not given
            return
        says = content(drafted(db, meeting, one))
        for approval in given.values():
            assert self.approved.setdefault(approval.id, says) == says
        assert len({approval.officer_id for approval in given.values()}) == len(given)

    def _signed(self, one: Minutes) -> None:
        if one.stage is not MinutesStage.SIGNED:
            assert one.record is None
            return
        assert set(standing(one)) == set(Reviewer)
        assert one.record_hash == record_hash(one.record or {})
        kept = (one.record_hash, one.code, one.signed_at, one.signer_id)
        assert self.seen.setdefault(one.id, kept) == kept


def _note(db: Session, actor: Actor, meeting: Meeting, text: str, at: datetime) -> None:
    item = agenda(db, meeting)[0]
    room.write_notes(db, actor, meeting, item, text, item.version, at=at)


def _words(db: Session, actor: Actor, meeting: Meeting, text: str, at: datetime) -> None:
    minutes = newest(db, meeting)
    edits = Edits("", NO_EDITS, {0: text}, NO_EDITS, NO_EDITS, {})
    words = Words(opening=text, annexes=[Annex("附件", text)])
    write(
        db, actor, meeting, minutes, words, minutes.version, at=at,
        edits=edits if minutes.number > 1 else None,
    )  # fmt: skip


def _submit(db: Session, actor: Actor, meeting: Meeting, _text: str, at: datetime) -> None:
    verbs.submit(db, actor, meeting, newest(db, meeting), agenda(db, meeting), at=at)


def _approve(reviewer: Reviewer) -> Callable[..., None]:
    def act(db: Session, actor: Actor, meeting: Meeting, _text: str, at: datetime) -> None:
        verbs.approve(db, actor, meeting, newest(db, meeting), reviewer, at=at)

    return act


def _send_back(db: Session, actor: Actor, meeting: Meeting, text: str, at: datetime) -> None:
    verbs.send_back(db, actor, meeting, newest(db, meeting), text, at=at)


def _sign(db: Session, actor: Actor, meeting: Meeting, _text: str, at: datetime) -> None:
    verbs.sign(db, actor, meeting, newest(db, meeting), at=at, tell=False)


def _correct(db: Session, actor: Actor, meeting: Meeting, text: str, _at: datetime) -> None:
    verbs.correct(db, actor, meeting, newest(db, meeting), text)


def _drop(db: Session, actor: Actor, meeting: Meeting, _text: str, _at: datetime) -> None:
    verbs.drop_correction(db, actor, meeting, newest(db, meeting))


STEPS: dict[str, Callable[..., None]] = {
    "note": _note,
    "words": _words,
    "submit": _submit,
    "convenor": _approve(Reviewer.CONVENOR),
    "street": _approve(Reviewer.STREET),
    "send_back": _send_back,
    "sign": _sign,
    "correct": _correct,
    "drop": _drop,
}
# The way through is likely enough that most paths sign something and then try to change it.
ONWARD = [
    ("submit", "zhou"),
    ("street", "sun"),
    ("sign", "zhou"),
    ("correct", "zhou"),
    ("words", "zhou"),
]
PATH = st.lists(
    st.one_of(
        st.sampled_from(ONWARD),
        st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(["zhou", "sun", "lin", "wang"])),
    ),
    min_size=6,
    max_size=16,
)


def people(db: Session, city: City) -> dict[str, Actor]:
    return {
        "zhou": secretary(db, city),
        "sun": liaison(db, city),
        "lin": build.actor(db, city.next_secretary, Role.SECRETARY, city.next_community),
        "wang": build.actor(db, city.grid_leader, Role.GRID_LEADER, city.grid),
    }


@pytest.fixture(scope="module")
def begun(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int, dict[str, Actor]]:
    """Lay out a held meeting once; each path starts from a copy."""
    path = tmp_path_factory.mktemp("minutes") / "begun.db"
    shutil.copy(sqlite_template, path)
    database = Database(Settings(database_url=f"sqlite:///{path}", secret=SECRET))
    with database.writing() as db:
        city = build.small_city(db)
        unit = unit_of(db, city.community, city.compound)
        meeting = held(db, unit, city.secretary, city.grid_leader)
        actors = people(db, city)
        number = meeting.id
    database.close()
    database.engine.dispose()
    return path, number, actors


@given(PATH)
@settings(max_examples=10)
def test_no_path_changes_what_is_signed_or_signs_what_nobody_approved(
    begun: tuple[Path, int, dict[str, Actor]], path: list[tuple[str, str]]
) -> None:
    source, number, actors = begun
    copy = source.with_name("path.db")
    shutil.copy(source, copy)
    database = Database(Settings(database_url=f"sqlite:///{copy}", secret=SECRET))
    world = World(database, number, actors)
    for place, (verb, who) in enumerate(path):
        world.step(verb, who, f"第{place}次修改")
    database.close()
    database.engine.dispose()
    for left in source.parent.glob("path.db*"):
        left.unlink()


@pytest.fixture
def city(database: Database) -> Iterator[tuple[Session, City, Meeting]]:
    with database.writing() as db:
        place = build.small_city(db)
        unit = unit_of(db, place.community, place.compound)
        yield db, place, held(db, unit, place.secretary, place.grid_leader)


def test_an_edit_retracts_both_approvals_and_they_stay_on_record(
    city: tuple[Session, City, Meeting], at: datetime
) -> None:
    db, place, meeting = city
    zhou, sun, minutes = secretary(db, place), liaison(db, place), newest(db, meeting)
    verbs.submit(db, zhou, meeting, minutes, agenda(db, meeting), at=at)
    verbs.approve(db, sun, meeting, minutes, Reviewer.STREET, at=at)
    assert list(standing(minutes)) == [Reviewer.CONVENOR, Reviewer.STREET]
    _note(db, zhou, meeting, "改过的记录", at)
    assert minutes.stage is MinutesStage.DRAFT
    assert [(a.name, a.retracted_by) for a in minutes.approvals] == [
        ("周书记", "周书记"), ("孙联络", "周书记"),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        verbs.sign(db, zhou, meeting, minutes, at=at)
    verbs.submit(db, zhou, meeting, minutes, agenda(db, meeting), at=at)
    with pytest.raises(Conflict, match="街道审核"):
        verbs.sign(db, zhou, meeting, minutes, at=at)


def test_who_may_approve_what(city: tuple[Session, City, Meeting], at: datetime) -> None:
    db, place, meeting = city
    who, minutes = people(db, place), newest(db, meeting)
    verbs.submit(db, who["sun"], meeting, minutes, agenda(db, meeting), at=at)
    assert standing(minutes) == {}  # handed in by another than the convenor
    for name, reviewer in (("wang", Reviewer.CONVENOR), ("zhou", Reviewer.STREET), ("lin", Reviewer.CONVENOR)):  # fmt: skip
        with pytest.raises(Forbidden):
            verbs.approve(db, who[name], meeting, minutes, reviewer, at=at)
    verbs.approve(db, who["zhou"], meeting, minutes, Reviewer.CONVENOR, at=at)
    with pytest.raises(Conflict):
        verbs.approve(db, who["zhou"], meeting, minutes, Reviewer.CONVENOR, at=at)
    verbs.approve(db, who["sun"], meeting, minutes, Reviewer.STREET, at=at)
    with pytest.raises(Forbidden):
        verbs.sign(db, who["wang"], meeting, minutes, at=at)


def test_one_person_does_not_approve_twice(
    city: tuple[Session, City, Meeting], at: datetime
) -> None:
    db, place, meeting = city
    meeting.convenor_id = place.liaison.id
    sun, minutes = liaison(db, place), newest(db, meeting)
    verbs.submit(db, sun, meeting, minutes, agenda(db, meeting), at=at)
    assert list(standing(minutes)) == [Reviewer.CONVENOR]
    with pytest.raises(Forbidden, match="同一个人"):
        verbs.approve(db, sun, meeting, minutes, Reviewer.STREET, at=at)


def test_a_correction_is_a_new_version_that_says_what_changed(
    city: tuple[Session, City, Meeting], at: datetime
) -> None:
    db, place, meeting = city
    zhou, first = secretary(db, place), signed(db, place, meeting, at)
    kept = first.record_hash
    made = verbs.correct(db, zhou, meeting, first, "地点写错。")
    assert (made.number, made.issue) == (2, first.issue)
    with pytest.raises(Invalid, match="没有差别"):
        verbs.submit(db, zhou, meeting, made, [], at=at)
    with pytest.raises(Conflict, match="已有一个更正版"):
        verbs.correct(db, zhou, meeting, made, "再改")
    edits = Edits("三楼会议室", NO_EDITS, {0: "补充记录"}, NO_EDITS, NO_EDITS, {})
    words = Words(copied_to="、".join((made.draft or {})["copied_to"]))  # type: ignore[arg-type]
    write(db, zhou, meeting, made, words, made.version, at=at, edits=edits)
    second = signed(db, place, meeting, at)
    assert (second.id, first.record_hash) == (made.id, kept)
    assert second.code != first.code
    said = document_of(second.record or {}, "http://x", "m@x").correction
    assert said.startswith("本纪要为第2版，更正2026年11月23日签发的第1版")
    assert "更正内容：地点、议题1的讨论意见；更正原因：地点写错" in said
    assert document_of(first.record or {}, "http://x", "m@x").correction == ""


def test_what_was_handed_in_is_what_is_signed(
    city: tuple[Session, City, Meeting], at: datetime
) -> None:
    """An action item that is closed meanwhile, or a renamed room, changes nothing."""
    db, place, meeting = city
    zhou, minutes = secretary(db, place), newest(db, meeting)
    verbs.submit(db, zhou, meeting, minutes, agenda(db, meeting), at=at)
    says = content(drafted(db, meeting, minutes))
    meeting.venue.name = "别的会议室"
    db.flush()
    verbs.approve(db, liaison(db, place), meeting, minutes, Reviewer.STREET, at=at)
    verbs.sign(db, zhou, meeting, minutes, at=at, tell=False)
    assert content(minutes.record or {}) == says
    approvals = [(a["role"], a["name"]) for a in (minutes.record or {})["approvals"]]  # type: ignore[attr-defined]
    assert approvals == [("召集人审核", "周书记"), ("街道审核", "孙联络"), ("签发", "周书记")]


def test_the_house_s_style_is_the_nearest_one_field_by_field(
    city: tuple[Session, City, Meeting], at: datetime
) -> None:
    db, place, meeting = city
    sun, zhou = liaison(db, place), secretary(db, place)
    set_house(db, sun, place.street, {"masthead": "{街道}议事纪要", "street_review": False}, 0)
    set_house(db, zhou, place.community, {"body": "{社区}党委", "red_rule": False}, 0)
    house = house_of(db, place.community.path)
    assert (house.body, house.masthead) == ("{社区}党委", "{街道}议事纪要")
    assert (house.red_rule, house.street_review) == (False, False)
    assert house_of(db, place.far_community.path).masthead == "{社区}联席会议纪要"
    with pytest.raises(Conflict):
        set_house(db, sun, place.street, {}, 0)
    for wrong in ("{小区}纪要", "{社区纪要", "纪要}"):
        with pytest.raises(Invalid):
            set_house(db, zhou, place.community, {"masthead": wrong}, 1)
    minutes = newest(db, meeting)
    verbs.submit(db, zhou, meeting, minutes, agenda(db, meeting), at=at)
    verbs.sign(db, zhou, meeting, minutes, at=at, tell=False)  # the street need not approve
    document = document_of(minutes.record or {}, "http://x", "m@x")
    assert (document.house.masthead, document.house.body) == ("江桥街道议事纪要", "锦江社区党委")
    assert not document.house.red_rule

"""Votes by persons and floor area, deadlines in working days, quorum by role, clocks, pictures."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from govgrid.access import Role
from govgrid.errors import Invalid
from govgrid.meetings.models import Attendance, Attendee, ItemTime, VoteRule
from govgrid.meetings.rules.deadlines import deadline_of
from govgrid.meetings.rules.follow_up import MOST_BYTES, picture_of, pictures_of
from govgrid.meetings.rules.room import quorum_of, used
from govgrid.meetings.rules.votes import Ballot, Share, checked, stated
from govgrid.workdays.calendar import built_in
from tests.build import clock

CALENDAR = built_in()
MEETS = date(2026, 9, 22)  # a Tuesday; 25 to 27 September are off, as are 1 to 7 October

shares = some.builds(Share, some.integers(0, 300), some.integers(0, 30_000))


def ballot(rule: VoteRule, yes: Share, no: Share, abstained: Share, *, rest: Share) -> Ballot:
    parts = (yes, no, abstained, rest)
    whole = Share(sum(p.persons for p in parts), sum(p.area for p in parts))
    return Ballot(rule, whole, yes, no, abstained)


@given(some.sampled_from(VoteRule), shares, shares, shares, shares)
def test_a_vote_passes_by_the_law(
    rule: VoteRule, yes: Share, no: Share, abstained: Share, rest: Share
) -> None:
    found = ballot(rule, yes, no, abstained, rest=rest)
    part, whole = found.took_part, found.whole

    def share(one: int, of: int) -> Fraction:
        return Fraction(one, of) if of else Fraction(1)

    if rule is VoteRule.MEMBERS:
        expected = share(yes.persons, whole.persons) > Fraction(1, 2)
    else:
        took = min(share(part.persons, whole.persons), share(part.area, whole.area))
        said = [share(yes.persons, part.persons), share(yes.area, part.area)]
        more = min(said) > Fraction(1, 2) and part.persons > 0 and part.area > 0
        most = min(said) >= Fraction(3, 4)
        expected = took >= Fraction(2, 3) and (more if rule is VoteRule.OWNERS else most)
    assert found.passed is (expected and yes.persons > 0)
    assert ("表决通过。" in stated("换电梯", found)) is found.passed


def test_two_thirds_and_three_quarters_include_the_number_itself() -> None:
    yes, no = Share(150, 15_000), Share(50, 5_000)
    exact = ballot(VoteRule.OWNERS_SPECIAL, yes, no, Share(0), rest=Share(100, 10_000))
    assert exact.passed
    assert "业主 300 人、300 平方米，参与表决 200 人、200 平方米" in stated("改造", exact)
    half = ballot(VoteRule.OWNERS, Share(100, 9_000), Share(100, 9_000), Share(0), rest=Share(0))
    assert not half.passed
    apart = ballot(VoteRule.OWNERS, Share(150, 8_000), Share(50, 9_000), Share(0), rest=Share(0))
    assert not apart.passed  # most of the owners, the smaller part of the area


def test_impossible_figures_are_refused() -> None:
    more = Ballot(VoteRule.OWNERS, Share(10, 100), Share(8, 90), Share(3, 20), Share(0))
    without = Ballot(VoteRule.OWNERS, Share(10, 100), Share(8, 0), Share(0), Share(0))
    nobody = Ballot(VoteRule.MEMBERS, Share(0), Share(0), Share(0), Share(0))
    for wrong in (more, without, nobody):
        with pytest.raises(Invalid):
            checked(wrong)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("5个工作日", date(2026, 9, 30)),  # over three days off
        ("5 个工作日内", date(2026, 9, 30)),
        (" 7 working days ", date(2026, 10, 9)),
        ("1工作日", date(2026, 9, 23)),
        ("2026-09-26", date(2026, 9, 28)),  # a rest day passes to the next working day
        ("2026-10-10", date(2026, 10, 10)),  # a Saturday that is worked
        ("2026-09-22", MEETS),
    ],
)
def test_deadlines_are_working_days(written: str, day: date) -> None:
    assert deadline_of(written, MEETS, CALENDAR) == day


@pytest.mark.parametrize(
    "written", ["2026-09-21", "0个工作日", "999个工作日", "月底", "2026-13-01"]
)
def test_what_is_no_deadline_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        deadline_of(written, MEETS, CALENDAR)


@given(some.dates(date(2026, 1, 1), date(2026, 11, 30)), some.integers(1, 20))
def test_so_many_working_days_lie_between(since: date, days: int) -> None:
    found = deadline_of(f"{days}个工作日", since, CALENDAR)
    between = (since + timedelta(days=n) for n in range(1, (found - since).days + 1))
    assert sum(CALENDAR.is_workday(day) for day in between) == days
    assert CALENDAR.is_workday(found)


def test_the_quorum_counts_by_role_and_by_the_share_set() -> None:
    def seat(role: Role, word: Attendance | None) -> Attendee:
        return Attendee(role=role, attendance=word, required=True, observer=False)

    people = [
        seat(Role.SECRETARY, Attendance.PRESENT),
        seat(Role.GRID_LEADER, Attendance.SUBSTITUTE),
        seat(Role.MICRO_GRID_MEMBER, Attendance.ABSENT),
        seat(Role.MICRO_GRID_MEMBER, None),
        Attendee(role=Role.POLICE, attendance=Attendance.PRESENT, required=False, observer=True),
    ]
    found = quorum_of(people, 50)
    assert (found.there, found.required, found.needed, found.held) == (2, 4, 3, False)
    assert [(r.role, r.there, r.required) for r in found.roles] == [
        (Role.SECRETARY, 1, 1), (Role.GRID_LEADER, 1, 1), (Role.MICRO_GRID_MEMBER, 0, 2),
    ]  # fmt: skip
    assert quorum_of(people, 34).held
    assert not quorum_of([], 50).held


def test_an_item_may_be_heard_twice() -> None:
    def heard(item: int, start: str, stop: str | None) -> ItemTime:
        def moment(text: str) -> datetime:
            return clock(f"2026-12-08 {text}")

        end = moment(stop) if stop else None
        return ItemTime(agenda_item_id=item, started_at=moment(start), stopped_at=end)

    times = [heard(1, "09:00", "09:05"), heard(2, "09:05", "09:15"), heard(1, "09:15", None)]
    assert used(times, at=clock("2026-12-08 09:16")) == {1: 360, 2: 600}


def test_pictures_go_by_their_first_bytes_and_have_a_cap() -> None:
    assert picture_of(b"\xff\xd8\xff\xe0rest").media_type == "image/jpeg"
    assert picture_of(b"\x89PNG\r\n\x1a\nrest").media_type == "image/png"
    assert picture_of(b"RIFF\x00\x00\x00\x00WEBPrest").media_type == "image/webp"
    wrong = [b"<svg onload=alert(1)>", b"%PDF-1.7", b"", b"\xff\xd8\xff" + b"x" * MOST_BYTES]
    for data in wrong:
        with pytest.raises(Invalid):
            picture_of(data)
    with pytest.raises(Invalid):
        pictures_of([b"\xff\xd8\xff"] * 5)

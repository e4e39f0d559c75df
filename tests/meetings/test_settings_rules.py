"""What settings come to, and what contradicts itself: pure rules."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.access import Role
from govgrid.errors import Invalid
from govgrid.meetings.models import Kind, Part, Scope
from govgrid.meetings.rules import slots
from govgrid.meetings.rules.settings import (
    DEFAULT,
    Book,
    Layer,
    Saying,
    contradictions,
    open_days,
    resolve,
    workless,
)
from govgrid.workdays import built_in
from tests.build import clock

CALENDAR = built_in()


def book(**says: Saying) -> Book:
    return Book(Kind.JOINT, {int(key[1:]): said for key, said in says.items()})


def wrong(**values: Any) -> set[str]:
    return {field for field, _why in contradictions(resolve(Kind.JOINT, [Layer("甲", values)]))}


def test_the_nearest_that_speaks_wins_and_is_named() -> None:
    known = book(
        a1=Saying("江桥街道", {"minutes_long": 90, "window_to": 20, "roster": {"street_liaison": "none"}}),
        a2=Saying("锦江社区", {"window_to": 25, "roster": {"community_police": "optional"}}),
    )  # fmt: skip
    setup = known.setup(2, [1], Layer("锦和苑", {"evenings": True}))
    assert (setup.minutes_long, setup.window_to, setup.evenings) == (90, 25, True)
    who = setup.sources
    assert (who["minutes_long"], who["window_to"], who["evenings"]) == (
        "江桥街道",
        "锦江社区",
        "锦和苑",
    )
    assert (who["starts"], who["roster.grid_leader"]) == (DEFAULT, DEFAULT)
    assert setup.part(Role.POLICE) is Part.OPTIONAL
    assert setup.part(Role.LIAISON) is Part.NONE
    assert setup.part(Role.SECRETARY) is Part.REQUIRED


def test_an_area_like_another_takes_its_word_before_that_of_the_street() -> None:
    known = book(
        a1=Saying("街道", {"minutes_long": 90, "quorum": 66}),
        a2=Saying("甲社区", {"quorum": 70}, like_id=3),
        a3=Saying("乙社区", {"minutes_long": 45}),
    )
    setup = known.setup(2, [1])
    assert (setup.minutes_long, setup.quorum) == (45, 70)


def test_likeness_in_a_circle_is_refused_with_the_circle() -> None:
    known = book(a1=Saying("甲", {}, like_id=2), a2=Saying("乙", {}, like_id=1))
    with pytest.raises(Invalid, match="甲 → 乙 → 甲"):
        known.setup(1, [])


def test_contradictions_name_the_field() -> None:
    assert wrong() == set()
    assert wrong(window_from=20, window_to=10) == {"window_to"}
    assert wrong(starts=[1140]) == {"starts"}  # evenings only, and none are held
    assert wrong(starts=[1140], evenings=True) == set()
    assert wrong(starts=[300]) == {"starts"}
    assert wrong(starts=[1260], minutes_long=90, evenings=True) == {"starts"}
    assert wrong(preferred=[[6, "am"]]) == {"preferred"}
    assert wrong(preferred=[[6, "am"]], weekends=True) == set()
    assert wrong(preferred=[[2, "eve"]]) == {"preferred"}
    nobody = {"community_secretary": "none", "grid_leader": "optional"}
    assert wrong(roster=nobody) == {"roster.community_secretary"}
    owners = resolve(Kind.OWNERS, [Layer("甲", {"scope": Scope.COMMUNITY})])
    assert {field for field, _why in contradictions(owners)} == {"scope"}


def test_a_window_of_no_working_day_is_found() -> None:
    setup = resolve(Kind.JOINT, [Layer("甲", {"window_from": 1, "window_to": 7})])
    assert workless(setup, [date(2026, 9, 1)], CALENDAR) is None
    assert workless(setup, [date(2026, 9, 1), date(2026, 10, 1)], CALENDAR) == date(2026, 10, 1)


def test_make_up_days_are_worked_and_decreed_rest_days_never() -> None:
    plain = resolve(Kind.JOINT, [])
    open_ = resolve(Kind.JOINT, [Layer("甲", {"weekends": True})])
    feb = date(2026, 2, 1)
    assert date(2026, 2, 14) in open_days(plain, feb, CALENDAR)  # a Saturday worked
    assert date(2026, 2, 15) not in open_days(open_, feb, CALENDAR)  # a Sunday decreed off
    assert date(2026, 2, 7) in open_days(open_, feb, CALENDAR)
    assert date(2026, 2, 7) not in open_days(plain, feb, CALENDAR)


def test_slots_follow_the_settings() -> None:
    setup = resolve(Kind.JOINT, [Layer("甲", {"window_to": 4, "starts": [540, 1140]})])
    found = slots(date(2026, 12, 1), setup, CALENDAR, clock("2026-12-01 10:00"))
    assert [s.start for s in found] == [clock(f"2026-12-0{n} 09:00") for n in (2, 3, 4)]


@given(members=st.integers(0, 60), share=st.integers(0, 99))
def test_more_than_the_share_must_come(members: int, share: int) -> None:
    setup = resolve(Kind.JOINT, [Layer("甲", {"quorum": share})])
    fewest = setup.fewest(members)
    assert fewest <= members
    assert not members or fewest * 100 > members * share
    assert not members or (fewest - 1) * 100 <= members * share

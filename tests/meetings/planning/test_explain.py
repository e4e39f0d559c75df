"""Reasons name the right people and meetings; ways out work when they are taken."""

from govgrid.meetings.planning.explain import explain
from govgrid.meetings.planning.instance import (
    Base,
    DayKind,
    Instance,
    Quorum,
    Reason,
    ReasonKind,
    Span,
    Way,
    WayKind,
)
from govgrid.meetings.planning.solve import solve
from govgrid.meetings.planning.ways import applied
from tests.meetings.planning.build import at, away, instance, meeting
from tests.meetings.planning.judge import judged

WEEK = range(2, 7)


def mornings(*days: int) -> tuple[Span, ...]:
    return tuple(Span(at(day, "0:00"), at(day, "12:00")) for day in days)


def afternoons(*days: int) -> tuple[Span, ...]:
    return tuple(Span(at(day, "12:00"), at(day, "18:00")) for day in days)


def told(month: Instance, id_: str) -> tuple[Reason, ...]:
    """Explain a meeting, and take every way out to see that it works."""
    plan = solve(month, seconds=20)
    reasons = explain(month, plan)
    assert reasons.keys() == plan.unplanned.keys()
    for way in (way for one in reasons.values() for reason in one for way in reason.ways):
        works(month, way, len(plan.assign))
    return reasons[id_]


def works(month: Instance, way: Way, held: int) -> None:
    taken = applied(month, way)
    plan = solve(taken, seconds=20)
    assert not judged(taken, plan)["hard"]
    assert way.meeting in plan.assign
    assert len(plan.assign) > held


def test_somebody_is_away_all_the_time() -> None:
    month = instance(
        [meeting("M1"), meeting("M2", required=("leader-M2",))],
        busy={"police-1": away(*WEEK), "police-2": ()},
    )
    (reason,) = told(month, "M1")
    assert (reason.kind, reason.people) == (ReasonKind.NO_FREE_SLOT, ("police-1",))
    assert reason.days == (2, 3, 4, 5, 6)
    assert "11月2日至11月6日" in reason.text
    kinds = {way.kind for way in reason.ways}
    assert kinds >= {WayKind.SUBSTITUTE, WayKind.LIFT, WayKind.WINDOW}
    (substitute,) = (way for way in reason.ways if way.kind is WayKind.SUBSTITUTE)
    assert (substitute.person, substitute.by) == ("police-1", "police-2")


def test_two_people_never_meet() -> None:
    busy = {"leader-M1": mornings(*WEEK), "police-1": afternoons(*WEEK)}
    (reason,) = told(instance([meeting("M1")], busy=busy), "M1")
    assert reason.kind is ReasonKind.TWO_PEOPLE_NEVER_MEET
    assert set(reason.people) == {"leader-M1", "police-1"}
    assert any(way.kind is WayKind.ALLOW for way in reason.ways)


def test_each_pair_that_never_meets_is_told() -> None:
    row = meeting("M1", required=("leader-M1", "police-1", "pm-1"))
    busy = {
        "leader-M1": mornings(*WEEK),
        "police-1": afternoons(*WEEK),
        "pm-1": afternoons(*WEEK),
    }
    pairs = [set(reason.people) for reason in told(instance([row], busy=busy), "M1")]
    assert pairs == [{"leader-M1", "police-1"}, {"leader-M1", "pm-1"}]


def test_three_together_leave_no_slot() -> None:
    row = meeting("M1", required=("leader-M1", "police-1", "pm-1"))
    busy = {"leader-M1": away(2, 3), "police-1": away(4, 5), "pm-1": away(6)}
    (reason,) = told(instance([row], busy=busy), "M1")
    assert reason.kind is ReasonKind.NO_FREE_SLOT
    assert set(reason.people) == {"leader-M1", "police-1", "pm-1"}


def test_a_quorum_that_is_never_met_names_who_is_away() -> None:
    row = meeting("M1", quorum=Quorum(("micro-1", "micro-2", "micro-3"), 2))
    busy = {"micro-1": away(*WEEK), "micro-2": away(*WEEK)}
    (reason,) = told(instance([row], busy=busy), "M1")
    assert (reason.kind, set(reason.people)) == (ReasonKind.NO_FREE_SLOT, {"micro-1", "micro-2"})
    assert "不足 2 人" in reason.text


def test_a_room_that_is_taken_all_the_time() -> None:
    month = instance([meeting("M1")], rooms_busy={"room-M1": away(*WEEK), "room-2": ()})
    (reason,) = told(month, "M1")
    assert (reason.kind, reason.venue) == (ReasonKind.VENUE_FULL, "room-M1")
    assert any(way.venue == "room-2" for way in reason.ways)


def test_a_room_with_more_meetings_than_slots() -> None:
    rows = [
        meeting(
            f"M{n}", venue="hall", required=(f"leader-{n}",), convenor=f"leader-{n}", window=(2, 2)
        )
        for n in range(5)
    ]
    month = instance(rows, rooms_busy={"hall": (), "annex": ()})
    plan = solve(month, seconds=20)
    (out,) = plan.unplanned
    (reason,) = told(month, out)
    assert (reason.kind, reason.venue) == (ReasonKind.VENUE_FULL, "hall")
    assert set(reason.meetings) == {f"M{n}" for n in range(5)}


def crowd() -> Instance:
    """Return five meetings of one officer on one day with four slots, and one elsewhere."""
    rows = [meeting(f"M{n}", window=(2, 2)) for n in range(5)]
    return instance([*rows, meeting("N1", required=("leader-N1",))], busy={"police-2": ()})


def test_a_conflict_set_is_minimal_and_names_who_is_shared() -> None:
    month = crowd()
    (out,) = solve(month, seconds=20).unplanned
    (reason,) = told(month, out)
    assert reason.kind is ReasonKind.CONFLICT_SET
    assert reason.people == ("police-1",)
    assert set(reason.meetings) == {f"M{n}" for n in range(5)}
    assert {WayKind.ALLOW, WayKind.SUBSTITUTE, WayKind.WINDOW} <= {w.kind for w in reason.ways}


def test_a_way_may_move_other_meetings() -> None:
    """M1 needs the morning that M2 holds; a second morning frees M2's place."""
    rows = [
        meeting("M1", window=(2, 2), required=("leader-1", "police-1")),
        meeting("M2", window=(2, 3), required=("leader-2", "police-1")),
    ]
    busy = {
        "leader-1": (*afternoons(2), Span(at(2, "10:00"), at(2, "12:00"))),
        "leader-2": (*afternoons(2, 3), Span(at(2, "10:00"), at(2, "12:00")), *mornings(3)),
    }
    month = instance(rows, busy=busy)
    plan = solve(month, seconds=20)
    (out,) = plan.unplanned
    reasons = told(month, out)
    assert reasons[0].kind is ReasonKind.CONFLICT_SET
    assert set(reasons[0].meetings) == {"M1", "M2"}
    assert reasons[0].ways


def test_confirmed_meetings_do_not_give_way() -> None:
    month = instance([meeting("M1", window=(2, 2)), meeting("M2", window=(2, 3))])
    day = {"leader-M1": (*afternoons(2), Span(at(2, "10:00"), at(2, "12:00")))}
    month = instance(month.meetings.values(), busy=day)
    base = Base({"M2": at(2, "9:00")}, frozenset({"M2"}))
    plan = solve(month, seconds=20, base=base)
    (reason,) = explain(month, plan, base=base)["M1"]
    assert reason.kind is ReasonKind.CONFLICT_SET
    assert set(reason.meetings) == {"M1", "M2"}


def test_names_stand_in_place_of_ids() -> None:
    month = instance([meeting("M1")], busy={"police-1": away(*WEEK)})
    reasons = explain(month, solve(month, seconds=20), names={"police-1": "张警官"})
    assert "张警官 11月2日至11月6日有安排" in reasons["M1"][0].text


def test_without_time_the_reason_says_so() -> None:
    month = crowd()
    plan = solve(month, seconds=20)
    (out,) = plan.unplanned
    (reason,) = explain(month, plan, stop=lambda: True)[out]
    assert reason.kind is ReasonKind.NOT_FOUND
    assert "限定时间" in reason.text


def test_a_day_kind_is_offered_only_where_it_helps() -> None:
    month = instance([meeting("M1", window=(2, 8))], busy={"police-1": away(*WEEK)})
    (reason,) = told(month, "M1")
    assert [way.allow for way in reason.ways if way.allow] == [DayKind.WEEKEND]


def test_a_window_without_a_slot_is_told_and_widened() -> None:
    """The exchange form refuses such a window; values from elsewhere must not pass in silence."""
    month = instance([meeting("M1", window=(7, 7))])  # a Saturday
    (reason,) = told(month, "M1")
    assert reason.kind is ReasonKind.NO_FREE_SLOT
    assert "没有允许开会的日子" in reason.text
    assert {WayKind.ALLOW, WayKind.WINDOW} <= {way.kind for way in reason.ways}

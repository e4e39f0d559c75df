"""The exchange form: back and forth unchanged, and refusals that say what and where."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from govgrid.errors import Invalid
from govgrid.meetings.planning.exchange import (
    read_base,
    read_instance,
    write_instance,
    write_plan,
)
from govgrid.meetings.planning.instance import (
    DayKind,
    HalfDay,
    Instance,
    Part,
    Plan,
    Previous,
    Quorum,
    Reason,
    ReasonKind,
)
from tests.meetings.planning.build import at, away, instance, liaison, meeting


@pytest.fixture
def small() -> Instance:
    first = meeting(
        "M1",
        optional=(liaison(),),
        quorum=Quorum(("micro-1", "micro-2"), 1),
        prev=Previous(3, 540),
        preferred=(HalfDay(2, Part.AM),),
    )
    return instance([first, meeting("M2")], busy={"police-1": away(3)})


def document(given: Instance) -> Any:
    return json.loads(write_instance(given))


def test_an_instance_comes_back_unchanged(small: Instance) -> None:
    assert read_instance(write_instance(small), "x.json") == small
    assert read_instance(gzip.compress(write_instance(small)), "x.json.gz") == small
    assert read_instance(b"\xef\xbb\xbf" + write_instance(small), "x.json") == small


WRONG: dict[str, tuple[Callable[[Any], object], str]] = {
    "schema": (lambda d: d.update(schema="other/1"), "schema：写法或取值不对"),
    "missing": (lambda d: d["meetings"][1].pop("venue"), "meetings[1].venue：缺少这一项"),
    "kind of number": (
        lambda d: d["meetings"][0].update(duration=60.5),
        "meetings[0].duration：应为整数",
    ),
    "not a list": (lambda d: d["people"][0].update(busy=5), "people[0].busy：应为列表"),
    "infinite": (lambda d: d["venues"][0].update(x=float("inf")), "venues[0].x"),
    "unknown person": (
        lambda d: d["meetings"][0]["required"].append("nobody"),
        "meetings[0]（M1）.required：没有这个人员",
    ),
    "unknown guest": (
        lambda d: d["meetings"][0]["optional"][0].update(person="nobody"),
        "meetings[0]（M1）.optional：没有这个人员",
    ),
    "unknown member": (
        lambda d: d["meetings"][0]["quorum"]["people"].append("nobody"),
        "meetings[0]（M1）.quorum.people：没有这个人员",
    ),
    "unknown room": (
        lambda d: d["meetings"][1].update(venue="nowhere"),
        "meetings[1]（M2）.venue：没有这个场地",
    ),
    "unknown grid": (lambda d: d["meetings"][1].update(grid="Z"), "（M2）.grid：没有这个时段表"),
    "window reversed": (lambda d: d["meetings"][0].update(window=[9, 3]), "（M1）.window"),
    "window outside": (lambda d: d["meetings"][0].update(window=[3, 99]), "（M1）.window"),
    "no working day": (
        lambda d: d["meetings"][0].update(window=[7, 8]),
        "（M1）.window：窗口内没有允许开会的日子和时段",
    ),
    "only evenings without one": (
        lambda d: (d["grids"].update(A=[540]), d["meetings"][0].update(allow=["evening"])),
        "窗口内没有允许开会的日子和时段",
    ),
    "quorum of more": (
        lambda d: d["meetings"][0]["quorum"].update(min=3),
        "quorum.min：多于可计入的人数",
    ),
    "twice": (lambda d: d["meetings"].append(d["meetings"][0]), "meetings[2].id：编号重复"),
    "busy backwards": (
        lambda d: d["people"][0].update(busy=[[60, 30]]),
        "people[0]（leader-M1）.busy：结束早于开始",
    ),
    "weekday": (lambda d: d["days"][4].update(dow=1), "days[4].dow：与日期的星期不符"),
    "gap": (lambda d: d["days"].pop(3), "days[3].date：日期不连续"),
    "negative weight": (lambda d: d["weights"].update(late_per_day=-1), "weights.late_per_day"),
    "weight too large": (
        lambda d: d["weights"].update(evening=2**62),
        "weights.evening：应在 0 至",
    ),
    "no rounding": (lambda d: d["travel"].update(round=0), "travel：应在 0 至 1440 之间"),
    "way too long": (lambda d: d["travel"].update(cap=2**62), "travel：应在 0 至 1440 之间"),
    "off the globe": (lambda d: d["venues"][0].update(x=1e308), "（room-M1）：坐标应在"),
    "busy for ages": (lambda d: d["people"][0].update(busy=[[0, 2**62]]), "busy：离当月太远"),
    "eighth weekday": (
        lambda d: d["meetings"][0].update(prev={"dow": 8, "start": 540}),
        "（M1）.prev：星期应为 1 至 7",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_instance_is_refused_with_what_and_where(case: str, small: Instance) -> None:
    change, said = WRONG[case]
    changed = document(small)
    change(changed)
    with pytest.raises(Invalid) as refused:
        read_instance(json.dumps(changed).encode(), "x.json")
    assert "x.json" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\x1f\x8b\x08broken", b"\xff\xfe", b"null"])
def test_what_is_no_instance_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match=r"x\.json"):
        read_instance(content, "x.json")


def test_several_faults_are_counted(small: Instance) -> None:
    changed = document(small)
    for row in changed["meetings"]:
        row["venue"] = "nowhere"
    with pytest.raises(Invalid, match="另有 1 处"):
        read_instance(json.dumps(changed).encode(), "x.json")


def test_a_base_is_a_plan_with_what_is_confirmed(small: Instance) -> None:
    content = json.dumps({"assign": {"M1": at(2, "9:00"), "gone": 5}, "confirmed": ["M1", "gone"]})
    base = read_base(content.encode(), "base.json", small)
    assert base.assign == {"M1": at(2, "9:00")}
    assert base.confirmed == {"M1"}
    outside = json.dumps({"assign": {"M1": 99_999_999}})
    with pytest.raises(Invalid, match="不在当月之内"):
        read_base(outside.encode(), "base.json", small)


def test_a_plan_is_written_sorted_and_without_what_is_not_set() -> None:
    reason = Reason(ReasonKind.NO_FREE_SLOT, ("police-1",), (2, 3), "忙")
    plan = Plan({"M2": 3, "M1": 4}, {"M1": ("b",)}, {"M3": (reason,)}, 1, 2, 0.5)
    written = json.loads(write_plan(plan))
    assert list(written["assign"]) == ["M1", "M2"]
    assert written["unplanned"]["M3"] == [
        {"kind": "no_free_slot", "people": ["police-1"], "days": [2, 3], "text": "忙"}
    ]
    assert "cut" not in written
    assert json.loads(write_plan(replace(plan, cut=True)))["cut"] is True


def test_weekend_only_is_no_contradiction() -> None:
    weekend = meeting("M1", window=(7, 8), allow=(DayKind.WEEKEND,))
    given = instance([weekend])
    assert read_instance(write_instance(given), "x.json") == given

"""Which change sends what to whom: the table of docs/letters.md against the pure function."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from govgrid.meetings.models import Stage
from govgrid.meetings.rules import MOVES
from govgrid.meetings.rules import letters as rules
from govgrid.meetings.rules.letters import Notice, Seat, Shown
from govgrid.settings import ROOT
from tests.build import clock

AT = clock("2026-11-23 09:00")
DIGEST = timedelta(minutes=10)
STAYS, ADDED, REMOVED, SILENT = 1, 2, 3, 4  # SILENT has no address
BEFORE = Shown(
    Stage.CONFIRMED, clock("2026-12-08 09:30"), clock("2026-12-08 10:30"), 5, 7,
    {
        STAYS: Seat("zhou@example.cn", due=True),
        REMOVED: Seat("wang@example.cn", due=True),
        SILENT: Seat("", due=True),
    },
)  # fmt: skip
HOUR = timedelta(hours=1)
MOVED = replace(BEFORE, start=BEFORE.start + HOUR, end=BEFORE.end + HOUR)
PLANNED = replace(BEFORE, stage=Stage.PLANNED)


def seated(meeting: Shown, *, added: bool = False, removed: bool = False) -> Shown:
    seats = dict(meeting.seats)
    if added:
        seats[ADDED] = Seat("sun@example.cn", due=True)
    if removed:
        seats[REMOVED] = replace(seats[REMOVED], due=False)
    return replace(meeting, seats=seats)


LATE = replace(BEFORE, start=AT - 2 * HOUR, end=AT - HOUR)
CHANGES: dict[str, tuple[Shown, Shown]] = {
    "saved without a change": (BEFORE, BEFORE),
    "planned anew or moved while planned": (PLANNED, replace(MOVED, stage=Stage.PLANNED)),
    "confirmed": (PLANNED, seated(BEFORE, added=True, removed=True)),
    "title, agenda or minutes changed": (BEFORE, BEFORE),
    "required made optional": (BEFORE, BEFORE),
    "somebody replied": (BEFORE, BEFORE),
    "one person added": (BEFORE, seated(BEFORE, added=True)),
    "one person removed": (BEFORE, seated(BEFORE, removed=True)),
    "post handed over": (BEFORE, seated(BEFORE, added=True, removed=True)),
    "moved to another time": (BEFORE, MOVED),
    "moved to another room": (BEFORE, replace(BEFORE, venue=6)),
    "moved, one added, one removed": (BEFORE, seated(MOVED, added=True, removed=True)),
    "cancelled": (BEFORE, replace(BEFORE, stage=Stage.CANCELLED)),
    "cancelled while planned": (PLANNED, replace(BEFORE, stage=Stage.CANCELLED)),
    "held": (BEFORE, replace(BEFORE, stage=Stage.HELD)),
    "moved after it ended": (LATE, replace(LATE, venue=6)),
}


def table() -> dict[str, list[str]]:
    changes = (ROOT / "docs" / "letters.md").read_text("utf-8").partition("\n# ")[0]
    lines = changes.splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return {row[0]: row[1:] for row in rows[2:]}


def test_the_table_names_these_changes_and_no_others() -> None:
    assert list(table()) == list(CHANGES)


@pytest.mark.parametrize("change", CHANGES)
def test_the_table_and_the_function_agree(change: str) -> None:
    before, after = CHANGES[change]
    told = rules.notices(before, after, at=AT)
    wait = rules.waits(before, after, DIGEST, at=AT)
    assert SILENT not in told
    if after.seats[REMOVED].due:
        assert told.pop(REMOVED, None) == told.get(STAYS), "one of those who stay"
    assert table()[change] == [
        *(told[n].value if n in told else "–" for n in (STAYS, ADDED, REMOVED)),
        {0: "same", 1: "+1"}[rules.sequence(before, after) - before.sequence],
        "asked again" if rules.asked_again(before, after) else "kept",
        "–" if not told else "yes" if wait else "no",
    ]


def test_nothing_waits_when_the_meeting_is_near() -> None:
    near = replace(BEFORE, start=AT + HOUR, end=AT + 2 * HOUR)
    assert rules.waits(near, MOVED, DIGEST, at=AT) == timedelta()
    assert rules.waits(MOVED, near, DIGEST, at=AT) == timedelta()
    assert rules.waits(BEFORE, MOVED, DIGEST, at=AT) == DIGEST


moments = st.integers(0, 40).map(lambda n: AT + (n - 10) * HOUR)
seats = st.dictionaries(
    st.integers(1, 6), st.builds(Seat, st.sampled_from(["", "a@example.cn"]), st.booleans())
)


@st.composite
def meetings(draw: st.DrawFn) -> Shown:
    start: datetime = draw(moments)
    return Shown(
        draw(st.sampled_from(list(Stage))), start, start + HOUR, draw(st.integers(1, 2)), 3,
        draw(seats),
    )  # fmt: skip


@given(meetings(), meetings())
def test_of_any_two_states(before: Shown, after: Shown) -> None:
    assume(after.stage is before.stage or after.stage in MOVES[before.stage])
    after = replace(after, seats={**before.seats, **after.seats})
    told = rules.notices(before, after, at=AT)
    if before == after:
        assert not told
        assert rules.sequence(before, after) == before.sequence
    if after.end <= AT or after.stage in {Stage.PLANNED, Stage.HELD}:
        assert not {n for n in told.values() if n.method == "REQUEST"}
    for number, notice in told.items():
        assert after.seats[number].address
        if notice is Notice.INVITE:
            assert after.seats[number].due
        else:
            assert before.stage is Stage.CONFIRMED
            assert before.seats[number].due
        if notice is not Notice.INVITE:
            assert rules.sequence(before, after) == before.sequence + 1

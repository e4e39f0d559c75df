"""The league table, and what follows for those below the thresholds."""

import pytest

from govgrid.cases.models import Sanction
from govgrid.cases.rules import Bar, Counts, proposal, ranked

GOOD = Counts(received=20, replied_in_time=20, closed=20, rated=10, satisfied=10)
FAIR = Counts(received=40, replied_in_time=30, closed=30, rated=4, satisfied=3)
ALIKE = Counts(received=20, replied_in_time=15, closed=15, rated=8, satisfied=6)
POOR = Counts(received=10, replied_in_time=1, closed=1, rated=1)
FEW = Counts(received=9, replied_in_time=9, closed=9)


def test_equal_companies_share_a_place_and_small_ones_stand_apart() -> None:
    rows = [("丁", POOR), ("丙", ALIKE), ("乙", FAIR), ("甲", GOOD), ("小", FEW), ("空", Counts())]
    league = ranked(rows, least=10)
    assert [(p.number, p.name) for p in league.placed] == [
        (1, "甲"), (2, "丙"), (2, "乙"), (4, "丁"),
    ]  # fmt: skip
    assert [name for name, _ in league.apart] == ["小", "空"]


def test_a_rate_without_a_denominator_places_nobody() -> None:
    league = ranked([("甲", GOOD), ("丁", FEW)], least=1, order="satisfaction")
    assert [p.name for p in league.placed] == ["甲"]
    assert [name for name, _ in league.apart] == ["丁"]


@pytest.mark.parametrize(
    ("counts", "kind", "points", "missed"),
    [
        (GOOD, None, 0, []),
        (FEW, None, 0, []),
        (Counts(received=20, replied_in_time=17, closed=20), Sanction.INTERVIEW, 0, ["response"]),
        (
            Counts(received=20, replied_in_time=17, closed=16),
            Sanction.CIRCULAR, 0, ["response", "completion"],
        ),
        (POOR, Sanction.CREDIT, 6, ["response", "completion", "satisfaction"]),
    ],
)  # fmt: skip
def test_what_follows_by_rule(
    counts: Counts, kind: Sanction | None, points: int, missed: list[str]
) -> None:
    found = proposal(counts, Bar())
    assert (found.kind if found else None) is kind
    if found:
        assert (found.points, [name for name, _rate, _asked in found.misses]) == (points, missed)


@pytest.mark.parametrize("asked", range(1, 101))
def test_a_rate_at_its_threshold_is_no_miss(asked: int) -> None:
    bar = Bar(response=asked, completion=0, satisfaction=0, report=0)
    assert proposal(Counts(received=100, replied_in_time=asked), bar) is None
    assert proposal(Counts(received=100, replied_in_time=asked - 1), bar) is not None

"""Who manages on a day, how a change follows, which terms contradict themselves."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.errors import Invalid
from govgrid.grid.models import OrganizationKind
from govgrid.oldcompounds.models import FeeUnit, Mode
from govgrid.oldcompounds.rules import (
    Share,
    Succession,
    Terms,
    clashes,
    contradictions,
    ends_soon,
    fitting_kind,
    mode_on,
    omissions,
    overlap,
    succeed,
    uncovered_since,
)

COMPANY = OrganizationKind.PROPERTY_COMPANY


def day(text: str) -> date:
    return date.fromisoformat(text)


def span(mode: Mode, since: str, until: str | None = None) -> Terms:
    return Terms(mode, day(since), day(until) if until else None)


EXPIRED = [span(Mode.PROFESSIONAL, "2025-01-01", "2025-12-31")]
ENDED = [span(Mode.CUSTODIAL, "2024-01-01", "2024-06-30"), span(Mode.NONE, "2024-09-01")]
NEVER = [span(Mode.NONE, "2020-01-01", "2020-12-31"), span(Mode.NONE, "2022-01-01")]


@pytest.mark.parametrize(
    ("history", "on", "mode", "since"),
    [
        (EXPIRED, "2024-12-31", Mode.NONE, None),
        (EXPIRED, "2025-01-01", Mode.PROFESSIONAL, None),
        (EXPIRED, "2025-12-31", Mode.PROFESSIONAL, None),
        (EXPIRED, "2026-01-01", Mode.NONE, "2026-01-01"),
        (EXPIRED, "2026-05-05", Mode.NONE, "2026-01-01"),
        (ENDED, "2024-08-01", Mode.NONE, "2024-07-01"),
        (ENDED, "2025-01-01", Mode.NONE, "2024-07-01"),
        (NEVER, "2019-01-01", Mode.NONE, None),
        (NEVER, "2023-01-01", Mode.NONE, "2020-01-01"),
        ([], "2026-01-01", Mode.NONE, None),
    ],
)
def test_the_last_day_is_covered_and_the_next_is_not(
    history: list[Terms], on: str, mode: Mode, since: str | None
) -> None:
    assert mode_on(history, day(on)) is mode
    assert uncovered_since(history, day(on)) == (day(since) if since else None)


@pytest.mark.parametrize(
    ("until", "soon"),
    [("2026-11-22", False), ("2026-11-23", True), ("2027-02-21", True), ("2027-02-22", False)],
)
def test_ends_soon_means_within_ninety_days(until: str, *, soon: bool) -> None:
    assert ends_soon(day(until), day("2026-11-23")) is soon
    assert not ends_soon(None, day("2026-11-23"))


@dataclass(frozen=True)
class Days:
    """A period by its days, for a calculation that knows no ranges."""

    mode: Mode
    since: date
    until: date | None

    @property
    def days(self) -> set[date]:
        end = self.until or day("2020-04-01")
        return {self.since + timedelta(n) for n in range((end - self.since).days + 1)}


periods = st.builds(
    lambda mode, start, length: Days(
        mode,
        day("2020-01-01") + timedelta(start),
        None if length is None else day("2020-01-01") + timedelta(start + length),
    ),
    st.sampled_from(Mode),
    st.integers(0, 40),
    st.none() | st.integers(0, 30),
)


@given(periods, periods)
def test_overlap_means_a_shared_day(one: Days, other: Days) -> None:
    assert overlap(one, other) == bool(one.days & other.days)


@given(st.lists(periods, max_size=6))
def test_clashes_are_found_exactly_where_days_are_shared(history: list[Days]) -> None:
    pairs = list(clashes(history))
    shared = any(a.days & b.days for i, a in enumerate(history) for b in history[:i])
    assert bool(pairs) == shared
    assert all(first.days & second.days for first, second in pairs)  # type: ignore[attr-defined]  # they are Days


@given(st.lists(periods, max_size=6), st.integers(-5, 80))
def test_uncovered_since_equals_walking_back_day_by_day(history: list[Days], offset: int) -> None:
    if list(clashes(history)):
        return
    on = day("2020-01-01") + timedelta(offset)
    covered = {d for p in history if p.mode is not Mode.NONE for d in p.days}
    found = uncovered_since(history, on)
    if on in covered:
        assert found is None
        return
    before = [d for d in covered if d < on]
    recorded = [p.since for p in history if p.since <= on]
    expected = max(before) + timedelta(1) if before else min(recorded, default=None)
    assert found == expected


def test_rates_divide_by_the_total_and_say_nothing_of_nothing() -> None:
    share = Share({Mode.PROFESSIONAL: 3, Mode.SELF_MANAGED: 2, Mode.NONE: 5})
    assert (share.total, share.professional_rate, share.management_rate) == (10, 0.3, 0.5)
    empty = Share()
    assert (empty.total, empty.professional_rate, empty.management_rate) == (0, None, None)
    assert empty.json() == {
        "total": 0, "professional": 0, "custodial": 0, "delegated": 0, "self_managed": 0,
        "none": 0, "professional_rate": None, "management_rate": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "kind", "fields"),
    [
        (Terms(Mode.PROFESSIONAL, day("2025-01-01"), operator="甲物业"), COMPANY, set()),
        (Terms(Mode.PROFESSIONAL, day("2025-01-01")), None, {"operator"}),
        (
            Terms(Mode.PROFESSIONAL, day("2025-01-01"), operator="甲"),
            OrganizationKind.SOCIAL_ORGANIZATION,
            {"operator"},
        ),
        (Terms(Mode.SELF_MANAGED, day("2025-01-01")), None, set()),
        (Terms(Mode.SELF_MANAGED, day("2025-01-01"), agreement="X"), None, {"operator"}),
        (Terms(Mode.SELF_MANAGED, day("2025-01-02"), day("2025-01-01")), None, {"until"}),
        (Terms(Mode.SELF_MANAGED, day("2025-01-01"), day("2025-01-01")), None, set()),
        (Terms(Mode.SELF_MANAGED, day("2025-01-01"), fee=Decimal(1)), None, {"fee_unit"}),
        (
            Terms(
                Mode.SELF_MANAGED, day("2025-01-01"), fee=Decimal(1), fee_unit=FeeUnit.AREA_MONTH
            ),
            None,
            set(),
        ),
        (
            Terms(Mode.SELF_MANAGED, day("2025-01-01"), collection_rate=Decimal("1.01")),
            None,
            {"collection_rate"},
        ),
        (Terms(Mode.NONE, day("2025-01-01")), None, set()),
        (
            Terms(Mode.NONE, day("2025-01-01"), operator="甲", agreement="X"),
            COMPANY,
            {"operator", "agreement"},
        ),
    ],
)
def test_terms_that_contradict_themselves(
    terms: Terms, kind: OrganizationKind | None, fields: set[str]
) -> None:
    assert {field for field, _ in contradictions(terms, kind)} == fields


@pytest.mark.parametrize(
    ("mode", "fields"),
    [
        (Mode.CUSTODIAL, {"operator", "agreement"}),
        (Mode.DELEGATED, {"operator", "agreement"}),
        (Mode.SELF_MANAGED, {"agreement"}),
    ],
)
def test_a_change_is_complete(mode: Mode, fields: set[str]) -> None:
    terms = Terms(mode, day("2025-01-01"), package="ZT-1")
    assert {field for field, _ in omissions(terms)} == fields


@pytest.mark.parametrize(
    ("name", "mode", "known", "kind"),
    [
        ("锦江社区居委会", Mode.PROFESSIONAL, (), OrganizationKind.RESIDENTS_COMMITTEE),
        ("和谐物业服务公司", Mode.CUSTODIAL, (), COMPANY),
        ("阳光助老中心", Mode.DELEGATED, (), OrganizationKind.SOCIAL_ORGANIZATION),
        ("二号院业主委员会", Mode.DELEGATED, (), OrganizationKind.OWNERS_COMMITTEE),
        ("自管小组", Mode.SELF_MANAGED, (), OrganizationKind.OWNERS_COMMITTEE),
        ("众信", Mode.DELEGATED, (COMPANY,), COMPANY),
        ("众信", Mode.PROFESSIONAL, (OrganizationKind.OTHER, COMPANY), COMPANY),
    ],
)
def test_what_kind_of_organization_a_name_means(
    name: str, mode: Mode, known: tuple[OrganizationKind, ...], kind: OrganizationKind
) -> None:
    assert fitting_kind(name, {mode}, known) is kind


def test_the_first_period_follows_nothing() -> None:
    terms = span(Mode.NONE, "2025-01-01")
    assert succeed(None, terms, fill=False) == Succession(None, None)


@pytest.mark.parametrize("until", [None, "2025-12-31", "2025-06-01"])
def test_a_running_period_ends_the_day_before(until: str | None) -> None:
    last = span(Mode.CUSTODIAL, "2025-01-01", until)
    result = succeed(last, span(Mode.NONE, "2025-06-01"), fill=False)
    assert result == Succession(day("2025-05-31"), None)


def test_a_period_that_ended_the_day_before_stays_as_it_is() -> None:
    last = span(Mode.CUSTODIAL, "2025-01-01", "2025-05-31")
    assert succeed(last, span(Mode.NONE, "2025-06-01"), fill=False) == Succession(None, None)


def test_a_gap_is_refused_unless_it_is_to_be_filled() -> None:
    last, terms = span(Mode.CUSTODIAL, "2025-01-01", "2025-05-30"), span(Mode.NONE, "2025-06-02")
    with pytest.raises(Invalid, match=r"有 2 天无人管理.*2025-05-31"):
        succeed(last, terms, fill=False)
    filled = succeed(last, terms, fill=True)
    assert filled == Succession(None, (day("2025-05-31"), day("2025-06-01")))


@pytest.mark.parametrize("since", ["2025-01-01", "2024-12-31"])
def test_a_period_that_starts_no_later_is_refused(since: str) -> None:
    with pytest.raises(Invalid, match="须晚于 2025-01-01"):
        succeed(span(Mode.CUSTODIAL, "2025-01-01"), span(Mode.NONE, since), fill=True)


def test_no_management_twice_is_no_change() -> None:
    with pytest.raises(Invalid, match="无需重复登记"):
        succeed(span(Mode.NONE, "2025-01-01"), span(Mode.NONE, "2025-03-01"), fill=False)

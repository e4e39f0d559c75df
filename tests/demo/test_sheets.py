"""The made-up sheets: the same every time, plausible, and nobody real in them."""

import csv
import hashlib
import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from govgrid.access import Role
from govgrid.demo import build, cases, coverage, officers, showcases
from govgrid.demo.compounds import COUNT, compounds
from govgrid.demo.divisions import SHOWCASE_STREET, communities
from govgrid.demo.people import people
from govgrid.demo.ways import ways
from govgrid.grid.models import CompoundKind
from govgrid.oldcompounds.models import Mode
from govgrid.settings import ROOT
from tests.demo.conftest import TODAY

DAYS = [date(2026, 1, 1), date(2026, 3, 31), TODAY, date(2028, 2, 29), date(2026, 12, 31)]


def digests(today: date) -> list[str]:
    return [hashlib.sha256(made()).hexdigest() for _, _, _, made in build.steps(today)]


def rows(data: bytes) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(data.decode()))


def test_same_day_same_sheets_in_another_process() -> None:
    told = "from tests.demo.test_sheets import digests, TODAY\nprint(*digests(TODAY), sep='\\n')"
    printed = subprocess.check_output([sys.executable, "-c", told], text=True, cwd=ROOT)
    assert printed.split() == digests(TODAY)


def test_same_people_on_every_day() -> None:
    names = [{post.person.name for post in officers.posts(day)} for day in (TODAY, DAYS[0])]
    assert len(names[0] & names[1]) > 0.99 * len(names[0])


def test_no_phone_that_a_person_could_have() -> None:
    phones = {row["人员编号"]: row["手机"] for row in rows(officers.officers_csv(TODAY))}
    assert all(re.fullmatch(r"100\d{8}", phone) for phone in phones.values())
    assert len(set(phones.values())) == len(phones)


def test_no_number_in_any_text_looks_like_a_mobile() -> None:
    for made in (build.steps(TODAY)[place][3] for place in (2, 4, 5, 6)):
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", made().decode())


def test_no_address_that_exists() -> None:
    addresses = [row["邮箱"] for row in rows(officers.officers_csv(TODAY)) if row["邮箱"]]
    assert all(address.endswith(".invalid") for address in addresses)


def test_many_grid_leaders_have_no_address_and_the_shown_one_has() -> None:
    leaders = [post for post in officers.posts(TODAY) if post.role is Role.GRID_LEADER]
    assert 0.5 < sum(post.email is None for post in leaders) / len(leaders) < 0.8
    shown = next(way for way in ways(TODAY) if way.login == "wangge")
    assert next(p.email for p in leaders if p.person == shown.person)


def test_names_hold_rare_characters() -> None:
    names = "".join(post.person.name for post in officers.posts(TODAY))
    assert set("彧犇喆昇珺堃玥") <= set(names)


def test_people_have_names_of_their_own() -> None:
    found = [person.name for person, _ in zip(people(), range(9000), strict=False)]
    assert len(set(found)) == 9000


@pytest.mark.parametrize("today", DAYS)
def test_every_day_has_its_ways_in(today: date) -> None:
    known = ways(today)
    assert [way.login for way in known] == [
        "shuji", "linshe", "wangge", "weiwang", "jingcha", "jingli", "jiedao", "zhujian",
        "zongbu",
    ]  # fmt: skip
    assert len({way.person.code for way in known}) == len(known)


def test_vacancies_are_few() -> None:
    held = {post.place for post in officers.posts(TODAY) if post.on(TODAY)}
    micro_grids = [c for c in held if len(c) == 18 and c.isdigit()]
    assert 0.01 < 1 - len(micro_grids) / 6129 < 0.05


def test_a_secretary_hands_over() -> None:
    posts = [p for p in officers.posts(TODAY) if p.role is Role.SECRETARY]
    (old,) = (post for post in posts if post.until)
    (new,) = (post for post in posts if post.place == old.place and post is not old)
    assert old.until == new.since - timedelta(days=1) == date(2026, 9, 30)
    assert old.place.startswith(SHOWCASE_STREET)


def test_compounds_of_all_kinds() -> None:
    kinds = Counter(compound.kind for compound in compounds())
    assert sum(kinds.values()) == COUNT == len({c.name for c in compounds()})
    assert min(kinds.values()) >= 15
    assert set(kinds) == set(CompoundKind)
    assert {c.community for c in compounds()} == {c.code for c in communities()}


@pytest.mark.parametrize("today", DAYS)
def test_histories_do_not_overlap(today: date) -> None:
    last: dict[str, date] = {}
    for period in coverage.periods(today):
        code = period.compound.code
        assert period.since > last.get(code, date.min)
        last[code] = period.until or date.max
        assert last[code] >= period.since


def test_histories_end_soon_and_have_ended_and_are_packaged() -> None:
    ends = [p.until - TODAY for p in coverage.periods(TODAY) if p.until and p.compound.old]
    known = {p.compound.code for p in coverage.periods(TODAY)}
    packages = Counter(p.package for p in coverage.periods(TODAY) if p.package)
    assert sum(timedelta() <= left <= timedelta(days=90) for left in ends) >= 4
    assert sum(timedelta(days=-120) <= left < timedelta() for left in ends) >= 4
    assert {p.mode for p in coverage.periods(TODAY)} == set(Mode)
    assert any(c.old and c.code not in known for c in compounds())
    assert sorted(packages.values()) == [5, 6]


def test_cases_cover_three_months_up_to_yesterday() -> None:
    days = Counter(case.received.date() for case in cases.cases(TODAY))
    assert min(days) == date(2026, 8, 1)
    assert max(days) == TODAY - timedelta(days=1)
    assert 20 < sum(days.values()) / len(days) < 30


def test_cases_are_mostly_answered_in_time() -> None:
    found = [case for case in cases.cases(TODAY) if case.replied]
    fast = sum(c.replied - c.received <= timedelta(hours=2) for c in found if c.replied)
    assert 0.86 < fast / len(found) < 0.94
    assert any(case.satisfied == "不满意" for case in found)
    assert any(case.reported and not case.in_remit for case in found)
    assert any(not case.closed for case in found)


def test_a_days_cases_are_the_same_seen_from_later() -> None:
    early = {case.number: case for case in cases.cases(date(2026, 11, 10))}
    late = {case.number: case for case in cases.cases(TODAY)}
    for number, case in early.items():
        assert late[number].content == case.content
        assert case.closed in (None, late[number].closed)


def test_some_compounds_publish_nothing() -> None:
    managed = coverage.managed_by(TODAY)
    published = Counter((s.compound, s.period, s.panel) for s in showcases.showcases(TODAY))
    months = {period for _, period, _ in published}
    assert months == {date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)}
    share = len(published) / (len(managed) * 2 * len(months))
    assert 0.88 < share < 0.98

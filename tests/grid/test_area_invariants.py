"""Whatever is done to areas: one tree, paths of codes, nothing current names a closed area."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Invalid, Refusal
from govgrid.grid.actions.areas.changes import confirm, draft, preview, undo
from govgrid.grid.actions.areas.heirs import following
from govgrid.grid.actions.areas.steps import fingerprint
from govgrid.grid.actions.areas.wishes import (
    END,
    Close,
    Create,
    Heir,
    Merge,
    Move,
    Rename,
    Reopen,
    Split,
    Wish,
)
from govgrid.grid.models import Area, AreaChange, Compound, CompoundMicroGrid, Level, Post
from govgrid.grid.rules import BANDS, DIGITS, PARENT, band_of, check_code, free_code
from govgrid.meetings.models import Stage
from tests import build
from tests.grid.areas import TODAY, meeting, unit

LEVELS = [Level.STREET, Level.COMMUNITY, Level.GRID, Level.MICRO_GRID]


def wide_city(db: Session) -> Actor:
    """Build two streets of three communities with grids, compounds, units and a meeting each."""
    city = build.small_city(db)
    for n, community in enumerate((city.next_community, city.far_community)):
        for number in (1, 2):
            code = f"{community.code}00{number}"
            grid = build.area(db, code, f"{community.name}{number}网格", Level.GRID, community)
            micro = build.area(db, f"{code}001", f"{code}微网格", Level.MICRO_GRID, grid)
            home = build.compound(db, community, f"{code}小区", grid=grid, micro_grids=(micro,))
            build.officer(db, f"员{code}", Role.GRID_LEADER, grid)
            meeting(db, unit(db, community, home), date(2026, 12, 1), Stage.PLANNED)
        build.compound(db, community, f"散{n}")
        meeting(db, unit(db, community), date(2026, 12 - n, 1), Stage.PLANNED)
    chief = build.officer(db, "郑市级", Role.LIAISON, city.city)
    return build.actor(db, chief, Role.LIAISON, city.city)


def one(areas: Sequence[Area]) -> st.SearchStrategy[int]:
    return st.sampled_from([area.id for area in areas])


def wishes(areas: Sequence[Area], closed: Sequence[Area]) -> st.SearchStrategy[Wish]:
    """Return wishes about these areas, most of them possible."""
    lower = [area for area in areas if area.level in LEVELS]
    grids = [a for a in lower if a.level in {Level.GRID, Level.MICRO_GRID}]
    parents = [a for a in areas if a.level in {Level.STREET, Level.COMMUNITY, Level.GRID}]
    name = st.text("甲乙丙丁", min_size=1, max_size=3)
    beside = st.sampled_from(lower).flatmap(
        lambda area: st.lists(
            one([a for a in lower if a.level is area.level]), min_size=1, max_size=3
        ).map(lambda others: (area.id, *others))
    )
    heirs = st.lists(st.builds(Heir, name=name), min_size=1, max_size=3).map(tuple)
    keys = [f"areas:{a.id}" for a in areas] + [f"posts:{n}" for n in range(1, 20)]
    keys += [f"compounds:{n}" for n in range(1, 12)]
    shares = st.dictionaries(st.sampled_from(keys), st.integers(END, 1), max_size=12)
    able: list[st.SearchStrategy[Wish]] = [
        st.builds(Rename, area=one(areas), name=name),
        st.sampled_from(parents).flatmap(
            lambda above: st.builds(
                Create,
                parent=st.just(above.id),
                level=st.sampled_from([level for level in LEVELS if PARENT[level] is above.level]),
                name=name,
            )
        ),
        st.builds(Move, area=one(lower), parent=one(parents)),
        st.sampled_from(grids).flatmap(
            lambda area: st.builds(
                Move,
                area=st.just(area.id),
                parent=one([a for a in areas if a.level is PARENT[area.level]]),
            )
        ),
        st.builds(Merge, areas=beside, name=name),
        beside.map(lambda ids: Merge(areas=ids, into=ids[0])),
        st.builds(Split, area=one(lower), heirs=heirs, keep=st.booleans(), shares=shares),
        st.builds(Close, area=one(lower)),
    ]
    if closed:
        able.append(st.builds(Reopen, area=one(closed)))
    return st.one_of(able)


def check_tree(db: Session) -> None:
    """Assert that current areas form one tree, and that closed ones lie in it."""
    areas = {area.id: area for area in db.scalars(select(Area))}
    paths = {area.path for area in areas.values()}
    for area in areas.values():
        above = area.path[: area.path.rindex("/", 0, -1) + 1]
        assert area.path == f"{above}{area.code}/"
        assert above in paths | {"/"}
        if area.closed_on is not None:
            continue
        check_code(area.code, area.level)
        if area.parent_id is None:
            assert area.level is Level.CITY
            continue
        parent = areas[area.parent_id]
        assert parent.closed_on is None
        assert parent.level is PARENT[area.level]
        assert area.code.startswith(parent.code)
        assert above == parent.path


def check_references(db: Session) -> None:
    """Assert that no current row names a closed area, and that compounds stay in one place."""
    closed = select(Area.id).where(Area.closed_on.is_not(None))
    for reference, how in following():
        table = reference.table
        rows = select(func.count()).select_from(table).where(reference.column.in_(closed))
        if how.only is not None:
            rows = rows.where(how.only(table))
        if how.inherited is not None:
            rows = rows.where(not_(how.inherited(table)))
        if how.dated:
            rows = rows.where(table.c.until.is_(None) | (table.c.until >= TODAY))
        assert db.scalar(rows) == 0, f"{table.name}.{reference.column.name}"
    grid = select(Area.parent_id).where(Area.id == Compound.grid_id)
    strayed = select(Compound.name).where(
        Compound.grid_id.is_not(None), Compound.community_id != grid.scalar_subquery()
    )
    assert db.scalars(strayed).all() == []
    served = db.execute(
        select(Compound.community_id, Compound.grid_id, Area.path, Area.parent_id)
        .join(CompoundMicroGrid, CompoundMicroGrid.compound_id == Compound.id)
        .join(Area, Area.id == CompoundMicroGrid.micro_grid_id)
    )
    homes = {area.id: area.path for area in db.scalars(select(Area))}
    for community, grid_id, path, parent in served:
        assert path.startswith(homes[community])
        assert grid_id in {None, parent}


def attempt(db: Session, actor: Actor, wish: Wish, at: datetime) -> int | None:
    """Do what is wished; return the change, or None where it was refused and nothing changed."""
    try:
        with db.begin_nested():
            change = draft(db, actor, wish, TODAY, None, at=at)
            seen = fingerprint(preview(db, actor, change).steps)
            confirm(db, actor, change, seen, at=at)
            return change.id
    except Refusal:
        return None


class Rolled(Exception):
    """Ends an example and takes back all it wrote."""


def in_one_transaction(database: Database, example: Callable[[Session], None]) -> None:
    with contextlib.suppress(Rolled), database.writing() as db:
        example(db)
        raise Rolled


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_sequence_of_changes_keeps_the_tree(
    database: Database, at: datetime, data: st.DataObject
) -> None:
    def example(db: Session) -> None:
        actor = wide_city(db)
        for _turn in range(data.draw(st.integers(1, 6))):
            found = db.scalars(select(Area).order_by(Area.id)).all()
            now = [area for area in found if area.closed_on is None]
            gone = [area for area in found if area.closed_on is not None]
            wish = data.draw(wishes(now, gone))
            number = attempt(db, actor, wish, at)
            event(f"{wish.kind} {'refused' if number is None else 'done'}")
            check_tree(db)
            check_references(db)
            if number is not None and data.draw(st.integers(0, 3)) == 0:
                take_back(db, actor, number, at)
                check_tree(db)
                check_references(db)

    in_one_transaction(database, example)


def take_back(db: Session, actor: Actor, number: int, at: datetime) -> None:
    """Undo a change; nothing was done since, so that nothing may speak against it."""
    undo(db, actor, db.get_one(AreaChange, number), at=at)


@given(
    level=st.sampled_from([lv for lv in Level if PARENT[lv]]),
    numbers=st.sets(st.integers(1, 999), max_size=60),
    like=st.integers(1, 999),
)
def test_a_free_code_is_new_and_fits(level: Level, numbers: set[int], like: int) -> None:
    above = PARENT[level]
    assert above is not None
    parent = "5101070010010010"[: DIGITS[above]].ljust(DIGITS[above], "1")
    width = DIGITS[level] - DIGITS[above]
    used = {f"{parent}{n % 10**width:0{width}}" for n in numbers}
    pattern = f"{parent}{like % 10**width:0{width}}"
    if band_of(pattern, level) is None:
        pattern = ""
    code = free_code(parent, level, used, pattern)
    check_code(code, level)
    assert code.startswith(parent)
    assert code not in used
    if pattern:
        assert band_of(code, level) == band_of(pattern, level) or len(used) > 50


@pytest.mark.parametrize("level", [Level.STREET, Level.COMMUNITY, Level.GRID])
def test_codes_outside_the_ranges_are_refused(level: Level) -> None:
    above = PARENT[level]
    assert above is not None
    parent = "1" * DIGITS[above]
    last = BANDS[level][-1].stop
    check_code(f"{parent}{last - 1:03}", level)
    for wrong in ("000", f"{last:03}") if last < 1000 else ("000",):
        with pytest.raises(Invalid, match="编码段"):
            check_code(f"{parent}{wrong}", level)


def test_posts_never_overlap_after_a_merge(database: Database, at: datetime) -> None:
    def example(db: Session) -> None:
        city = build.small_city(db)
        build.post(db, city.secretary, Role.SECRETARY, city.next_community)
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
        ids = (city.community.id, city.next_community.id)
        assert attempt(db, actor, Merge(areas=ids, name="合并社区"), at) is not None
        held = db.scalars(
            select(Post).where(Post.officer_id == city.secretary.id, Post.role == Role.SECRETARY)
        ).all()
        running = [post for post in held if post.until is None]
        assert [post.since for post in running] == [TODAY]
        assert {post.until for post in held} == {None, TODAY - timedelta(days=1)}

    in_one_transaction(database, example)

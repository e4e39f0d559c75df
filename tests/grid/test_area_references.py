"""What names an area: no foreign key forgotten, current lists and imports, who manages, old names."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid.access import Actor, Power, Role
from govgrid.accounts.queries import posts_of
from govgrid.cases import imports as cases
from govgrid.cases.queries import RatesReport, rates
from govgrid.db import Database, metadata
from govgrid.errors import Forbidden
from govgrid.grid.actions.areas.heirs import following, references
from govgrid.grid.actions.areas.wishes import Manage, Merge, Move, Rename
from govgrid.grid.follow import Follows, Kept
from govgrid.grid.imports import areas, compounds, officers
from govgrid.grid.keys import area_keys
from govgrid.grid.models import Area, AreaKey, CompoundKind, Level, Officer
from govgrid.grid.queries import area_seen, children, compounds_of, seats, starts
from govgrid.grid.queries.areas import counted
from govgrid.grid.queries.changes import names_on, stood_on
from govgrid.meetings.models import Meeting, Stage
from govgrid.meetings.queries.seen import meeting_seen, units
from govgrid.oldcompounds.queries import tallies_below, tally
from govgrid.schema import load_models
from tests import build
from tests.build import City
from tests.grid.areas import change, meeting, unit
from tests.grid.test_imports import load, sheet, wrong

TODAY = date(2026, 11, 23)


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        db.expunge_all()
    return made


@pytest.fixture
def liaison(database: Database, city: City) -> Actor:
    with database.reading() as db:
        return build.actor(db, city.liaison, Role.LIAISON, city.street)


@pytest.fixture
def chief(database: Database, city: City) -> Actor:
    with database.writing() as db:
        whole = db.get_one(Area, city.city.id)
        return build.actor(
            db,
            build.officer(db, "郑市级", Role.LIAISON, whole),
            Role.LIAISON,
            whole,
        )


def _reached() -> Iterator[str]:
    """Yield the tables whose rows get an heir: areas, and rows that are copied for it."""
    yield "areas"
    for reference, how in following():
        if how.dated or how.inherited is not None:
            yield reference.table.name


def test_every_column_that_names_an_area_says_what_becomes_of_it() -> None:
    load_models()
    silent = [
        f"{reference.table.name}.{reference.column.name}"
        for target in _reached()
        for reference in references(target)
        if reference.how is None
    ]
    assert silent == [], "give these columns info=follows(…) or STAYS (govgrid/grid/follow.py)"


def test_what_a_column_says_fits_its_table() -> None:
    load_models()
    for table in metadata.sorted_tables:
        for column in table.columns:
            how = column.info.get("area_change")
            if isinstance(how, Follows):
                named, _dot, other = how.label.partition(".")
                assert named in table.c
                assert not other or other in next(iter(table.c[named].foreign_keys)).column.table.c
                for extra in (how.via, how.distinct, how.once):
                    assert not extra or extra in table.c
                assert not how.dated or {"since", "until"} <= set(table.c.keys())
            else:
                assert how is None or isinstance(how, Kept)


def test_a_closed_area_leaves_the_current_lists(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    with database.writing() as db:
        whole = unit(db, city.community)
        held = meeting(db, whole, date(2026, 10, 1), Stage.HELD)
    merge = Merge(areas=(city.community.id, city.next_community.id), into=city.next_community.id)
    change(database, liaison, merge, at)
    with database.reading() as db:
        street = db.get_one(Area, city.street.id)
        shown, total = children(db, street, TODAY)
        assert ([row.area.code for row in shown], total) == ([city.next_community.code], 1)
        assert (shown[0].communities, shown[0].grids, shown[0].compounds) == (1, 1, 2)
        assert city.community.id not in {s.area.id for s in seats(db, street, TODAY)[0]}
        assert whole not in {u.id for u in db.scalars(units(liaison))}
        assert [a.code for a, _tally in tallies_below(db, street, TODAY)] == [
            city.next_community.code
        ]
        heir = build.actor(
            db, city.next_secretary, Role.SECRETARY, db.get_one(Area, city.next_community.id)
        )
        assert meeting_seen(db, heir, held).community.name == "锦江社区"
        assert area_seen(db, heir, city.community.code).closed_on == TODAY


def test_imports_name_the_successor(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    change(database, liaison, Move(area=city.grid.id, parent=city.next_community.id), at)
    merge = Merge(areas=(city.community.id, city.next_community.id), name="锦竹社区")
    change(database, liaison, merge, at)
    old, gone = "510107001001001", city.community.code
    outcome = load(
        database, areas, sheet("代码,名称,层级,上级代码", f"{gone},锦江社区,社区,510107001",
        f"{old},锦江第一网格,网格,{gone}"), at,
    )  # fmt: skip
    assert wrong(outcome) == [(2, "代码"), (3, "代码")]
    assert "锦竹社区 510107001003" in str(outcome.errors[0].reason)
    assert "510107001003001" in str(outcome.errors[1].reason)
    rows = sheet("代码,名称,层级,上级代码", f"{gone}009,新网格,网格,{gone}")
    outcome = load(database, areas, rows, at)
    assert wrong(outcome) == [(2, "上级代码")]
    assert "锦竹社区 510107001003" in str(outcome.errors[0].reason)
    outcome = load(
        database, compounds,
        sheet("小区编号,小区名称,小区类型,社区代码,网格代码", f"N,新,商品房小区,{gone},{old}"), at,
    )  # fmt: skip
    assert "锦竹社区" in str(outcome.errors[0].reason)
    heading = "人员编号,姓名,职务,任职对象"
    outcome = load(database, officers, sheet(heading, f"P1,何新,网格长,{old}"), at)
    assert "510107001003001" in str(outcome.errors[0].reason)


def managed(database: Database, city: City, chief: Actor, at: datetime) -> int:
    """Let a district without streets of its own manage the next street; return its id."""
    with database.writing() as db:
        number = build.area(
            db, "510191", "高新区", Level.DISTRICT, db.get_one(Area, city.city.id)
        ).id
        build.compound(
            db,
            db.get_one(Area, city.far_community.id),
            "高新苑",
            CompoundKind.RELOCATION,
            code="XQ-GX",
        )
    change(database, chief, Manage(area=city.next_street.id, manager=number), at)
    return number


def test_a_managing_districts_officer_sees_what_it_manages(
    database: Database, city: City, chief: Actor, liaison: Actor, at: datetime
) -> None:
    number = managed(database, city, chief, at)
    with database.writing() as db:
        high = db.get_one(Area, number)
        person = build.officer(db, "高新干部", Role.HOUSING_OFFICER, high)
        posts = posts_of(db, person.id, at)
    actor = Actor(1, person_id(database, "高新干部"), "高新干部", posts)
    assert [post.managed for post in posts] == [("/5101/510107/510107002/",)]
    assert actor.paths() == ("/5101/510107/510107002/", "/5101/510191/")
    assert actor.may(Power.PRINT, "/5101/510107/510107002/510107002001/")
    assert not actor.may(Power.SEE, "/5101/510107/510107001/")
    with database.reading() as db:
        assert [a.name for a in starts(db, actor)] == ["高新区"]
        assert area_seen(db, actor, city.far_community.code).name == "棕树社区"
        (shown,) = counted(db, [db.get_one(Area, number)], TODAY)
        assert (shown.communities, shown.compounds, shown.households) == (1, 1, 300)
        assert [c.name for c in compounds_of(db, db.get_one(Area, number))[0]] == ["高新苑"]
    with pytest.raises(Forbidden):
        change(database, actor, Manage(area=city.next_street.id, manager=None), at)
    change(database, chief, Manage(area=city.next_street.id, manager=None), at)
    with database.reading() as db:
        assert posts_of(db, actor.officer_id, at)[0].managed == ()


def person_id(database: Database, name: str) -> int:
    with database.reading() as db:
        return db.scalars(select(Officer.id).where(Officer.name == name)).one()


def test_rates_by_who_manages(database: Database, city: City, chief: Actor, at: datetime) -> None:
    number = managed(database, city, chief, at)
    month = date(2026, 11, 1)
    heading = "工单编号,来源,诉求类别,小区编号,受理时间"
    rows = ["1,12345,停车,XQ-GX,2026-11-02 09:00", "2,12345,停车,XQ-JH,2026-11-02 09:00"]
    assert load(database, cases, sheet(heading, *rows), at).created == 2
    with database.reading() as db:
        by_code = rates(db, month, "/5101/", by="area", as_of=at)
        by_manager = rates(db, month, "/5101/", by="manager", as_of=at)
        own = rates(db, month, "/5101/510191/", by="area", as_of=at)
        assert _received(by_code) == {"510107": 2, "510191": 0}
        assert _received(by_manager) == {"510107": 1, "510191": 1}
        assert _received(own) == {"510107002": 1}
        assert (own.total.counts.received, by_manager.total.counts.received) == (1, 2)
        high = db.get_one(Area, number)
        assert tally(db, high, TODAY).compounds.total == 1
        assert [(a.code, t.compounds.total) for a, t in tallies_below(db, high, TODAY)] == [
            ("510107002", 1)
        ]


def _received(report: RatesReport) -> dict[str, int]:
    return {row.key: row.counts.received for row in report.rows}


def test_old_meetings_keep_the_names_they_were_held_under(
    database: Database, city: City, chief: Actor, at: datetime
) -> None:
    with database.writing() as db:
        held = meeting(db, unit(db, city.community), date(2026, 10, 1), Stage.HELD)
        day = db.get_one(Meeting, held).start.date()
    change(database, chief, Rename(area=city.community.id, name="新锦社区"), at)
    change(database, chief, Move(area=city.community.id, parent=city.next_street.id), at)
    change(database, chief, Rename(area=city.street.id, name="新江桥街道"), at)
    with database.reading() as db:
        community = db.get_one(Area, city.community.id)
        then = stood_on(db, community, day)
        assert (then.community, then.street, then.district) == ("锦江社区", "江桥街道", "武阳区")
        now = stood_on(db, community, TODAY)
        assert (now.community, now.street, now.district) == ("新锦社区", "望江街道", "武阳区")
        old = names_on(db, [(community.id, day), (community.id, TODAY)])
        assert old == {(community.id, day): "锦江社区"}
        assert TODAY - day > timedelta(0)


def test_the_directory_finds_the_new_name_and_code(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    change(database, liaison, Rename(area=city.grid.id, name="青羊网格"), at)
    change(database, liaison, Move(area=city.grid.id, parent=city.next_community.id), at)
    with database.reading() as db:
        grid = db.get_one(Area, city.grid.id)
        due = set(area_keys(grid.name, grid.level, grid.code, grid.external_code))
        held = db.scalars(select(AreaKey.key).where(AreaKey.area_id == grid.id)).all()
        assert set(held) == due
        assert len(due) > 1

"""Changes of areas: what each does to the tree and to what names an area, what is refused."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.actions.areas.changes import apply_due, confirm, draft, preview, undo, withdraw
from govgrid.grid.actions.areas.steps import fingerprint
from govgrid.grid.actions.areas.wishes import (
    END,
    Close,
    Create,
    Heir,
    Manage,
    Merge,
    Move,
    Rename,
    Reopen,
    Split,
)
from govgrid.grid.models import (
    Area,
    AreaChange,
    ChangeStage,
    Compound,
    CompoundMicroGrid,
    Level,
    Post,
)
from govgrid.journal import Entry, prove
from govgrid.meetings.models import Meeting, Stage, Unit, Venue
from tests import build
from tests.build import City
from tests.grid.areas import change, everything, meeting, unit

TODAY = date(2026, 11, 23)


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        db.expunge_all()
    return made


@pytest.fixture
def housing(database: Database, city: City) -> Actor:
    with database.reading() as db:
        return build.actor(db, city.housing, Role.LIAISON, city.district)


@pytest.fixture
def liaison(database: Database, city: City) -> Actor:
    with database.reading() as db:
        return build.actor(db, city.liaison, Role.LIAISON, city.street)


def area(db: Session, number: int) -> Area:
    return db.get_one(Area, number)


def named(db: Session, name: str) -> Area:
    found = db.scalar(select(Area).where(Area.name == name, Area.closed_on.is_(None)))
    assert found is not None
    return found


def test_a_rename_keeps_the_rest(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    done = change(database, liaison, Rename(area=city.grid.id, name="锦江一网格"), at)
    assert done.stage is ChangeStage.DONE
    with database.reading() as db:
        assert area(db, city.grid.id).name == "锦江一网格"
        assert area(db, city.grid.id).code == city.grid.code
        entry = db.scalars(select(Entry).where(Entry.verb == "change")).one()
        assert entry.detail["before"]["areas"][0]["name"] == "锦江第一网格"  # type: ignore[index]
        assert entry.detail["after"]["areas"][0]["name"] == "锦江一网格"  # type: ignore[index]
        assert list(prove(db, [])) == []


def test_a_moved_grid_takes_codes_compounds_units_and_open_meetings(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    with database.writing() as db:
        home = unit(db, city.community, city.compound)
        held = meeting(db, home, date(2026, 10, 1), Stage.HELD)
        coming = meeting(db, home, date(2026, 12, 1), Stage.CONFIRMED)
    change(database, liaison, Move(area=city.grid.id, parent=city.next_community.id), at)
    with database.reading() as db:
        grid, micro = area(db, city.grid.id), area(db, city.micro_grids[1].id)
        assert grid.code == "510107001002001"
        assert micro.code == "510107001002001002"
        assert (
            micro.path == "/5101/510107/510107001/510107001002/510107001002001/510107001002001002/"
        )
        assert db.get_one(Compound, city.compound.id).community_id == city.next_community.id
        assert db.get_one(Unit, home).community_id == city.next_community.id
        assert db.get_one(Meeting, coming).community_id == city.next_community.id
        assert db.get_one(Meeting, held).community_id == city.community.id
        assert [p.until for p in db.scalars(select(Post).where(Post.area_id == grid.id))] == [None]


def test_a_merge_takes_everything_to_the_new_community(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    with database.writing() as db:
        whole, home = unit(db, city.community), unit(db, city.community, city.compound)
        other = unit(db, city.next_community)
        held = meeting(db, whole, date(2026, 10, 1), Stage.HELD)
        coming = meeting(db, whole, date(2026, 12, 1), Stage.PLANNED)
        theirs = meeting(db, other, date(2027, 1, 1), Stage.PLANNED)
        of_compound = meeting(db, home, date(2026, 12, 1), Stage.CONFIRMED)
    wish = Merge(areas=(city.community.id, city.next_community.id), name="锦竹社区")
    change(database, liaison, wish, at)
    with database.reading() as db:
        new = named(db, "锦竹社区")
        assert new.code == "510107001003"
        assert area(db, city.community.id).closed_on == TODAY
        assert area(db, city.community.id).path == new.path + city.community.code + "/"
        assert area(db, city.grid.id).path == new.path + "510107001003001/"
        assert area(db, city.micro_grids[0].id).code == "510107001003001001"
        compounds = db.scalars(select(Compound.community_id).distinct()).all()
        assert compounds == [new.id]
        assert {v.name for v in db.scalars(select(Venue).where(Venue.community_id == new.id))} == {
            "会议室", "会议室（青竹社区）",
        }  # fmt: skip
        (heir,) = db.scalars(
            select(Unit).where(Unit.community_id == new.id, Unit.compound_id.is_(None))
        )
        assert db.get_one(Unit, whole).community_id == city.community.id
        stands = {
            number: (db.get_one(Meeting, number).community_id, db.get_one(Meeting, number).unit_id)
            for number in (held, coming, theirs, of_compound)
        }
        assert stands == {
            held: (city.community.id, whole),
            coming: (new.id, heir.id),
            theirs: (new.id, heir.id),
            of_compound: (new.id, home),
        }
        posts = db.execute(
            select(Post.role, Post.since, Post.until, Post.officer_id).where(Post.area_id == new.id)
        ).all()
        assert sorted(posts) == sorted([
            (Role.SECRETARY, TODAY, None, city.secretary.id),
            (Role.SECRETARY, TODAY, None, city.next_secretary.id),
            (Role.POLICE, TODAY, None, city.police.id),
        ])  # fmt: skip
        old = db.scalars(select(Post.until).where(Post.area_id == city.community.id)).all()
        assert set(old) == {TODAY - timedelta(days=1)}


def test_two_meetings_of_a_month_cannot_become_one_units(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    with database.writing() as db:
        for community in (city.community, city.next_community):
            meeting(db, unit(db, community), date(2026, 12, 1), Stage.PLANNED)
    wish = Merge(areas=(city.community.id, city.next_community.id), into=city.next_community.id)
    with pytest.raises(Invalid, match="同月只能有一场"):
        change(database, liaison, wish, at)


def test_a_split_gives_each_heir_its_share(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    with database.writing() as db:
        second = build.area(
            db, "510107001001002", "锦江第二网格", Level.GRID, db.get_one(Area, city.community.id)
        )
        loose = build.compound(db, city.community, "散居院")
        home = unit(db, city.community, loose)
        coming = meeting(db, home, date(2026, 12, 1), Stage.PLANNED)
        held = select(Post).where(Post.area_id == city.community.id)
        posts = {post.role: post.id for post in db.scalars(held)}
        db.flush()
        db.expunge_all()
    shares = {
        f"areas:{second.id}": 1, f"compounds:{loose.id}": 1,
        f"posts:{posts[Role.POLICE]}": 1, f"posts:{posts[Role.SECRETARY]}": END,
    }  # fmt: skip
    heirs = (Heir(name="锦东社区"), Heir(name="锦西社区", code="510107001188"))
    change(database, liaison, Split(area=city.community.id, heirs=heirs, shares=shares), at)
    with database.reading() as db:
        east, west = named(db, "锦东社区"), named(db, "锦西社区")
        assert (east.code, west.code) == ("510107001003", "510107001188")
        assert area(db, city.grid.id).parent_id == east.id
        assert area(db, second.id).code == "510107001188002"
        assert db.get_one(Compound, city.compound.id).community_id == east.id
        assert db.get_one(Compound, loose.id).community_id == west.id
        assert db.get_one(Unit, home).community_id == west.id
        assert db.get_one(Meeting, coming).community_id == west.id
        ours = Post.area_id.in_([east.id, west.id])
        assert db.execute(select(Post.area_id, Post.role).where(ours)).all() == [
            (west.id, Role.POLICE)
        ]


def test_a_split_may_keep_the_old_area(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    heirs = (Heir(name="锦江第二网格"),)
    shares = {f"areas:{city.micro_grids[1].id}": 1}
    wish = Split(area=city.grid.id, keep=True, heirs=heirs, shares=shares)
    with pytest.raises(Invalid, match="锦和苑"):  # served by both micro-grids
        change(database, liaison, wish, at)
    with database.writing() as db:
        first = CompoundMicroGrid.micro_grid_id == city.micro_grids[0].id
        db.execute(delete(CompoundMicroGrid).where(first))
    change(database, liaison, wish, at)
    with database.reading() as db:
        new = named(db, "锦江第二网格")
        assert area(db, city.grid.id).closed_on is None
        assert new.code == "510107001001002"
        assert area(db, city.micro_grids[1].id).code == "510107001001002002"
        assert db.get_one(Compound, city.courtyard.id).grid_id == new.id
        assert db.get_one(Compound, city.compound.id).grid_id == new.id


def test_what_cannot_be_is_refused(
    database: Database, city: City, housing: Actor, at: datetime
) -> None:
    other = city.far_community.id
    with database.writing() as db:
        district = build.area(
            db, "510108", "成华区", Level.DISTRICT, db.get_one(Area, city.city.id)
        )
        street = build.area(db, "510108001", "江汉街道", Level.STREET, district)
        abroad = build.area(db, "510108001001", "江汉社区", Level.COMMUNITY, street).id
        chief = build.officer(db, "郑市级", Role.LIAISON, db.get_one(Area, city.city.id))
        chief_actor = build.actor(db, chief, Role.LIAISON, db.get_one(Area, city.city.id))
    for wish, words in (
        (Move(area=city.grid.id, parent=city.micro_grids[0].id), "自己的下级"),
        (Move(area=city.grid.id, parent=city.street.id), "只能划转到“社区”之下"),
        (Move(area=city.grid.id, parent=city.community.id), "已经在"),
        (Move(area=city.grid.id, parent=other, code="510107001001009"), "不属于上级"),
        (
            Create(parent=city.street.id, level=Level.COMMUNITY, name="新", code="510107001001"),
            "已经用过",
        ),
        (
            Create(parent=city.street.id, level=Level.COMMUNITY, name="新", code="510107001700"),
            "编码段",
        ),
        (Create(parent=city.street.id, level=Level.COMMUNITY, name="锦江社区"), "已有"),
        (Create(parent=city.street.id, level=Level.GRID, name="新"), "不能新设"),
        (Merge(areas=(city.community.id, abroad), name="x"), "不能跨区"),
        (Merge(areas=(city.community.id, city.grid.id), name="x"), "同一层级"),
        (Merge(areas=(city.community.id,), name="x"), "至少需要两个"),
        (Close(area=city.community.id), "还有 1 个区域"),
        (Close(area=city.grid.id), "还有 2 个区域"),
        (Close(area=city.micro_grids[0].id), "小区（服务微网格） 1（锦和苑）"),
        (Reopen(area=city.grid.id), "没有撤销"),
        (Rename(area=city.grid.id, name="锦江第一网格"), "与现状相同"),
        (Split(area=city.grid.id, heirs=(Heir(name="x"),)), "至少应有两个"),
        (Manage(area=city.street.id, manager=city.district.id), "本来就是它的上级"),
        (Manage(area=city.street.id, manager=city.far_community.id), "高一级"),
    ):
        with pytest.raises(Invalid, match=words):
            change(database, chief_actor, wish, at)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(AreaChange)) == 0


def test_an_area_with_an_open_meeting_is_not_closed(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    with database.writing() as db:
        whole = unit(db, city.next_community)
        coming = meeting(db, whole, date(2026, 12, 1), Stage.PLANNED)
    with pytest.raises(Invalid, match="未召开的会议"):
        change(database, liaison, Close(area=city.next_community.id), at)
    with database.writing() as db:
        db.get_one(Meeting, coming).stage = Stage.CANCELLED
        db.execute(delete(Venue).where(Venue.id.not_in(select(Meeting.venue_id))))
    with pytest.raises(Invalid, match="会议室"):
        change(database, liaison, Close(area=city.next_community.id), at)


def test_a_closed_area_ends_its_posts_and_may_be_opened_again(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    change(database, liaison, Close(area=city.next_community.id), at)
    with database.reading() as db:
        assert area(db, city.next_community.id).closed_on == TODAY
        until = db.scalars(select(Post.until).where(Post.area_id == city.next_community.id)).all()
        assert until == [TODAY - timedelta(days=1)]
    with pytest.raises(Invalid, match="已撤销"):
        change(database, liaison, Rename(area=city.next_community.id, name="x"), at)
    change(database, liaison, Reopen(area=city.next_community.id), at)
    with database.reading() as db:
        assert area(db, city.next_community.id).closed_on is None


def test_both_sides_must_be_the_actors(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    for wish in (
        Move(area=city.grid.id, parent=city.far_community.id),
        Close(area=city.street.id),
        Rename(area=city.next_street.id, name="x"),
        Merge(areas=(city.community.id, city.far_community.id), name="x"),
    ):
        with pytest.raises(Forbidden):
            change(database, liaison, wish, at)


def test_a_change_behind_the_preview_is_a_conflict(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    wish = Merge(areas=(city.community.id, city.next_community.id), name="锦竹社区")
    with database.writing() as db:
        number = draft(db, liaison, wish, TODAY, None, at=at).id
    with database.reading() as db:
        seen = fingerprint(preview(db, liaison, db.get_one(AreaChange, number)).steps)
    with database.writing() as db:
        build.compound(db, db.get_one(Area, city.next_community.id), "晚来的小区")
    with pytest.raises(Conflict), database.writing() as db:
        confirm(db, liaison, db.get_one(AreaChange, number), seen, at=at)
    with database.reading() as db:
        assert area(db, city.community.id).closed_on is None


def test_a_change_is_undone_on_its_day(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    before = everything(database)
    wish = Merge(areas=(city.community.id, city.next_community.id), name="锦竹社区")
    number = change(database, liaison, wish, at).id
    assert everything(database) != before
    with database.writing() as db:
        undo(db, liaison, db.get_one(AreaChange, number), at=at)
    assert everything(database) == before


def test_a_change_that_something_was_built_on_stays(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    wish = Merge(areas=(city.community.id, city.next_community.id), name="锦竹社区")
    number = change(database, liaison, wish, at).id
    with pytest.raises(Conflict, match="当日"), database.writing() as db:
        undo(db, liaison, db.get_one(AreaChange, number), at=at + timedelta(days=1))
    with database.writing() as db:
        build.compound(db, named(db, "锦竹社区"), "新小区")
    with pytest.raises(Conflict, match="已被使用"), database.writing() as db:
        undo(db, liaison, db.get_one(AreaChange, number), at=at)


def test_a_change_ahead_waits_for_its_day(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    first = TODAY + timedelta(days=10)
    wish = Move(area=city.grid.id, parent=city.next_community.id)
    planned = change(database, liaison, wish, at, on=first)
    assert planned.stage is ChangeStage.PLANNED
    with pytest.raises(Conflict, match="已有一项"), database.writing() as db:
        draft(db, liaison, Rename(area=city.grid.id, name="x"), TODAY, None, at=at)
    assert apply_due(database, at + timedelta(days=9)) == 0
    assert apply_due(database, at + timedelta(days=10)) == 1
    assert apply_due(database, at + timedelta(days=10)) == 0
    with database.reading() as db:
        assert db.get_one(AreaChange, planned.id).stage is ChangeStage.DONE
        assert area(db, city.grid.id).parent_id == city.next_community.id


def test_a_change_that_became_impossible_says_why(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    later = at + timedelta(days=1)
    planned = change(
        database, liaison, Close(area=city.next_community.id), at, on=TODAY + timedelta(days=1)
    )
    with database.writing() as db:
        build.compound(db, db.get_one(Area, city.next_community.id), "新小区")
    assert apply_due(database, later) == 1
    with database.reading() as db:
        failed = db.get_one(AreaChange, planned.id)
        assert failed.stage is ChangeStage.FAILED
        assert "新小区" in (failed.failure or "")
        assert area(db, city.next_community.id).closed_on is None


def test_a_waiting_change_is_withdrawn(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    planned = change(
        database, liaison, Rename(area=city.grid.id, name="x"), at, on=TODAY + timedelta(days=1)
    )
    with database.writing() as db:
        withdraw(db, liaison, db.get_one(AreaChange, planned.id))
    assert apply_due(database, at + timedelta(days=2)) == 0
    with database.reading() as db:
        assert area(db, city.grid.id).name == "锦江第一网格"

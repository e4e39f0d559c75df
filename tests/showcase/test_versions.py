"""Drafts, publication and corrections, on both engines; what sheets bring beside them."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from govgrid import archive
from govgrid.access import Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.models import Area
from govgrid.holders import PICTURES
from govgrid.journal import Entry
from govgrid.showcase.actions.photos import add_photo, remove_photo
from govgrid.showcase.actions.plans import follow_above, set_plan
from govgrid.showcase.actions.versions import draft_for, drop_draft, publish, save_draft
from govgrid.showcase.leftovers import clearing
from govgrid.showcase.models import ShowcaseItem, ShowcaseVersion
from govgrid.showcase.pictures import develop
from govgrid.showcase.queries import plan_of, showcase_of
from govgrid.showcase.queries.versions import draft_of, photo_of, photos_of, versions_of
from govgrid.showcase.rules import DEFAULT, ItemPlan, Panel, PanelPlan, Plan
from govgrid.upkeep.verify import verify
from tests import build
from tests.build import City
from tests.showcase.site import OCTOBER, home, manager, panels, photo, published, yuan
from tests.showcase.test_showcase import FULL, take

DAY = timedelta(days=1)


def test_a_draft_is_nobody_elses_until_it_is_published(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        actor, compound = manager(db, city), home(db, city)
        draft = save_draft(
            db, actor, compound, OCTOBER, panels(closing="1.00"), "", 0, at=at
        )  # kept although it does not add up
        assert showcase_of(db, [compound.id], OCTOBER) == []
        with pytest.raises(Invalid) as refused:
            publish(db, actor, compound, draft, at=at)
        assert "相差 1,899.25 元" in str(refused.value.fields["closing.1"])
        save_draft(db, actor, compound, OCTOBER, panels(), "", draft.version, at=at)
        publish(db, actor, compound, draft, at=at)
    with database.reading() as db:
        items = showcase_of(db, [city.compound.id], OCTOBER)
        assert [(i.item, i.result, i.amount, i.met) for i in items] == [
            ("清洁保洁", "已清扫", None, True),
            ("绿化养护", "未完成", None, False),
            ("物业费收入", "收入", yuan("1200.50"), None),
            ("公共能耗", "支出", yuan("-300.25"), None),
        ]
        assert {i.published_on for i in items} == {date(2026, 11, 23)}
        (version,) = versions_of(db, city.compound.id, OCTOBER)
        assert (version.number, version.panels[1]["income"]) == (1, "1200.50")
        verbs = db.scalars(select(Entry.verb).order_by(Entry.id)).all()
        assert verbs == ["save_showcase", "save_showcase", "publish_showcase"]


def test_a_correction_is_a_new_version_with_its_reason(
    database: Database, city: City, at: datetime
) -> None:
    published(database, city, at)
    with pytest.raises(Invalid, match="1 处") as refused:
        published(database, city, at + DAY, panels(energy="400.25"))
    assert set(refused.value.fields) == {"note"}
    with pytest.raises(Invalid, match="没有不同"):
        published(database, city, at + DAY, panels(), "再看一遍")
    assert published(database, city, at + DAY, panels(energy="400.25"), "补记电费") == 2
    with database.reading() as db:
        new, old = versions_of(db, city.compound.id, OCTOBER)
        assert (new.note, new.published_on) == ("补记电费", date(2026, 11, 24))
        assert (old.note, old.panels[1]["lines"][1]["amount"]) == (None, "300.25")
        items = showcase_of(db, [city.compound.id], OCTOBER)
        assert items[-1].amount == yuan("-400.25")
        assert {i.published_on for i in items} == {date(2026, 11, 23)}, "late or not, once decided"


def test_what_a_sheet_brought_is_the_first_version_of_a_correction(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, *FULL)
    with database.writing() as db:
        actor, compound = manager(db, city), home(db, city)
        draft = draft_for(db, actor, compound, OCTOBER, at=at)
        lines = {line["item"]: line for panel in draft.panels for line in panel["lines"]}
        assert (lines["公共收益支出"]["amount"], lines["公共收益支出"]["flow"]) == (
            "200.25",
            "spending",
        )
        assert lines["退款"]["flow"] == "spending"
        drop_draft(db, actor, compound, draft, at=at)
    assert published(database, city, at, note="改用网上填报") == 2
    with database.reading() as db:
        _new, old = versions_of(db, city.compound.id, OCTOBER)
        assert (old.number, old.written_by, old.published_on) == (1, "表格导入", date(2026, 11, 4))
        assert {i.item for i in showcase_of(db, [city.compound.id], OCTOBER)} == {
            "清洁保洁", "绿化养护", "物业费收入", "公共能耗",
        }  # fmt: skip


def test_a_sheet_does_not_change_what_was_published_here(
    database: Database, city: City, at: datetime
) -> None:
    published(database, city, at)
    same = ("XQ-JH", "2026-10", "晒服务", "清洁保洁", "每日清扫", "已清扫", "", "是", "2026-11-23")
    assert take(database, at, same).unchanged == 1
    outcome = take(database, at, FULL[-1], (*same[:5], "没有清扫", *same[6:]), FULL[0])
    assert [(e.row, e.column) for e in outcome.errors] == [(3, "项目"), (4, "项目")]
    with database.reading() as db:
        assert len(db.scalars(select(ShowcaseItem)).all()) == 4, "all rows or none"


def test_two_who_write_do_not_lose_each_others_words(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        actor, compound = manager(db, city), home(db, city)
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        first = save_draft(db, actor, compound, OCTOBER, panels(), "", 0, at=at)
        version = first.version
        save_draft(db, secretary, compound, OCTOBER, panels(energy="1.00"), "", version, at=at)
        for stale in (0, version):
            with pytest.raises(Conflict, match="周书记"):
                save_draft(db, actor, compound, OCTOBER, panels(), "", stale, at=at)


def test_one_draft_at_a_time(database: Database, city: City, at: datetime) -> None:
    def draft(number: int, *, is_draft: bool = True) -> ShowcaseVersion:
        return ShowcaseVersion(
            compound_id=city.compound.id, period=OCTOBER, number=number, draft=is_draft, panels=[],
            written_by="x", written_at=at,
        )  # fmt: skip

    with database.writing() as db:
        db.add_all([draft(1, is_draft=False), draft(2, is_draft=False), draft(3)])
        db.flush()
    with database.writing() as db:
        db.add(draft(4))
        with pytest.raises(IntegrityError):
            db.flush()
        db.rollback()


def test_who_may_write_and_for_which_period(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        compound = home(db, city)
        for officer, role, place in (
            (city.police, Role.POLICE, city.community),
            (city.housing, Role.HOUSING_OFFICER, city.district),
            (city.next_secretary, Role.SECRETARY, city.next_community),
        ):
            with pytest.raises(Forbidden):
                draft_for(db, build.actor(db, officer, role, place), compound, OCTOBER, at=at)
        actor = manager(db, city)
        with pytest.raises(Invalid, match="还没有开始"):
            draft_for(db, actor, compound, date(2026, 12, 1), at=at)
        november = save_draft(db, actor, compound, date(2026, 11, 1), panels(), "", 0, at=at)
        with pytest.raises(Invalid, match="2026-11-30"):
            publish(db, actor, compound, november, at=at)
        publish(db, actor, compound, november, at=build.clock("2026-11-30 18:00"))


def test_photos_come_along_and_go_with_a_correction(
    database: Database, city: City, at: datetime
) -> None:
    red, other = develop(photo()), develop(photo((50, 50)))
    with database.writing() as db:
        actor, compound = manager(db, city), home(db, city)
        made = add_photo(db, actor, compound, OCTOBER, red, panel="晒服务", caption="楼道", at=at)
        with pytest.raises(Invalid, match="已经在"):
            add_photo(db, actor, compound, OCTOBER, red, panel="晒服务", caption="", at=at)
        with pytest.raises(Invalid, match="没有“晒晒”"):
            add_photo(db, actor, compound, OCTOBER, red, panel="晒晒", caption="", at=at)
        add_photo(db, actor, compound, OCTOBER, other, panel="晒收支", caption="", at=at)
        with pytest.raises(NotFound):
            photo_of(db, compound, made.id, drafts=False)
        assert photo_of(db, compound, made.id, drafts=True) is made
        number, folder = made.id, db.info["settings"].archive
        assert archive.fetch(folder, made.digest) == red.large
    published(database, city, at)
    with database.writing() as db:
        actor, compound = manager(db, city), home(db, city)
        assert photo_of(db, compound, number, drafts=False).id == number
        remove_photo(db, actor, compound, OCTOBER, number, at=at)  # begins the correction
        draft = draft_of(db, compound.id, OCTOBER)
        assert [one.caption for one in photos_of(db, draft)] == [""]
        assert photo_of(db, compound, number, drafts=False).id == number, "published until then"
    assert published(database, city, at, note="撤下一张照片") == 2
    with database.reading() as db, pytest.raises(NotFound):
        photo_of(db, home(db, city), number, drafts=True)


def test_files_of_photos_taken_out_are_cleared_once_nothing_names_them(
    database: Database, city: City, at: datetime
) -> None:
    clear, pictures = clearing(PICTURES), [develop(photo((40, 30 + n))) for n in range(3)]
    with database.writing() as db:
        actor, compound = manager(db, city), home(db, city)
        folder = db.info["settings"].archive
        first, second, third = (
            add_photo(db, actor, compound, OCTOBER, one, panel="晒服务", caption="", at=at)
            for one in pictures
        )
        names = [(one.digest, one.small) for one in (first, second, third)]
        # The same picture stands in the other panel, and one that went comes back.
        add_photo(db, actor, compound, OCTOBER, pictures[1], panel="晒收支", caption="", at=at)
        for one in (first, second, third):
            remove_photo(db, actor, compound, OCTOBER, one.id, at=at)
        add_photo(db, actor, compound, OCTOBER, pictures[2], panel="晒服务", caption="", at=at)

    def kept() -> list[list[bool]]:
        return [[archive.place(folder, name).exists() for name in pair] for pair in names]

    assert clear(database, at) == 0, "a page may still show it"
    assert clear(database, at + timedelta(days=1)) == 4
    assert kept() == [[False, False], [True, True], [True, True]]
    assert list(verify(database)) == []
    archive.place(folder, names[2][0]).unlink()
    (fault,) = verify(database)
    assert fault.startswith("双晒照片")
    assert fault.endswith(f"缺失：{names[2][0]}")
    with database.writing() as db:
        draft = draft_of(db, city.compound.id, OCTOBER)
        assert draft is not None
        drop_draft(db, manager(db, city), home(db, city), draft, at=at)
    assert clear(database, at + timedelta(days=1)) == 4
    assert kept() == [[False, False]] * 3
    assert clear(database, at + timedelta(days=9)) == 0


def test_a_street_sets_what_is_shown_and_can_follow_the_district_again(
    database: Database, city: City, at: datetime
) -> None:
    wanted = Plan((PanelPlan("晒公共收益", Panel.ACCOUNTS, (ItemPlan("停车收入"),)),), 3, 15)
    with database.writing() as db:
        street, community = db.get_one(Area, city.street.id), db.get_one(Area, city.community.id)
        liaison = build.actor(db, city.liaison, Role.LIAISON, city.street)
        with pytest.raises(Forbidden):
            set_plan(db, liaison, community, wanted, 0)
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        with pytest.raises(Forbidden):
            set_plan(db, secretary, street, wanted, 0)
        set_plan(db, liaison, street, wanted, 0)
        plan, own, said_by = plan_of(db, community)
        assert (plan, own, said_by) == (wanted, None, street)
        assert plan_of(db, db.get_one(Area, city.next_street.id))[0] == DEFAULT
        with pytest.raises(Conflict):
            set_plan(db, liaison, street, DEFAULT, 0)
        with pytest.raises(Invalid, match="请选择 2026-10"):
            draft_for(db, manager(db, city), home(db, city), date(2026, 11, 1), at=at)
    line = ("XQ-JH", "2026-07", "晒公共收益", "停车收入", "", "三季度", "10.00", "", "2026-10-05")
    assert take(database, at, line).created == 1
    with database.writing() as db:
        liaison = build.actor(db, city.liaison, Role.LIAISON, city.street)
        street = db.get_one(Area, city.street.id)
        follow_above(db, liaison, street, 1)
        assert plan_of(db, street)[0] == DEFAULT
    assert take(database, at, line).unchanged == 1, "what stands published may be named"
    wrong = take(database, at, (*line[:2], "晒晒", *line[3:]))
    assert [e.column for e in wrong.errors] == ["面板"]

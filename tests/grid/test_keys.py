"""Under which keys names are found, and that they follow whoever writes a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from govgrid.db import Database
from govgrid.grid import keeping
from govgrid.grid.imports.store import insert_coded, update_rows
from govgrid.grid.keys import LONGEST, area_keys, compound_keys, officer_keys, plain
from govgrid.grid.models import Area, AreaKey, Compound, CompoundKey, Level, Officer, OfficerKey
from tests import build


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王芳", ["王", "王芳", "芳", "wangfang", "wf", "fang"]),
        ("单晓乐", ["shanxiaole", "shanxiaoyue", "sxl", "sxy", "晓乐", "xiaole"]),
        ("曾子墨", ["zengzimo", "zzm"]),
        ("解放", ["xiefang"]),
        ("欧阳重", ["ouyangzhong", "ouyangchong", "oyz", "阳重", "重"]),
        ("尉迟敬德", ["yuchijingde", "ycjd", "jingde", "敬德"]),
        ("万俟雪", ["moqixue"]),
        ("吕绿", ["lvlv"]),
        ("阿卜杜·热合曼", ["阿卜杜热合曼", "热合曼", "abodureheman"]),
        ("Mary Smith", ["mary", "smith"]),
    ],
)
def test_a_person_is_found_by(name: str, typed: list[str]) -> None:
    keys = set(officer_keys(name, "RY001"))
    assert "ry001" in keys
    assert [text for text in typed if not any(key.startswith(text) for key in keys)] == []


def test_a_person_is_not_found_from_inside_a_number() -> None:
    assert {"甲129", "129"} <= officer_keys("甲129", "x")
    assert "29" not in officer_keys("甲129", "x")


@pytest.mark.parametrize(("name", "wrong"), [("单晓", "dan"), ("王芳", "yu"), ("曾毅", "ceng")])
def test_a_surname_has_its_own_reading(name: str, wrong: str) -> None:
    assert not any(key.startswith(wrong) for key in officer_keys(name, "x"))


def test_a_place_is_read_by_its_words() -> None:
    keys = set(compound_keys("重庆路3号院", "锦里市江桥街12号（东门）", "XQ-1"))
    assert {"chongqinglu3haoyuan", "庆路3号院", "江桥街12号东门", "12号东门"} <= keys
    assert "2号东门" not in keys


def test_a_grid_is_found_from_where_its_own_name_begins() -> None:
    keys = set(area_keys("锦江社区第一网格第3微网格", Level.MICRO_GRID, "51", "WG-3"))
    assert {"51", "wg-3", "第一网格第3微网格", "第3微网格"} <= keys
    assert "江社区第一网格第3微网格" not in keys


@given(st.text(max_size=40), st.text(max_size=60))
def test_any_text_gives_keys_that_fit(name: str, address: str) -> None:
    keys = [
        *officer_keys(name, "A1"),
        *compound_keys(name, address, "B1"),
        *(key for level in Level for key in area_keys(name, level, "5101", None)),
    ]
    assert all(0 < len(key) <= LONGEST for key in keys)
    if found := plain(name):
        assert found[:LONGEST] in keys


def test_full_width_and_case_make_no_difference() -> None:
    assert plain(" Ｂ区 ·Ａ座") == "b区a座"


def keys_of(database: Database, table: type[OfficerKey], number: int) -> set[str]:
    with database.reading() as db:
        return set(db.scalars(select(table.key).where(table.officer_id == number)))


def test_keys_follow_a_person_renamed_by_hand(database: Database) -> None:
    with database.writing() as db:
        number = build.officer(db, "王芳").id
    assert "wangfang" in keys_of(database, OfficerKey, number)
    with database.writing() as db:
        db.get_one(Officer, number).name = "李芳"
    after = keys_of(database, OfficerKey, number)
    assert "lifang" in after
    assert "wangfang" not in after
    with database.writing() as db:
        db.delete(db.get_one(Officer, number))
    assert keys_of(database, OfficerKey, number) == set()


def test_keys_follow_rows_written_at_once(database: Database) -> None:
    row = {"code": "RY9", "name": "王芳", "organization_id": None, "phone": None, "email": None}
    with database.writing() as db:
        ids = insert_coded(db, Officer, [{**row, "version": 1}])
        update_rows(db, Officer, [{"id": ids["RY9"], "name": "赵芳", "email": "a@example.cn"}])
    assert {"zhaofang", "ry9"} <= keys_of(database, OfficerKey, ids["RY9"])
    assert "wangfang" not in keys_of(database, OfficerKey, ids["RY9"])


def test_what_was_there_before_gets_its_keys(database: Database) -> None:
    with database.writing() as db:
        city = build.small_city(db)
        for table in (OfficerKey, CompoundKey, AreaKey):
            db.execute(delete(table))
        everything = sum(len(db.scalars(select(m.id)).all()) for m in (Officer, Compound, Area))
        assert keeping.fill(db) == everything
        assert keeping.fill(db) == 0
        found = db.scalars(select(CompoundKey.compound_id).where(CompoundKey.key == "jinheyuan"))
        assert list(found) == [city.compound.id]

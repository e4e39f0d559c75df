"""The imports of the grid: what they store, that twice changes nothing, what they refuse."""

import json
from datetime import date, datetime
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select

from govgrid.access import Actor, Office, Role
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid.imports import areas, boundaries, compounds, officers
from govgrid.grid.models import Area, Boundary, Compound, Officer, Post
from govgrid.grid.queries import area_at
from govgrid.sheets import Outcome
from tests import build
from tests.build import City

SQUARE = [[104.0, 30.6], [104.01, 30.6], [104.01, 30.61], [104.0, 30.61], [104.0, 30.6]]
BOW = [[104.0, 30.6], [104.01, 30.61], [104.01, 30.6], [104.0, 30.61], [104.0, 30.6]]
MICRO_GRID = "510107001001001001"
HEADINGS = "人员编号,姓名,职务,任职对象,手机,任职起,任职止"


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        db.expunge_all()
    return made


def sheet(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def load(database: Database, module: Any, data: bytes, at: datetime, **more: Any) -> Outcome:
    with database.writing() as db:
        outcome: Outcome = module.load(db, more.pop("actor", None), data, "x.csv", at=at, **more)
        return outcome


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged


def wrong(outcome: Outcome) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in outcome.errors]


def collection(
    *rings: list[list[float]], code: str = MICRO_GRID, crs: str | None = "wgs84"
) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, **({"crs": crs} if crs else {})},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for ring in rings
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_areas_come_in_any_order_and_twice_changes_nothing(
    database: Database, at: datetime
) -> None:
    data = sheet(
        "代码,名称,层级,上级代码", "510107,武阳区,区县,5101", "5101,锦里市,市,",
        "510107001,江桥街道,街道,510107",
    )  # fmt: skip
    assert counts(load(database, areas, data, at)) == (3, 0, 0)
    assert counts(load(database, areas, data, at)) == (0, 0, 3)
    with database.reading() as db:
        path = db.scalar(select(Area.path).where(Area.code == "510107001"))
    assert path == "/5101/510107/510107001/"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("51010700,错区,区县,5101", "代码"),
        ("510107003,错街,街道,5101", "上级代码"),
        ("510108,无上级,区县,5199", "上级代码"),
        ("510109,无上级,区县,", "上级代码"),
    ],
)
def test_an_area_that_does_not_fit_is_refused(
    database: Database, city: City, at: datetime, line: str, column: str
) -> None:
    outcome = load(database, areas, sheet("代码,名称,层级,上级代码", line), at)
    assert wrong(outcome) == [(2, column)]


def test_compounds_are_stored_and_twice_changes_nothing(
    database: Database, city: City, at: datetime
) -> None:
    data = sheet(
        "小区编号,小区名称,小区类型,社区代码,微网格代码,经度,纬度,坐标系,物业企业",
        f"XQ-N,新苑,商品房小区,{city.community.code},{MICRO_GRID},104.05,30.6,gcj02,安居物业",
    )
    assert counts(load(database, compounds, data, at)) == (1, 0, 0)
    assert counts(load(database, compounds, data, at)) == (0, 0, 1)
    with database.reading() as db:
        east = db.scalar(select(Compound.longitude).where(Compound.code == "XQ-N"))
    assert east is not None
    assert 104.0470 < east < 104.0480  # about 250 m west of what GCJ-02 says


def test_a_micro_grid_of_another_community_is_refused(
    database: Database, city: City, at: datetime
) -> None:
    data = sheet(
        "小区编号,小区名称,小区类型,社区代码,微网格代码",
        f"XQ-N,新苑,商品房小区,{city.next_community.code},{MICRO_GRID}",
    )
    assert wrong(load(database, compounds, data, at)) == [(2, "微网格代码")]


def test_one_person_in_two_rows_is_one_officer(
    database: Database, city: City, at: datetime
) -> None:
    data = sheet(
        HEADINGS,
        f"P1,何新,社区书记,{city.next_community.code},10000000002,2026-01-01,",
        "P1,何新,项目经理,XQ-JH,,2026-01-01,2026-12-31",
    )
    assert counts(load(database, officers, data, at)) == (2, 0, 0)
    assert counts(load(database, officers, data, at)) == (0, 0, 2)
    with database.reading() as db:
        held = db.execute(
            select(Post.role, Post.until).join(Post.officer).where(Officer.code == "P1")
        )
        assert set(held) == {
            (Role.SECRETARY, None),
            (Role.PROJECT_MANAGER, date(2026, 12, 31)),
        }


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("P1,另名,网格长,510107001001001,,2026-01-01,", "姓名"),
        ("P2,何新,社区书记,510107001,,2026-01-01,", "任职对象"),
        ("P2,何新,项目经理,XQ-NONE,,2026-01-01,", "任职对象"),
        ("P2,何新,社区书记,510107001001,电话,2026-01-01,", "手机"),
        ("P2,何新,社区书记,510107001001,,2026-01-02,2026-01-01", "任职止"),
        ("P1,何新,社区书记,510107001001,,2026-06-01,", "任职起"),
    ],
)
def test_an_officer_that_does_not_fit_is_refused_and_nothing_written(
    database: Database, city: City, at: datetime, line: str, column: str
) -> None:
    first = "P1,何新,社区书记,510107001001,,2026-01-01,"
    outcome = load(database, officers, sheet(HEADINGS, first, line), at)
    assert (3, column) in wrong(outcome)
    with database.reading() as db:
        assert not db.scalar(select(func.count()).where(Officer.code.in_(["P1", "P2"])))


def test_nobody_imports_outside_the_own_area(database: Database, city: City, at: datetime) -> None:
    with database.reading() as db:
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
    line = f"P1,何新,社区书记,{city.far_community.code},,2026-01-01,"
    outcome = load(database, officers, sheet(HEADINGS, line), at, actor=actor)
    assert wrong(outcome) == [(2, "任职对象")]
    far = collection(SQUARE, code=city.far_community.code)
    assert wrong(load(database, boundaries, far, at, actor=actor)) == [(1, "code")]


KEEPER = Actor(9, 0, "系统管理员", (), Office.SYSTEM)


def test_a_post_ended_by_one_import_is_given_anew_by_the_next(
    database: Database, city: City, at: datetime
) -> None:
    held = "P1,何新,社区书记,510107001001,,2026-01-01,{}"
    anew = "P1,何新,社区书记,510107001001,,{},"
    assert counts(load(database, officers, sheet(HEADINGS, held.format("")), at)) == (1, 0, 0)
    ended = sheet(HEADINGS, held.format("2026-06-30"))
    assert counts(load(database, officers, ended, at)) == (0, 1, 0)
    assert wrong(load(database, officers, sheet(HEADINGS, anew.format("2026-06-30")), at)) == [
        (2, "任职起")
    ]
    given = sheet(HEADINGS, anew.format("2026-07-01"))
    assert counts(load(database, officers, given, at)) == (1, 0, 0)
    both = sheet(HEADINGS, held.format("2026-06-30"), anew.format("2026-07-01"))
    assert counts(load(database, officers, both, at)) == (0, 0, 2)
    # Without the column of ends the one that ended is not open again.
    short = "人员编号,姓名,职务,任职对象,任职起"
    rows = [f"P1,何新,社区书记,510107001001,{day}" for day in ("2026-01-01", "2026-07-01")]
    assert counts(load(database, officers, sheet(short, *rows), at)) == (0, 0, 2)
    with database.reading() as db:
        found = db.execute(
            select(Post.since, Post.until)
            .join(Post.officer)
            .where(Officer.code == "P1")
            .order_by(Post.since)
        )
        assert [tuple(row) for row in found] == [
            (date(2026, 1, 1), date(2026, 6, 30)),
            (date(2026, 7, 1), None),
        ]


ELSEWHERE = "人员编号,姓名,职务,任职对象,手机,邮箱,单位,任职起,任职止"


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("P1,何新,社区民警,510107001001,10000000002,a@example.cn,所,2026-01-01,", []),
        ("P1,何旧,社区民警,510107001001,10000000002,a@example.cn,所,2026-01-01,", ["姓名"]),
        ("P1,何新,社区民警,510107001001,10000000003,a@example.cn,所,2026-01-01,", ["手机"]),
        ("P1,何新,社区民警,510107001001,,b@example.cn,所,2026-01-01,", ["手机", "邮箱"]),
        ("P1,何新,社区民警,510107001001,10000000002,a@example.cn,新所,2026-01-01,", ["单位"]),
        ("P1,何新,社区民警,510107001001,10000000002,a@example.cn,所,2026-01-01,2026-12-31", ["任职止"]),
        ("P1,何新,社区民警,510107001002,10000000002,a@example.cn,所,2026-01-01,", ["任职对象"]),
    ],
)  # fmt: skip
def test_a_person_who_also_serves_elsewhere_is_left_alone(
    database: Database, city: City, at: datetime, line: str, columns: list[str]
) -> None:
    rows = [
        f"P1,何新,社区民警,{place},10000000002,a@example.cn,所,2026-01-01,"
        for place in ("510107001001", city.far_community.code)
    ]
    assert counts(load(database, officers, sheet(ELSEWHERE, *rows), at)) == (2, 0, 0)
    with database.reading() as db:
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
    outcome = load(database, officers, sheet(ELSEWHERE, line), at, actor=actor)
    assert wrong(outcome) == [(2, column) for column in columns]
    assert all("区域外另有任职" in str(error.reason) for error in outcome.errors)
    assert not load(database, officers, sheet(ELSEWHERE, line), at, actor=KEEPER).errors


def test_who_served_elsewhere_until_yesterday_may_be_taken_on(
    database: Database, city: City, at: datetime
) -> None:
    past = f"P1,何新,社区民警,{city.far_community.code},,,,2026-01-01,2026-11-22"
    load(database, officers, sheet(ELSEWHERE, past), at)
    with database.reading() as db:
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
    here = "P1,何新,社区民警,510107001001,,,,2026-11-23,"
    assert counts(load(database, officers, sheet(ELSEWHERE, here), at, actor=actor)) == (1, 0, 0)


def test_a_boundary_is_found_at_its_points(database: Database, city: City, at: datetime) -> None:
    assert counts(load(database, boundaries, collection(SQUARE), at)) == (1, 0, 0)
    assert counts(load(database, boundaries, collection(SQUARE), at)) == (0, 0, 1)
    with database.reading() as db:
        inside = area_at(db, 104.005, 30.605)
        assert inside is not None
        assert inside.code == MICRO_GRID
        assert area_at(db, 104.02, 30.605) is None


def test_the_same_boundary_in_another_system_moves(
    database: Database, city: City, at: datetime
) -> None:
    load(database, boundaries, collection(SQUARE), at)
    moved = load(database, boundaries, collection(SQUARE, crs=None), at, crs="gcj02")
    assert counts(moved) == (0, 1, 0)
    with database.reading() as db:
        box = db.scalars(select(Boundary)).one()
        assert box.west < 103.999
        assert shapely.from_geojson(box.geometry).bounds[0] == box.west


@pytest.mark.parametrize(
    ("data", "column", "why"),
    [
        (collection(BOW), "geometry", "自相交"),
        (collection(SQUARE, crs=None), "crs", "坐标系"),
        (collection(SQUARE, crs="mars"), "crs", "坐标系"),
        (collection(SQUARE, code="5199"), "code", "5199"),
        (collection([[1.0, 2.0], [2.0, 2.0], [2.0, 3.0], [1.0, 2.0]]), "geometry", "中国"),
        (collection([[104.0, 30.6]]), "geometry", "无法读取"),
    ],
)
def test_a_wrong_boundary_is_refused(
    database: Database, city: City, at: datetime, data: bytes, column: str, why: str
) -> None:
    outcome = load(database, boundaries, data, at)
    assert wrong(outcome) == [(1, column)]
    assert why in str(outcome.errors[0].reason)


def test_a_repair_is_asked_for_and_told(database: Database, city: City, at: datetime) -> None:
    data = collection(BOW)
    refused = load(database, boundaries, data, at)
    assert "--repair" in str(refused.errors[0].reason)
    outcome = load(database, boundaries, data, at, repair=True)
    assert counts(outcome) == (1, 0, 0)
    (told,) = outcome.mended
    assert (told.row, told.value) == (1, MICRO_GRID)
    assert "2 块" in str(told.reason)
    assert outcome.json()["mended"]
    with database.reading() as db:
        shape = shapely.from_geojson(db.scalars(select(Boundary.geometry)).one())
    assert shape.is_valid
    assert shape.area == pytest.approx(0.01 * 0.01 / 2)
    sound = load(database, boundaries, collection(SQUARE), at, repair=True)
    assert (counts(sound), sound.mended) == ((0, 1, 0), [])


def test_what_encloses_nothing_cannot_be_repaired(
    database: Database, city: City, at: datetime
) -> None:
    line = [[104.0, 30.6], [104.01, 30.6], [104.02, 30.6], [104.0, 30.6]]
    outcome = load(database, boundaries, collection(line), at, repair=True)
    assert wrong(outcome) == [(1, "geometry")]
    assert "无法自动修复" in str(outcome.errors[0].reason)


def test_a_boundary_given_twice_is_refused(database: Database, city: City, at: datetime) -> None:
    assert wrong(load(database, boundaries, collection(SQUARE, SQUARE), at)) == [(2, "code")]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"type": "Feature"}', b"\xff", b"[" * 100_000])
def test_what_is_no_geojson_is_refused(database: Database, data: bytes, at: datetime) -> None:
    with pytest.raises(Invalid):
        load(database, boundaries, data, at)

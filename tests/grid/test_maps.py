"""The map: its frame, drawings of its parts, layers with their values, who answers."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from govgrid.access import Role
from govgrid.cases.layers import OPEN_CASES
from govgrid.cases.models import Case, Source
from govgrid.db import Database
from govgrid.grid.imports import boundaries
from govgrid.grid.models import CompoundMicroGrid, Level
from govgrid.grid.pages import make_routes
from govgrid.grid.queries.maps import label
from govgrid.meetings.layers import NEXT_MEETING
from govgrid.meetings.models import Meeting, Stage, Unit, Venue
from govgrid.oldcompounds.layers import COVERAGE
from govgrid.oldcompounds.models import Coverage, Mode
from tests import build
from tests.build import City
from tests.cases.site import Browser, visited
from tests.grid.test_imports import SQUARE, collection


@pytest.fixture
def city(database: Database, at: datetime) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        boundaries.load(db, None, collection(SQUARE), "x.geojson", at=at)
        db.expunge_all()
    return made


@pytest.fixture
def liaison(database: Database, city: City, at: datetime) -> Browser:
    with database.reading() as db:
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
    return visited(database, at, actor, make_routes([], [COVERAGE, OPEN_CASES, NEXT_MEETING]))


def rings(drawn: dict[str, Any]) -> dict[str, list[list[list[float]]]]:
    """Return the rings of a drawing by code, as the browser reads them, longitude first."""
    steps = np.array(drawn["corners"], dtype=np.int64).reshape(-1, 2)
    table = (np.cumsum(steps, axis=0) / drawn["steps"] + drawn["origin"]).round(6)
    return {a["code"]: [table[ring].tolist() for ring in a["rings"]] for a in drawn["areas"]}


def test_the_frame_names_the_parts_to_load(liaison: Browser, city: City) -> None:
    drawn = liaison.get(f"/grid/{city.street.code}/map.json").json()
    corner = [[30.6, 104.0], [30.61, 104.01]]
    assert drawn["bounds"] == corner
    assert drawn["parts"] == [
        {"code": city.community.code, "street": city.street.code, "bounds": corner}
    ]


@pytest.mark.parametrize("detail", ["far", "near", "close"])
def test_a_part_draws_its_micro_grids(liaison: Browser, city: City, detail: str) -> None:
    url = f"/grid/{city.community.code}/shapes.json?detail={detail}"
    drawn = liaison.get(url).json()
    assert [area["level"] for area in drawn["areas"]] == ["micro_grid"]
    (ring,) = rings(drawn)[city.micro_grids[0].code]
    assert sorted(ring) == sorted(SQUARE[1:])


@pytest.mark.parametrize("detail", ["far", "near", "close"])
def test_neighbours_share_their_corners(
    liaison: Browser, database: Database, city: City, at: datetime, detail: str
) -> None:
    wave = [[104.01 + 0.0002 * (n % 2), 30.6 + 0.0001 * n] for n in range(101)]
    left = [[104.0, 30.6], *wave, [104.0, 30.61], [104.0, 30.6]]
    right = [[104.02, 30.6], *wave, [104.02, 30.61], [104.02, 30.6]]
    with database.writing() as db:
        for area, ring in zip(city.micro_grids, (left, right), strict=True):
            boundaries.load(db, None, collection(ring, code=area.code), "x", at=at)
    drawn = liaison.get(f"/grid/{city.community.code}/shapes.json?detail={detail}").json()
    one, other = (shapely.Polygon(found[0]) for found in rings(drawn).values())
    assert one.touches(other)
    assert shapely.coverage_is_valid([one, other])
    number = len(drawn["corners"]) // 2
    assert number < 40 if detail == "far" else number == 105


def test_no_other_detail_is_drawn(liaison: Browser, city: City) -> None:
    url = f"/grid/{city.community.code}/shapes.json?detail=all"
    assert liaison.get(url).status_code == 404


def test_an_unchanged_drawing_is_not_sent_again(liaison: Browser, city: City) -> None:
    url = f"/grid/{city.community.code}/shapes.json"
    mark = liaison.get(url).headers["etag"]
    again = liaison.get(url, {"if-none-match": mark})
    assert (again.status_code, again.content) == (304, b"")
    other = liaison.get(url, {"if-none-match": '"other"'})
    assert other.status_code == 200


def values(browser: Browser, city: City, layer: str) -> tuple[dict[str, list[str]], dict[str, int]]:
    found = browser.get(f"/grid/{city.street.code}/layer.json?layer={layer}").json()
    return found["values"], found["counts"]


def test_vacancies(liaison: Browser, database: Database, city: City) -> None:
    assert values(liaison, city, "vacancy") == ({}, {"": 2})
    with database.writing() as db:
        parent = db.merge(city.grid)
        third = build.area(db, f"{parent.code}003", "第三微网格", Level.MICRO_GRID, parent)
        code = third.code
    assert values(liaison, city, "vacancy") == ({code: ["vacant", ""]}, {"": 2, "vacant": 1})


def test_households_are_shared_by_the_serving_micro_grids(liaison: Browser, city: City) -> None:
    one, two = (m.code for m in city.micro_grids)  # 锦和苑 both, the courtyard the second
    shown, counts = values(liaison, city, "households")
    assert shown == {one: ["many", "约 150 户"], two: ["many", "约 450 户"]}
    assert counts == {"many": 2}


def test_the_weakest_management_colours_a_micro_grid(
    liaison: Browser, database: Database, city: City, at: datetime
) -> None:
    two = city.micro_grids[1].code
    assert values(liaison, city, "coverage")[0] == {two: ["none", ""]}
    with database.writing() as db:
        since = (at - timedelta(days=30)).date()
        db.add(
            Coverage(
                compound_id=city.courtyard.id, mode=Mode.CUSTODIAL, since=since, recorded_at=at
            )
        )
    assert values(liaison, city, "coverage") == ({two: ["custodial", ""]}, {"": 1, "custodial": 1})


def test_open_cases_and_overdue_ones(
    liaison: Browser, database: Database, city: City, at: datetime
) -> None:
    one, two = (m.code for m in city.micro_grids)

    def case(number: str, compound: int, days: int, closed: datetime | None = None) -> Case:
        received = at - timedelta(days=days)
        return Case(
            number=number, source=Source.HOTLINE, category="漏水", compound_id=compound,
            received_at=received, reply_due=received + timedelta(hours=2),
            close_due=received + timedelta(days=2), closed_at=closed,
        )  # fmt: skip

    with database.writing() as db:
        db.add_all(
            [
                case("1", city.compound.id, 1),
                case("2", city.courtyard.id, 5),
                case("3", city.courtyard.id, 9, closed=at),
            ]
        )
    shown, _counts = values(liaison, city, "cases")
    assert shown == {
        one: ["open", "未办结 1 件，超期 0 件"],
        two: ["overdue", "未办结 2 件，超期 1 件"],
    }


def test_the_next_meeting_is_the_earliest_of_the_compounds(
    liaison: Browser, database: Database, city: City, at: datetime
) -> None:
    one, two = (m.code for m in city.micro_grids)
    with database.writing() as db:
        db.expire_on_commit = False
        room = Venue(community_id=city.community.id, name="会议室")
        db.add(room)
        home, court = (
            Unit(community_id=city.community.id, compound_id=c.id)
            for c in (city.compound, city.courtyard)
        )
        db.add_all([home, court])
        db.flush()

        def meet(unit: Unit, days: int, stage: Stage = Stage.CONFIRMED) -> None:
            start = at + timedelta(days=days)
            db.add(
                Meeting(
                    uid=f"{unit.id}-{days}", unit_id=unit.id, community_id=city.community.id,
                    month=start.date().replace(day=1), stage=stage, title="联席会议", start=start,
                    end=start + timedelta(hours=1), venue_id=room.id,
                    convenor_id=city.secretary.id,
                )
            )  # fmt: skip

        meet(court, 20)
        meet(home, 2, Stage.CANCELLED)
        meet(home, -30)
    shown, counts = values(liaison, city, "meetings")
    assert shown[one] == ["unplanned", "锦和苑"]
    assert shown[two] == ["later", "江桥街12号院：2026年12月13日 09:00"]
    assert counts == {"unplanned": 1, "later": 1}
    with database.writing() as db:
        db.add(home)
        meet(home, 3)
    assert values(liaison, city, "meetings")[0][two][0] == "soon"


def test_the_list_tells_what_the_layer_shows(liaison: Browser, city: City) -> None:
    page = liaison.get(f"/grid/{city.street.code}/map?layer=households").text
    assert "约 450 户" in page
    assert 'value="households"' in page
    assert "第二微网格" in page
    assert "李微" in page
    unknown = liaison.get(f"/grid/{city.street.code}/map?layer=nonsense")
    assert unknown.status_code == 200


def test_who_answers_is_shown_by_area_and_by_compound(
    liaison: Browser, database: Database, city: City
) -> None:
    with database.writing() as db:
        db.add(
            CompoundMicroGrid(compound_id=city.courtyard.id, micro_grid_id=city.micro_grids[0].id)
        )
    by_area = liaison.get(f"/grid/at?area={city.micro_grids[0].code}").text
    assert "李微" in by_area
    assert "赵微" not in by_area
    assert 'data-corners="30.6 104.0 30.61 104.01"' in by_area
    by_compound = liaison.get(f"/grid/at?compound={city.compound.code}").text
    assert "钱经理" in by_compound
    for far in (f"area={city.far_community.code}", "compound=XQ-NONE"):
        assert liaison.get(f"/grid/at?{far}").status_code == 404


@pytest.mark.parametrize(
    ("name", "above", "level", "short"),
    [
        ("锦江社区第一网格3号微网格", "锦江社区第一网格", Level.MICRO_GRID, "3号"),
        ("锦江社区第一网格", "锦江社区居委会", Level.GRID, "第一网格"),
        ("锦江第一网格", "锦江社区", Level.GRID, "第一网格"),
        ("第一微网格", "锦江第一网格", Level.MICRO_GRID, "第一"),
        ("锦江社区居委会", "江桥街道", Level.COMMUNITY, "锦江社区"),
        ("微网格", None, Level.MICRO_GRID, "微网格"),
    ],
)
def test_labels_are_short(name: str, above: str | None, level: Level, short: str) -> None:
    assert label(name, above, level) == short

"""Coordinates as people write them, and the page that looks them up."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.access import Role
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid.crs import to_gcj02
from govgrid.grid.imports import boundaries
from govgrid.grid.pages import make_routes
from govgrid.grid.pages.points import degrees
from tests import build
from tests.build import City
from tests.cases.site import Browser, visited
from tests.grid.test_imports import SQUARE, collection


@pytest.mark.parametrize(
    "written",
    [
        "104.0657, 30.6595",
        "104.0657,30.6595",
        "30.6595，104.0657",
        " 经度104.0657 纬度30.6595 ",
        "(104.0657;30.6595)",
    ],
)
def test_a_position_is_read_in_either_order(written: str) -> None:
    assert degrees(written) == (104.0657, 30.6595)


@given(st.text(max_size=80))
def test_any_text_is_a_position_or_refused(written: str) -> None:
    try:
        longitude, latitude = degrees(written)
    except Invalid:
        return
    assert -180 <= longitude <= 180
    assert -90 <= latitude <= 90


@pytest.mark.parametrize(
    "written", ["", "成都", "104", "1 2 3", "999, 30", "104.1, 104.2", "nan 1"]
)
def test_what_is_no_position_is_refused(written: str) -> None:
    with pytest.raises(Invalid, match="经纬度"):
        degrees(written)


@pytest.fixture
def secretary(database: Database, at: datetime) -> Browser:
    with database.writing() as db:
        city: City = build.small_city(db)
        boundaries.load(db, None, collection(SQUARE), "x.geojson", at=at)
        actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
    return visited(database, at, actor, make_routes([]))


def test_the_page_finds_a_position_in_each_system(secretary: Browser) -> None:
    ((east, north),) = to_gcj02(np.array([[104.0001, 30.605]]))
    asked = f"/grid/at?point={east:.6f},{north:.6f}"
    assert "李微" in secretary.get(f"{asked}&crs=gcj02").text
    first = secretary.get("/grid/at?point=30.605,104.0001").text
    assert "李微" in first
    assert "<html" in first
    assert secretary.get(f"{asked}&crs=mars").status_code == 422
    assert "不在任何" in secretary.get("/grid/at?point=105,30").text
    assert "尚未输入位置" in secretary.get("/grid/at").text


def test_htmx_gets_the_answer_alone(secretary: Browser) -> None:
    part = secretary.get("/grid/at?longitude=104.005&latitude=30.605", {"hx-request": "true"}).text
    assert "李微" in part
    assert "<html" not in part

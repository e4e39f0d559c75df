"""The pictures in docs/screens: every page has one, at both widths, and none is left over."""

import pytest

from scripts.screens.pages import OTHER, page_routes, route_of, shown
from scripts.screens.tour import WIDTHS
from scripts.steps import ROOT

SCREENS = ROOT / "docs" / "screens"
WANTED = {
    "/packages", "/packages/{run:int}", "/cases/{number}/phone", "/rates/league", "/rates/charts",
    "/actions/figures", "/meetings/{meeting:int}/minutes/edit", "/prints/{job:int}",
    "/entrance/{meeting:int}/{code}", "/rates/meetings", "/rates/meetings/behind",
    "/rates/owners-meetings", "/reports",
    "/reports/jobs/{job:int}",
}  # fmt: skip
"""Pages that a walk opens, but of which no picture is kept yet; strike what has come."""


def test_every_page_of_the_route_table_is_pictured() -> None:
    pictured = shown(SCREENS)
    missing = {path for path in page_routes() if not pictured.get(path)}
    assert missing == WANTED
    assert set(pictured) - set(page_routes()) <= {OTHER}


def test_the_list_names_the_pictures_that_are_there() -> None:
    listed = {name for names in shown(SCREENS).values() for name in names}
    files = {path.stem for path in SCREENS.glob("*.png")}
    wide = {f"{name}-{width}" for name in listed for width in WIDTHS}
    assert files <= wide | listed
    assert [name for name in listed if not {name, *_both(name)} & files] == []
    assert [name for name in listed if len(_both(name) & files) == 1] == []


def _both(name: str) -> set[str]:
    return {f"{name}-{width}" for width in WIDTHS}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/cases/clock", "/cases/clock"),
        ("/cases/GD-1", "/cases/{number}"),
        ("/q/510107/state", OTHER),
        ("/nowhere", OTHER),
    ],
)
def test_an_address_leads_to_its_page(path: str, expected: str) -> None:
    assert route_of(path) == expected

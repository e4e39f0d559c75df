"""Pages that change areas: form, preview, confirm, history, undo, and what they refuse."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from govgrid.db import Database
from govgrid.settings import Settings
from tests.journeys.conftest import Site, furnish

pytestmark = pytest.mark.one_engine

COMMUNITY, NEXT, GRID = "510107001001", "510107001002", "510107001001001"


@pytest.fixture
def site(settings: Settings, database: Database, at: datetime) -> Iterator[Site]:
    """Return a running installation with the small city in it."""
    furnish(database, at)
    opened = Site(replace(settings, idle=timedelta(days=90)), database, at)
    yield opened
    opened.close()


def drafted(site: Site, login: str, path: str, **values: Any) -> tuple[str, str]:
    """Ask for a change; return the preview's page and its address."""
    person = site.person(login)
    page = person.post(path, on="2026-11-23", **values)
    found = re.search(r'action="(/area-changes/\d+)/confirm"', page)
    assert found, page
    return page, found[1]


def confirmed(site: Site, login: str, page: str, address: str) -> str:
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    return site.person(login).post(f"{address}/confirm", seen=seen[1])


def test_a_community_is_renamed_previewed_and_undone(site: Site) -> None:
    page, address = drafted(site, "sun", f"/grid/{COMMUNITY}/changes/rename", name="锦新社区")
    assert "锦江社区（510107001001）" in page
    assert "锦新社区（510107001001）" in page
    assert "变更已办理" in confirmed(site, "sun", page, address)
    zhou = site.person("zhou")
    assert "锦新社区" in zhou.get(f"/grid/{COMMUNITY}")
    history = zhou.get(f"/grid/{COMMUNITY}/changes")
    assert "更名" in history
    assert "孙联络" in history
    assert "办理变更" not in history
    assert "一切恢复原状" in site.person("sun").post(f"{address}/undo")
    assert "锦江社区" in zhou.get(f"/grid/{COMMUNITY}")


def test_a_merge_by_the_form(site: Site) -> None:
    page, address = drafted(
        site, "sun", f"/grid/{COMMUNITY}/changes/merge", into="new", name="锦竹社区",
        areas=[_number(site, NEXT)],
    )  # fmt: skip
    assert "小区" in page
    confirmed(site, "sun", page, address)
    sun = site.person("sun")
    assert "锦竹社区" in sun.get("/grid/510107001")
    assert "仅供查阅历史记录" in sun.get(f"/grid/{COMMUNITY}")
    board = sun.get("/months/2026-12")
    assert "锦竹社区" in board


def _number(site: Site, code: str) -> str:
    """Return the id that the merge form offers for a community."""
    page = site.person("sun").get(f"/grid/{COMMUNITY}/changes/merge")
    found = re.search(r'id="f-areas-(\d+)"[^>]*>\s*<label[^>]*>[^<]*' + code, page)
    assert found
    return found[1]


def test_every_kind_has_its_form(site: Site) -> None:
    sun = site.person("sun")
    for kind in ("create", "rename", "move", "merge", "split", "close", "manage"):
        page = sun.get(f"/grid/{COMMUNITY}/changes/{kind}")
        assert "生效日期" in page or "没有可以" in page
    sun.get(f"/grid/{COMMUNITY}/changes/reopen", status=404)
    sun.get(f"/grid/{COMMUNITY}/changes/nonsense", status=404)
    sun.get("/grid/510107001/changes/close", status=404)
    site.person("zhou").get(f"/grid/{COMMUNITY}/changes/rename", status=404)
    site.person("lin").get(f"/grid/{COMMUNITY}/changes", status=404)


def test_what_is_wrong_in_a_form_is_said(site: Site) -> None:
    sun = site.person("sun")
    at = {"on": "2026-11-23"}
    for path, values, words in (
        ("rename", {**at, "name": ""}, "不能为空"),
        ("rename", {"on": "x", "name": "y"}, "应为日期"),
        ("rename", {"on": "2036-11-23", "name": "y"}, "不合常理"),
        ("merge", {**at, "into": "new"}, "请填写新名称"),
        ("split", {**at, "names": ["", "乙"], "codes": ["", ""]}, "依次填写"),
        ("split", {**at, "names": ["甲", "乙"], "keep": "true"}, "应留空"),
        ("split", {**at, "names": ["甲", "乙"], "share.areas:1": "x"}, "选项无效"),
        ("close", at, "还有 1 个区域"),
    ):
        text = sun.post(f"/grid/{COMMUNITY}/changes/{path}", status=422, **values)
        assert words in text, (path, values)


def test_a_draft_is_its_drafters_alone(site: Site) -> None:
    _page, address = drafted(site, "sun", f"/grid/{GRID}/changes/rename", name="新名")
    site.person("wu").get(address, status=404)
    assert "变更已撤回" in site.person("sun").post(f"{address}/withdraw")
    site.person("sun").get(address, status=404)

"""Reports bound by the worker, the pages that lead there, and the command."""

import io
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from govgrid import archive
from govgrid.access import Actor, Role
from govgrid.cli.gathered import cli
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid, NotFound, Unavailable
from govgrid.journal import Entry
from govgrid.press.press import Press
from govgrid.reports.actions import ask_for_reports
from govgrid.reports.jobs import LEASE, make_reports
from govgrid.reports.models import ReportJob
from tests import build
from tests.journeys.conftest import Site, site
from tests.reports.world import AT, OCTOBER, World, area, laid, pages, sheets

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as db:
        return laid(db)


def housing(database: Database, world: World) -> Actor:
    with database.reading() as db:
        return build.actor(db, world.city.housing, Role.HOUSING_OFFICER, world.city.district)


def asked(database: Database, world: World) -> int:
    actor = housing(database, world)
    with database.writing() as db:
        return ask_for_reports(db, actor, area(db, world.city.district), OCTOBER, AT, at=AT).id


def test_a_district_is_bound_with_all_its_streets(
    database: Database, world: World, press: Press
) -> None:
    number = asked(database, world)
    step = make_reports(press)
    assert (step(database, AT), step(database, AT)) == (1, 0)
    with database.reading() as db:
        job = db.get_one(ReportJob, number)
        assert (job.done, job.total, job.skipped, job.failure) == (3, 3, [], None)
        line = db.scalars(select(Entry).where(Entry.subject == "report")).one()
        assert (line.verb, line.detail["parts"], line.detail["month"]) == ("print", 3, "2026-10")
    assert job.paper
    assert job.book
    pdf = archive.fetch(database.settings.archive, job.paper)
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_outline() as outline:
        assert [one.title for one in outline.root] == ["武阳区", "江桥街道", "望江街道"]
    assert all("数据截至2026年11月23日09:00" in page for page in pages(pdf))
    rows = sheets(archive.fetch(database.settings.archive, job.book))["四率"]
    captions = [row[0] for row in rows if str(row[0]).endswith("四率与变化")]
    assert captions == ["武阳区 · 四率与变化", "江桥街道 · 四率与变化", "望江街道 · 四率与变化"]


def test_one_report_that_cannot_be_printed_stops_no_other(
    database: Database, world: World, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, print_many = asked(database, world), press.print_many

    def broken(sheets: list[object]) -> list[object]:
        done: list[object] = list(print_many(sheets))  # type: ignore[arg-type]
        failed = ["江桥街道2026年10月" in one.html for one in sheets]  # type: ignore[attr-defined]
        return [Unavailable("超时") if bad else pdf for bad, pdf in zip(failed, done, strict=True)]

    monkeypatch.setattr(press, "print_many", broken)
    make_reports(press)(database, AT)
    with database.reading() as db:
        job = db.get_one(ReportJob, number)
        assert job.skipped == ["江桥街道：超时"]
        assert job.paper


def test_a_killed_worker_leaves_the_job_to_the_next(
    database: Database, world: World, press: Press
) -> None:
    number = asked(database, world)
    with database.writing() as db:
        db.get_one(ReportJob, number).leased_until = AT + LEASE
    step = make_reports(press)
    assert step(database, AT) == 0
    assert step(database, AT + 2 * LEASE) == 1


def test_who_may_not_print_there_asks_in_vain(database: Database, world: World) -> None:
    actor = housing(database, world)
    with database.writing() as db:
        city, community = area(db, world.city.city), area(db, world.city.community)
        with pytest.raises(NotFound):
            ask_for_reports(db, actor, city, OCTOBER, AT, at=AT)
        with pytest.raises(Invalid, match="区县和街道"):
            ask_for_reports(db, actor, community, OCTOBER, AT, at=AT)
        district = area(db, world.city.district)
        ask_for_reports(db, actor, district, OCTOBER, AT, at=AT)
        with pytest.raises(Conflict, match="正在编制"):
            ask_for_reports(db, actor, district, OCTOBER, AT, at=AT)


def test_a_clerk_comes_from_the_print_desk_to_the_files(site: Site) -> None:
    site.set_clock(AT)
    clerk = site.person("sun")
    assert "/reports?" in clerk.get("/print/2026-10")
    page = clerk.get("/reports?month=2026-10")
    assert "江桥街道 · 月报" in page
    fields = {"csrf": clerk.token, "area": "510107001", "month": "2026-10"}
    pdf = clerk.client.post("/reports/file", data={**fields, "ending": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf"
    assert "江桥街道2026年10月" in pages(pdf.content)[0]
    book = clerk.client.post("/reports/file", data={**fields, "ending": "xlsx"})
    assert "四率" in sheets(book.content)
    answer = clerk.client.post("/reports/jobs", data=fields)
    assert "正在编制：0 / 3" in answer.text
    assert "正在编制" in clerk.get("/reports?month=2026-10")
    path = str(answer.url.path)
    assert clerk.get(f"{path}/reports.pdf", 503)
    clerk.client.get(path, headers={"hx-request": "true"})
    assert site.person("zhou").get(path, 404)
    with site.database.reading() as db:
        told = db.scalars(select(Entry).where(Entry.subject == "report").order_by(Entry.id)).all()
        assert [line.verb for line in told] == ["export", "export", "print"]
        assert [line.detail.get("format") for line in told] == ["pdf", "xlsx", None]


def test_the_command_writes_the_same_bytes_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVGRID_DATABASE_URL", site.settings.database_url)
    monkeypatch.setenv("GOVGRID_SECRET", site.settings.secret)
    for ending in ("pdf", "xlsx"):
        for number in (1, 2):
            path = str(tmp_path / f"{number}.{ending}")
            how = ("report", "2026-10", "--area", "510107", "--as-of", "2026-11-23", "-o", path)
            done = CliRunner().invoke(cli, how)
            assert done.exit_code == 0, done.output
        one, two = (tmp_path / f"{n}.{ending}" for n in (1, 2))
        assert one.read_bytes() == two.read_bytes()
    wrong = CliRunner().invoke(cli, ["report", "2026-10", "--area", "510107", "-o", "x.doc"])
    assert wrong.exit_code == 2

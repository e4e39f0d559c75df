"""`invite` and `minutes`, as an office types them."""

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from govgrid.cli.gathered import cli
from govgrid.errors import Invalid, NotFound
from tests.build import clock
from tests.journeys.conftest import Site, site
from tests.journeys.test_month import confirm, hold, planned, sign

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


@pytest.fixture(autouse=True)
def _here(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVGRID_DATABASE_URL", site.settings.database_url)
    monkeypatch.setenv("GOVGRID_SECRET", site.settings.secret)
    monkeypatch.setenv("GOVGRID_ARCHIVE", str(site.settings.archive))
    monkeypatch.setenv("GOVGRID_SMTP_URL", site.settings.smtp_url)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def confirm_silently(site: Site) -> None:
    """Leave the meeting as a planner does: confirmed, nobody invited."""
    with site.database.writing() as db:
        db.execute(text("UPDATE meetings SET stage = 'confirmed', start = :start, \"end\" = :end"),
                   {"start": "2099-12-08 01:00:00", "end": "2099-12-08 02:30:00"})  # fmt: skip


def test_invitations_leave_once(site: Site) -> None:
    meeting = planned(site)
    assert json.loads(run("invite", "2026-12", "--json").stdout)["meetings"] == []
    confirm_silently(site)
    assert json.loads(run("invite", "2026-11", "--json").stdout)["meetings"] == []
    other = run("invite", "2026-12", "--area", "510107002", "--json")
    assert json.loads(other.stdout)["meetings"] == []
    told = json.loads(run("invite", "2026-12", "--area", "510107001", "--json").stdout)
    (one,) = told["meetings"]
    assert (str(one["id"]), one["unit"]) == (meeting, "锦和苑")
    site.set_clock(datetime.now(UTC))  # the command's clock is the real one
    assert one["letters"] == len(site.deliver()) > 3
    assert one["unreachable"] == ["李微"]
    assert json.loads(run("invite", "2026-12", "--json").stdout)["meetings"] == []
    assert "已发通知" in site.person("zhou").get(f"/meetings/{meeting}")


def test_past_meetings_are_not_invited_to(site: Site) -> None:
    planned(site)
    with site.database.writing() as db:
        db.execute(text("UPDATE meetings SET stage = 'confirmed', start = '2020-12-08 01:00:00'"))
    assert json.loads(run("invite", "2026-12", "--json").stdout)["meetings"] == []


def test_wrong_words_are_refused(site: Site) -> None:
    assert isinstance(run("invite", "December").exception, Invalid)
    assert isinstance(run("invite", "2026-12", "--area", "999").exception, NotFound)
    assert run("minutes", "2026-12", "-o", "x.pdf").exit_code == 2
    assert run("minutes", "7", "--area", "510107001", "-o", "x.pdf").exit_code == 2
    assert isinstance(run("minutes", "7", "-o", "x.pdf").exception, NotFound)


def test_minutes_of_a_month_and_of_one_meeting(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "out" / "m.pdf"
    meeting = planned(site)
    empty = run("minutes", "2026-12", "--area", "510107001", "-o", str(file))
    assert isinstance(empty.exception, Invalid)
    assert not file.exists()
    confirm(site, meeting)
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    sign(site, meeting)
    assert run("minutes", "2026-12", "--area", "510107001", "-o", str(file)).exit_code == 0
    with pikepdf.open(file) as pdf, pdf.open_outline() as outline:
        assert [entry.title for entry in outline.root] == ["目录", "锦江社区"]
    assert run("minutes", meeting, "-o", str(file)).exit_code == 0
    with pikepdf.open(BytesIO(file.read_bytes())) as pdf:
        assert len(pdf.pages) >= 1
    assert [p.name for p in file.parent.iterdir()] == ["m.pdf"]

"""Who is turned away stands in the log, without a word of what was asked."""

import pytest

from tests.journeys.conftest import Site, site

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "govgrid.security"]


def test_who_is_turned_away_is_noted_without_what_was_asked(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.person().get("/cases/SECRET-1", status=200)
    assert lines(caplog) == [], "whoever is not signed in is asked to"
    site.person("wang").get("/cases/SECRET-1%0aforged", status=404)
    (line,) = lines(caplog)
    assert line.startswith("refused NotFound, account ")
    assert line.endswith("at govgrid.cases.pages.life.show_case")
    assert "SECRET" not in line


def test_false_forms_hosts_and_sizes_are_noted(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    client = site.person().client
    client.post("/sign-in", data={"login": "zhou", "password": "x"})
    client.get("/sign-in", headers={"host": "evil.example"})
    form = {"content-type": "application/x-www-form-urlencoded"}
    client.post("/sign-in", content=b"x" * 3_000_000, headers=form)
    why = [line.partition(",")[0] for line in lines(caplog)]
    assert why == ["refused Forbidden", "refused unknown host", "refused too large"]

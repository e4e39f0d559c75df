"""A resident's own complaint: no account, a receipt code, not too many from one address."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from govgrid.access import Role
from govgrid.app import create_app
from govgrid.cases.actions.receiving import Received, receive
from govgrid.cases.models import Case, Receipt, Source
from govgrid.db import Database
from govgrid.errors import Invalid, TooMany
from govgrid.web import csrf
from govgrid.web.limits import LimitCount, SharedLimit, sender
from tests import build
from tests.build import City
from tests.cases.site import routes, visited
from tests.client import Client
from tests.conftest import SECRET


@pytest.fixture
def resident(database: Database, city: City, at: datetime) -> Iterator[Client]:
    app = create_app(database.settings, work=False)
    state = app._app.state  # type: ignore[attr-defined]  # inside the guard
    state.house.database.close()
    state.house.database, state.house.now = database, lambda: at
    yield Client(app, base_url="http://testserver", follow_redirects=False)
    state.press.close()


def form(**other: str) -> dict[str, str]:
    return {
        "csrf": csrf.token(SECRET, "b", ""), "compound": "XQ-WJ", "category": "停车",
        "content": "车位被占", "phone": "13900001111", **other,
    }  # fmt: skip


@pytest.mark.one_engine
def test_three_taps_and_a_code(
    resident: Client, database: Database, city: City, at: datetime
) -> None:
    here = f"/q/{city.district.code}"
    resident.cookies.set("browser", "b")
    found = resident.get(f"{here}?q=wjy").text
    assert f"{here}?compound=XQ-WJ" in found
    shown = resident.get(f"{here}?compound=XQ-WJ").text
    assert 'value="停车"' in shown
    sent = resident.post(here, data=form())
    assert sent.status_code == 303, sent.text
    state = resident.get(sent.headers["location"])
    assert "已受理" in state.text
    assert "车位被占" not in state.text
    assert "1390000" not in state.text
    code = sent.headers["location"].rpartition("/")[2]
    spoken = resident.get(f"{here}/state", params={"code": f"{code[:5]} {code[5:].lower()}"})
    assert spoken.headers["location"] == f"{here}/{code}"
    assert resident.get(f"{here}/AAAAABBBBB").status_code == 404
    assert "望江苑" in resident.get(here).text  # offered again to the same browser
    with database.reading() as db:
        case = db.scalars(select(Case)).one()
        assert (case.source, case.number) == (
            Source.ONE_CLICK, f"YJ{city.far_community.code}-{at.astimezone():%Y%m%d}-001",
        )  # fmt: skip
        stored = db.scalar(text("SELECT phone FROM receipts"))
        assert "1390000" not in stored


@pytest.mark.one_engine
def test_a_form_of_another_page_and_a_bad_phone_write_nothing(
    resident: Client, database: Database, city: City
) -> None:
    here = f"/q/{city.district.code}"
    resident.cookies.set("browser", "b")
    assert resident.post(here, data=form(csrf="x")).status_code == 403
    assert resident.post(here, data=form(phone="12")).status_code == 422
    assert resident.post(here, data=form(category="奇怪")).status_code == 422
    assert resident.post(here, data=form(compound="XQ-NONE")).status_code == 422
    assert resident.get("/q/510199").status_code == 404
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Receipt)) == 0


@pytest.mark.security
@pytest.mark.one_engine
def test_a_flood_from_one_address_ends_and_others_go_on(
    database: Database, city: City, resident: Client
) -> None:
    here, wrong = f"/q/{city.district.code}", form(compound="")
    flood, other = (
        Client(
            resident.app, base_url="http://testserver", client=(address, 1),
            cookies={"browser": "b"}, follow_redirects=False,
        )
        for address in ("10.1.1.1", "10.1.1.2")
    )  # fmt: skip
    answers = []
    for number in range(1000):
        answers.append(flood.post(here, data=wrong))
        if number % 150 == 0:  # in the midst of it
            assert other.post(here, data=form()).status_code == 303
    assert [one.status_code for one in answers] == [422] * 10 + [429] * 990
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    assert sender("2001:db8::1") == sender("2001:db8::ffff") != sender("2001:db8:0:1::1")
    assert sender("::ffff:10.0.0.1") == "10.0.0.1"


def test_several_servers_share_the_limit(database: Database, at: datetime) -> None:
    servers = [SharedLimit(3, timedelta(hours=1), database) for _ in range(2)]
    for server in (*servers, servers[0]):
        server.take("10.0.0.1", at)
    for server in servers:
        with pytest.raises(TooMany) as refused:
            server.take("10.0.0.1", at)
        assert 0 < refused.value.wait <= 3600
        server.take("10.0.0.2", at)
    with database.reading() as db:
        rows = db.scalars(select(LimitCount.mark)).all()
    assert len(rows) == 2
    assert "10.0.0" not in str(rows)
    servers[1].take("10.0.0.1", at + timedelta(hours=1))
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(LimitCount)) == 1


@pytest.mark.one_engine
def test_numbers_by_hand_go_on_and_foreign_compounds_are_refused(
    database: Database, city: City, at: datetime
) -> None:
    given = Received(Source.OWNERS_GROUP, "停车", city.compound.code, at, "车位")
    with database.writing() as db:
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        numbers = [receive(db, secretary, given, at=at).case.number for _ in range(2)]
        assert [number[-4:] for number in numbers] == ["-001", "-002"]
        with pytest.raises(Invalid) as refused:
            receive(db, secretary, Received(Source.OTHER, "停车", "XQ-WJ", at), at=at)
        assert list(refused.value.fields) == ["compound"]
        manager = build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound)
        with pytest.raises(Invalid):
            receive(db, manager, given, at=at)


@pytest.mark.one_engine
def test_the_phone_is_masked_until_a_reason_is_given(
    database: Database, city: City, at: datetime, resident: Client
) -> None:
    resident.cookies.set("browser", "b")
    here = f"/q/{city.district.code}"
    assert resident.post(here, data=form(compound=city.compound.code)).status_code == 303
    with database.reading() as db:
        number = db.scalars(select(Case.number)).one()
        handles = build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound)
        looks = build.actor(db, city.housing, Role.HOUSING_OFFICER, city.district)
    shown = visited(database, at, handles, routes).get(f"/cases/{number}/phone").text
    assert "139****1111" in shown
    assert "13900001111" not in shown
    other = visited(database, at, looks, routes).get(f"/cases/{number}/phone").text
    assert "1111" not in other

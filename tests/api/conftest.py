"""A city with a token of its district, and the real application."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from govgrid.accounts.models import ApiToken
from govgrid.accounts.queries import token_hash
from govgrid.accounts.rules import Scope
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.grid.models import Area
from tests import build
from tests.build import City
from tests.client import Client
from tests.web import accounts

TOKEN = "gg_district"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def add_token(database: Database, area: Area, text: str, *scopes: Scope, at: datetime) -> int:
    with database.writing() as db:
        maker = accounts.account(db, build.officer(db, "接口管理"), at)
        token = ApiToken(
            name="热线", prefix=text[:10], token_hash=token_hash(text),
            scopes=[scope.value for scope in scopes], area_id=area.id, made_by=maker.id,
            made_at=at, expires_at=at + timedelta(days=30),
        )  # fmt: skip
        db.add(token)
        db.flush()
        return token.id


@pytest.fixture
def city(database: Database, at: datetime) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        build.compound(db, made.far_community, "望江苑", code="XQ-WJ")
        other = build.area(
            db, "510105", "另区", made.district.level, db.get(Area, made.district.parent_id)
        )
        street = build.area(db, "510105001", "另街道", made.street.level, other)
        home = build.area(db, "510105001001", "另社区", made.community.level, street)
        build.compound(db, home, "别区小区", code="XQ-ELSE")
        db.flush()
        db.expunge_all()
    add_token(database, made.district, TOKEN, *Scope, at=at)
    return made


@pytest.fixture
def client(database: Database, city: City, at: datetime) -> Iterator[Client]:
    app = create_app(database.settings, work=False)
    state = app._app.state  # type: ignore[attr-defined]  # inside the guard
    state.house.database.close()
    state.house.database, state.house.now = database, lambda: at
    yield Client(app, base_url="http://testserver")
    state.press.close()

"""Sign-in: the right password enters, five wrong ones bar, an idle session ends."""

from datetime import datetime, timedelta

import pytest

from govgrid.accounts import actions
from govgrid.accounts.queries import who
from govgrid.db import Database
from govgrid.errors import Invalid
from tests import build

PASSWORD = "correct-horse-1"


@pytest.fixture
def login(database: Database, at: datetime) -> str:
    with database.writing() as db:
        city = build.small_city(db)
        actions.add_account(db, None, city.secretary.code, "zhou", PASSWORD, at=at)
    return "zhou"


def test_role_and_area_come_from_the_posts(database: Database, login: str, at: datetime) -> None:
    token = actions.sign_in(database, login, PASSWORD, at=at)
    with database.reading() as db:
        actor = who(db, database.settings, token, at)
        assert actor is not None
        assert [(p.role.value, p.area_name) for p in actor.posts] == [
            ("community_secretary", "锦江社区")
        ]
        assert who(db, database.settings, token, at + timedelta(minutes=31)) is None
        assert who(db, database.settings, "another", at) is None


def test_five_failures_bar_the_account(database: Database, login: str, at: datetime) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            actions.sign_in(database, login, "wrong-password", at=at)
    with pytest.raises(Invalid):
        actions.sign_in(database, login, PASSWORD, at=at)
    assert actions.sign_in(database, login, PASSWORD, at=at + timedelta(minutes=16))


def test_a_weak_password_is_refused(database: Database, login: str) -> None:
    for weak in ("short", "1234567890", "zhou-zhou-1", "aaaaaaaaaaaa"):
        with database.writing() as db, pytest.raises(Invalid):
            actions.reset_password(db, None, login, weak)


def test_locking_ends_the_sessions(database: Database, login: str, at: datetime) -> None:
    token = actions.sign_in(database, login, PASSWORD, at=at)
    with database.writing() as db:
        actions.lock_account(db, None, login, at=at)
    with database.reading() as db:
        assert who(db, database.settings, token, at) is None
    with pytest.raises(Invalid):
        actions.sign_in(database, login, PASSWORD, at=at)

"""Sign-in: the right password enters, five wrong ones bar, an idle session ends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid.accounts import actions, rules
from govgrid.accounts.models import Account
from govgrid.accounts.queries import posts_of, who
from govgrid.accounts.throttle import FAILURES, WINDOW, Throttle
from govgrid.db import Database
from govgrid.errors import Invalid, TooMany
from govgrid.grid.models import Post
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


def fail(database: Database, name: str, at: datetime) -> str:
    with pytest.raises(Invalid) as caught:
        actions.sign_in(database, name, "wrong-password", at=at)
    return str(caught.value)


def test_five_failures_bar_the_account(database: Database, login: str, at: datetime) -> None:
    for _ in range(5):
        fail(database, login, at)
    with pytest.raises(Invalid):
        actions.sign_in(database, login, PASSWORD, at=at + timedelta(minutes=14))
    assert actions.sign_in(database, login, PASSWORD, at=at + timedelta(minutes=16))


def test_each_further_failure_bars_twice_as_long() -> None:
    assert rules.bar(4) is None
    assert [rules.bar(n) for n in (5, 6, 7)] == [timedelta(minutes=m) for m in (15, 30, 60)]
    assert rules.bar(1000) == rules.LONGEST_BAR


def test_nothing_tells_which_logins_exist(database: Database, login: str, at: datetime) -> None:
    said = {fail(database, name, at) for name in (login, "nobody") for _ in range(7)}
    assert len(said) == 1


def test_a_success_forgets_failures(database: Database, login: str, at: datetime) -> None:
    for _ in range(3):
        for _ in range(4):
            fail(database, login, at)
        assert actions.sign_in(database, login, PASSWORD, at=at)


def test_a_session_ends_after_half_a_day_of_use(
    database: Database, login: str, at: datetime
) -> None:
    token = actions.sign_in(database, login, PASSWORD, at=at)
    for minutes in range(20, 12 * 60, 20):
        actions.touch(database, token, at=at + timedelta(minutes=minutes))
    with database.reading() as db:
        assert who(db, database.settings, token, at + timedelta(hours=12))
        assert who(db, database.settings, token, at + timedelta(hours=12, minutes=1)) is None


def test_a_new_sign_in_ends_the_one_before(database: Database, login: str, at: datetime) -> None:
    first = actions.sign_in(database, login, PASSWORD, at=at)
    second = actions.sign_in(database, login, PASSWORD, at=at, before=first)
    with database.reading() as db:
        assert who(db, database.settings, first, at) is None
        assert who(db, database.settings, second, at)


def test_posts_count_only_on_their_days(database: Database, login: str, at: datetime) -> None:
    with database.writing() as db:
        account = db.scalars(select(Account)).one()
        held = db.scalars(select(Post).where(Post.officer_id == account.officer_id)).one()
        held.until = date(2026, 11, 23)
        officer_id = held.officer_id
    token = actions.sign_in(database, login, PASSWORD, at=at)
    late = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)  # 23:59 in Chengdu
    with database.reading() as db:
        assert posts_of(db, officer_id, late)
        assert not posts_of(db, officer_id, late + timedelta(minutes=1))
        found = who(db, database.settings, token, at)
    assert found is not None


def test_a_post_at_a_compound_lies_in_its_community(database: Database, at: datetime) -> None:
    with database.writing() as db:
        city = build.small_city(db)
        manager = city.manager.id
        expected = (city.community.path, city.compound.name, city.compound.id)
    with database.reading() as db:
        (post,) = posts_of(db, manager, at)
    assert (post.area_path, post.area_name, post.compound_id) == expected


def test_a_new_password_ends_the_other_sessions(
    database: Database, login: str, at: datetime
) -> None:
    kept, other = (actions.sign_in(database, login, PASSWORD, at=at) for _ in range(2))
    with database.reading() as db:
        actor = who(db, database.settings, kept, at)
    assert actor is not None
    with pytest.raises(Invalid):
        actions.change_password(database, actor, "wrong", "a-new-secret-7", kept, at=at)
    actions.change_password(database, actor, PASSWORD, "a-new-secret-7", kept, at=at)
    with database.reading() as db:
        assert who(db, database.settings, kept, at)
        assert who(db, database.settings, other, at) is None
    assert actions.sign_in(database, login, "a-new-secret-7", at=at)


def test_an_address_that_fails_too_often_waits(at: datetime) -> None:
    throttle = Throttle()
    for _ in range(FAILURES):
        with pytest.raises(Invalid), throttle.watching("192.0.2.1", at):
            raise Invalid("wrong")
    with pytest.raises(TooMany), throttle.watching("192.0.2.1", at):
        pass
    with throttle.watching("192.0.2.2", at), throttle.watching("192.0.2.1", at + WINDOW):
        pass


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

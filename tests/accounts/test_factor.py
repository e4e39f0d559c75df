"""The second factor: set up, asked for, never taken twice; recovery codes; the administrators'."""

from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, text

from govgrid.access import Actor, Office
from govgrid.accounts import actions, factor
from govgrid.accounts.actions.factor import give_up, prove_code, renew_codes, set_up
from govgrid.accounts.actions.sessions import NOWHERE, needs_code
from govgrid.accounts.models import Account, RecoveryCode, SignIn
from govgrid.accounts.queries import awaiting, who
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid
from govgrid.settings import EVERYONE
from tests import build

pytestmark = pytest.mark.one_engine

PASSWORD = "correct-horse-1"
SECRET = pyotp.random_base32()
NEXT = timedelta(seconds=30)


def code(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.fixture
def codes(database: Database, at: datetime) -> list[str]:
    """Give 周书记 an account with a second factor; return the recovery codes."""
    with database.writing() as db:
        city = build.small_city(db)
        account = actions.add_account(db, None, city.secretary.code, "zhou", PASSWORD, at=at)
        return set_up(db, account, SECRET, code(at), at=at)


def passed(database: Database, at: datetime) -> str:
    return actions.sign_in(database, "zhou", PASSWORD, at=at)


def signed_in(database: Database, token: str, at: datetime) -> bool:
    with database.reading() as db:
        return who(db, database.settings, token, at) is not None


def test_a_setting_asks_everybody_for_it(database: Database, at: datetime) -> None:
    with database.writing() as db:
        city = build.small_city(db)
        account = actions.add_account(db, None, city.secretary.code, "zhou", PASSWORD, at=at)
        actor, settings = Actor(account.id, 0, "周书记", ()), db.info["settings"]
        everyone = replace(settings, second_factor=EVERYONE)
        assert not needs_code(account, settings)
        assert needs_code(account, everyone)
        assert not needs_code(account, replace(everyone, demo=True))
        set_up(db, account, SECRET, code(at), at=at)
        db.info["settings"] = everyone
        with pytest.raises(Invalid, match="不能关闭"):
            give_up(db, actor, code(at + NEXT), at=at + NEXT)
        db.info["settings"] = settings


def test_the_password_alone_opens_nothing(
    database: Database, codes: list[str], at: datetime
) -> None:
    at += NEXT
    waiting = passed(database, at)
    assert not signed_in(database, waiting, at)
    token = prove_code(database, waiting, code(at), at=at, client=NOWHERE)
    assert token != waiting
    assert signed_in(database, token, at)
    assert not signed_in(database, waiting, at)
    with database.reading() as db:
        assert awaiting(db, waiting, at) is None


def test_a_demo_of_another_day_takes_the_code_of_today(
    database: Database, codes: list[str], at: datetime
) -> None:
    database.settings = replace(database.settings, ahead=timedelta(days=-3))
    now, shown = at + NEXT, at + NEXT - timedelta(days=3)
    prove_code(database, passed(database, shown), code(now), at=shown, client=NOWHERE)


def test_no_code_is_taken_twice(database: Database, codes: list[str], at: datetime) -> None:
    with pytest.raises(Invalid):  # it proved the set-up
        prove_code(database, passed(database, at), code(at), at=at, client=NOWHERE)
    at += NEXT
    prove_code(database, passed(database, at), code(at), at=at, client=NOWHERE)
    for earlier in (code(at), code(at - NEXT)):
        with pytest.raises(Invalid):
            prove_code(database, passed(database, at), earlier, at=at, client=NOWHERE)
    later = at + NEXT
    assert prove_code(database, passed(database, later), code(later), at=later, client=NOWHERE)


def test_a_recovery_code_works_once(database: Database, codes: list[str], at: datetime) -> None:
    typed = codes[0].lower().replace("-", " ")
    token = prove_code(database, passed(database, at), typed, at=at, client=NOWHERE)
    assert signed_in(database, token, at)
    with pytest.raises(Invalid):
        prove_code(database, passed(database, at), codes[0], at=at, client=NOWHERE)
    with database.reading() as db:
        marks = list(db.scalars(select(RecoveryCode.mark)))
        assert len(marks) == factor.RECOVERY_CODES - 1
        assert not set(codes) & set(marks)
        assert db.scalars(select(Account.secret)).one() == SECRET
        stored = db.execute(text("SELECT secret FROM accounts")).scalar_one()
        assert stored.startswith("gv1.")
        assert SECRET not in stored


def test_five_wrong_codes_bar_the_account(
    database: Database, codes: list[str], at: datetime
) -> None:
    waiting = passed(database, at)
    for _ in range(5):
        with pytest.raises(Invalid):
            prove_code(database, waiting, "000000", at=at, client=NOWHERE)
    with pytest.raises(Invalid):
        prove_code(database, waiting, code(at + NEXT), at=at + NEXT, client=NOWHERE)
    with pytest.raises(Invalid):
        passed(database, at)


def test_a_password_proved_long_ago_waits_no_more(
    database: Database, codes: list[str], at: datetime
) -> None:
    waiting, later = passed(database, at), at + timedelta(minutes=11)
    with pytest.raises(Conflict):
        prove_code(database, waiting, code(later), at=later, client=NOWHERE)


def test_giving_it_up_asks_for_a_code(database: Database, codes: list[str], at: datetime) -> None:
    later = at + NEXT
    token = prove_code(database, passed(database, later), code(later), at=later, client=NOWHERE)
    with database.writing() as db:
        actor = who(db, database.settings, token, later)
        assert actor is not None
        with pytest.raises(Invalid):
            give_up(db, actor, "000000", at=later)
        fresh = renew_codes(db, actor, db.scalars(select(Account)).one())
        with pytest.raises(Invalid):
            give_up(db, actor, codes[0], at=later)
        give_up(db, actor, fresh[0], at=later)
    assert signed_in(database, passed(database, later), later)


def test_administrators_need_it_but_in_the_demo(database: Database, at: datetime) -> None:
    with database.writing() as db:
        keeper = actions.add_administrator(db, Office.AUDIT, "申明察", "audit", PASSWORD, at=at)
        actor = Actor(keeper.id, 0, "申明察", (), Office.AUDIT)
        with pytest.raises(Invalid):
            give_up(db, actor, "000000", at=at)
    waiting = actions.sign_in(database, "audit", PASSWORD, at=at)
    assert not signed_in(database, waiting, at)
    shown = Database(replace(database.settings, demo=True))
    token = actions.sign_in(shown, "audit", PASSWORD, at=at)
    with shown.reading() as db:
        found = who(db, shown.settings, token, at)
    shown.close()
    assert found is not None
    assert (found.office, found.posts, found.paths()) == (Office.AUDIT, (), ())


def test_a_phone_may_be_half_a_minute_off(at: datetime) -> None:
    for drift in (-NEXT, timedelta(), NEXT):
        assert factor.step_of(SECRET, code(at + drift), at, 0) == (at + drift).timestamp() // 30
    assert factor.step_of(SECRET, code(at + 2 * NEXT), at, 0) is None
    assert factor.step_of(SECRET, "", at, 0) is None


def test_waiting_sessions_are_no_sessions_of_anybody(
    database: Database, codes: list[str], at: datetime
) -> None:
    passed(database, at)
    with database.reading() as db:
        assert db.scalars(select(SignIn.awaits_code)).all() == [True]

"""Invitations, and who may do what to accounts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid import journal
from govgrid.access import Actor, Office
from govgrid.accounts import actions, rules
from govgrid.accounts.actions.keeping import accept, clear_factor, invite, renew_link
from govgrid.accounts.models import Account, Invitation
from govgrid.accounts.queries import invited, who
from govgrid.accounts.queries.accounts import State, accounts, count_accounts, without_account
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.outbox.models import Letter
from tests import build

PASSWORD = "correct-horse-1"


def keeper(office: Office) -> Actor:
    return Actor(1000, 0, office.word, (), office)


@pytest.fixture
def city(database: Database) -> build.City:
    with database.writing() as db:
        made = build.small_city(db)
        db.expunge_all()
    return made


def invitation(database: Database, code: str, at: datetime) -> tuple[int, str, bool]:
    with database.writing() as db:
        issued = invite(db, keeper(Office.SYSTEM), code, code.lower(), at=at)
        return issued.account.id, issued.token, issued.mailed


def test_a_link_sets_a_password_once(database: Database, city: build.City, at: datetime) -> None:
    code = city.members[0].code  # without an address
    number, token, mailed = invitation(database, code, at)
    assert not mailed
    with database.reading() as db:
        assert invited(db, token, at).account.id == number
        assert token not in {*db.scalars(select(Invitation.token_hash))}
    with pytest.raises(Invalid):
        accept(database, token, "short", at=at)
    accept(database, token, PASSWORD, at=at)
    assert actions.sign_in(database, code.lower(), PASSWORD, at=at)
    with pytest.raises(NotFound):
        accept(database, token, "another-secret-2", at=at)


def test_a_link_expires_and_a_new_one_ends_it(
    database: Database, city: build.City, at: datetime
) -> None:
    number, token, _mailed = invitation(database, city.members[0].code, at)
    with pytest.raises(NotFound):
        accept(database, token, PASSWORD, at=at + rules.INVITED_FOR)
    with database.writing() as db:
        fresh = renew_link(db, keeper(Office.SYSTEM), number, at=at).token
    with pytest.raises(NotFound):
        accept(database, token, PASSWORD, at=at)
    accept(database, fresh, PASSWORD, at=at + rules.INVITED_FOR - timedelta(minutes=1))


def test_the_link_goes_by_letter_where_there_is_an_address(
    database: Database, city: build.City, at: datetime
) -> None:
    _number, token, mailed = invitation(database, city.secretary.code, at)
    assert mailed
    with database.reading() as db:
        letter = db.scalars(select(Letter)).one()
    assert letter.to_address == "zhou@example.cn"
    assert f"/welcome/{token}" in letter.plain
    assert f"/welcome/{token}" in letter.html


def test_resetting_takes_password_and_sessions(
    database: Database, city: build.City, at: datetime
) -> None:
    code = city.members[0].code
    number, token, _mailed = invitation(database, code, at)
    accept(database, token, PASSWORD, at=at)
    session = actions.sign_in(database, code.lower(), PASSWORD, at=at)
    with database.writing() as db:
        renew_link(db, keeper(Office.SYSTEM), number, at=at)
    with database.reading() as db:
        assert who(db, database.settings, session, at) is None
    with pytest.raises(Invalid):
        actions.sign_in(database, code.lower(), PASSWORD, at=at)


@pytest.mark.parametrize("office", [None, *Office])
def test_none_does_the_others_work(
    database: Database, city: build.City, at: datetime, office: Office | None
) -> None:
    number, _token, _mailed = invitation(database, city.members[0].code, at)
    login = city.members[0].code.lower()
    actor = Actor(1000, 0, "某人", (), office)
    other = city.members[1].code
    with database.writing() as db:
        deeds: dict[str, Callable[[], object]] = {
            "invite": lambda: invite(db, actor, other, "other", at=at),
            "renew": lambda: renew_link(db, actor, number, at=at),
            "lock": lambda: actions.lock_account(db, actor, login, at=at),
            "unlock": lambda: actions.unlock_account(db, actor, login),
            "clear": lambda: clear_factor(db, actor, login),
        }
        done = set()
        for name, deed in deeds.items():
            try:
                deed()
            except Forbidden:
                continue
            done.add(name)
    theirs = {Office.SYSTEM: {"invite", "renew"}, Office.SECURITY: {"lock", "unlock", "clear"}}
    assert done == (theirs.get(office, set()) if office else set())


def test_administrators_are_out_of_each_others_reach(database: Database, at: datetime) -> None:
    with database.writing() as db:
        audit = actions.add_administrator(db, Office.AUDIT, "申明察", "audit", PASSWORD, at=at)
        guard = actions.add_administrator(db, Office.SECURITY, "安守正", "guard", PASSWORD, at=at)
        with pytest.raises(Forbidden):
            renew_link(db, keeper(Office.SYSTEM), audit.id, at=at)
        own = Actor(guard.id, 0, "安守正", (), Office.SECURITY)
        with pytest.raises(Forbidden):
            clear_factor(db, own, "audit")
        with pytest.raises(Conflict):
            actions.lock_account(db, own, "guard", at=at)
        actions.lock_account(db, own, "audit", at=at)
    with pytest.raises(Invalid):
        actions.sign_in(database, "audit", PASSWORD, at=at)


def test_every_deed_stands_in_the_journal(
    database: Database, city: build.City, at: datetime
) -> None:
    _number, token, _mailed = invitation(database, city.members[0].code, at)
    accept(database, token, PASSWORD, at=at)
    with database.writing() as db:
        actions.lock_account(db, keeper(Office.SECURITY), city.members[0].code.lower(), at=at)
        actions.unlock_account(db, keeper(Office.SECURITY), city.members[0].code.lower())
    with database.reading() as db:
        entries = select(journal.Entry.verb, journal.Entry.actor).order_by(journal.Entry.id)
        lines = db.execute(entries).all()
        assert not list(journal.prove(db, []))
    by = [("add", "系统管理员"), ("issue_link", "system"), ("accept_invitation", "system")]
    assert lines == [*by, ("lock", "安全管理员"), ("unlock", "安全管理员")]


def test_the_list_is_found_by_login_name_and_number(
    database: Database, city: build.City, at: datetime
) -> None:
    invitation(database, city.members[0].code, at)
    with database.writing() as db:
        actions.add_administrator(db, Office.AUDIT, "申明察", "audit", PASSWORD, at=at)
        account = actions.add_account(db, None, city.secretary.code, "zhou", PASSWORD, at=at)
        account.barred_until = at + timedelta(minutes=5)
        actions.lock_account(db, None, "audit", at=at)
    with database.reading() as db:
        for text, logins in (
            ("", ["audit", city.members[0].code.lower(), "zhou"]), ("zh", ["zhou"]),
            ("周", ["zhou"]), (city.secretary.code, ["zhou"]), ("申", ["audit"]), ("%", []),
        ):  # fmt: skip
            found = accounts(db, text, at=at, offset=0, limit=50)
            assert [line.account.login for line in found] == logins
            assert count_accounts(db, text) == len(logins)
        states = [line.state for line in accounts(db, "", at=at, offset=0, limit=50)]
        assert states == [State.LOCKED, State.INVITED, State.BARRED]
        assert [o.name for o in without_account(db, "李")] == []
        assert [o.name for o in without_account(db, "赵")] == ["赵微"]


def test_a_login_or_person_is_taken_once(
    database: Database, city: build.City, at: datetime
) -> None:
    invitation(database, city.members[0].code, at)
    with database.writing() as db:
        for code, login in (
            (city.members[0].code, "fresh"), (city.secretary.code, city.members[0].code.lower()),
        ):  # fmt: skip
            with pytest.raises(Conflict):
                invite(db, keeper(Office.SYSTEM), code, login, at=at)
        for login in ("周", "a b", "a\tb"):
            with pytest.raises(Invalid):
                invite(db, keeper(Office.SYSTEM), city.secretary.code, login, at=at)
        assert len(db.scalars(select(Account)).all()) == 1


def test_names_and_common_words_make_no_password() -> None:
    for weak in ("周书记周书记2026ab", "Password20261", "admin20262026", "zhoumin2026"):
        with pytest.raises(Invalid):
            rules.check_password("zhoumin", weak, "周书记")
    rules.check_password("zhoumin", "correct-horse-1", "周书记")


def test_a_browser_is_named_as_people_know_it() -> None:
    head = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    assert rules.device(head + "Chrome/130.0 Safari/537.36") == "Chrome · Windows"
    assert rules.device(head + "Chrome/130.0 Safari/537.36 Edg/130.0") == "Edge · Windows"
    phone = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile MicroMessenger/8.0"
    assert rules.device(phone) == "WeChat · Android"
    assert rules.device("curl/8") == "curl/8"
    assert rules.device("") == "—"

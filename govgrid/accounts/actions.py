"""Sign in and out; add, reset and lock accounts."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.accounts import passwords, rules
from govgrid.accounts.models import Account, SignIn
from govgrid.accounts.queries import token_hash
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid, NotFound
from govgrid.grid.models import Officer
from govgrid.words import N_

TOUCH_EVERY = timedelta(minutes=1)
NOT_RIGHT = N_(
    "登录名或密码不正确。连续输错 5 次，该登录名将锁定 15 分钟以上；"
    "如已锁定，请稍后再试，或联系管理员重置密码。"
)
OLD_NOT_RIGHT = N_("原密码不正确。连续输错 5 次将暂时锁定，请稍后再试，或联系管理员重置密码。")
LOCKED = N_("账号已停用，请联系管理员。")


def sign_in(
    database: Database, login: str, password: str, *, at: datetime, before: str = ""
) -> str:
    """Return a new session's token, and end the session `before` that the browser had.

    Writes by itself, since a failure must be counted although the request is refused. Raise
    `Invalid`, alike for a wrong password, an unknown login and one that is barred.
    """
    account_id = _prove(database, Account.login == login, password, wrong=NOT_RIGHT, at=at)
    token = secrets.token_urlsafe(32)
    with database.writing() as db:
        _end_sessions(db, SignIn.token_hash == token_hash(before))
        _end_sessions(db, SignIn.seen_at < at - database.settings.idle)
        db.add(
            SignIn(token_hash=token_hash(token), account_id=account_id, started_at=at, seen_at=at)
        )
        journal.record(db, _person(db, account_id), "sign_in", "account", account_id)
    return token


def _person(db: Session, account_id: int) -> Actor:
    """Return who proved to own the account, without posts: only to be named in the journal."""
    officer_id, name = db.execute(
        select(Officer.id, Officer.name)
        .join(Account, Account.officer_id == Officer.id)
        .where(Account.id == account_id)
    ).one()
    return Actor(account_id, officer_id, name, ())


def _prove(
    database: Database, whose: ColumnElement[bool], password: str, *, wrong: str, at: datetime
) -> int:
    """Return the account's id where the password is its own; count it where not.

    The hash is compared outside any transaction: it takes long, and SQLite has one writer.
    """
    with database.reading() as db:
        stored = db.scalar(select(Account.password).where(whose))
    right = passwords.matches(stored, password)
    with database.writing() as db:
        account = db.scalar(select(Account).where(whose).with_for_update())
        if account is None:
            # Not the login: people type their password there.
            journal.record(db, None, "sign_in_failed", "login", "unknown")
        elif _admits(db, account, at, right=right):
            if account.locked_at is None:
                return account.id
            wrong = LOCKED
            journal.record(db, None, "sign_in_failed", "account", account.id, locked=True)
    raise Invalid(wrong)


def _admits(db: Session, account: Account, at: datetime, *, right: bool) -> bool:
    if account.barred_until and at < account.barred_until:
        journal.record(db, None, "sign_in_failed", "account", account.id, barred=True)
        return False
    if right:
        account.failures, account.barred_until = 0, None
        return True
    before = journal.image(account, "failures", "barred_until")
    account.failures += 1
    length = rules.bar(account.failures)
    account.barred_until = at + length if length else None
    after = journal.image(account, "failures", "barred_until")
    journal.record(db, None, "sign_in_failed", "account", account.id, before=before, after=after)
    return False


def _end_sessions(db: Session, which: ColumnElement[bool]) -> None:
    db.execute(delete(SignIn).where(which))


def touch(database: Database, token: str, *, at: datetime) -> None:
    """Note that the session is in use, at most once a minute."""
    with database.writing() as db:
        db.execute(
            update(SignIn)
            .where(SignIn.token_hash == token_hash(token), SignIn.seen_at <= at - TOUCH_EVERY)
            .values(seen_at=at)
        )


def sign_out(db: Session, actor: Actor, token: str) -> None:
    """End the session."""
    _end_sessions(db, SignIn.token_hash == token_hash(token))
    journal.record(db, actor, "sign_out", "account", actor.account_id)


def change_password(
    database: Database, actor: Actor, old: str, new: str, token: str, *, at: datetime
) -> None:
    """Set a new password and end the person's other sessions.

    Writes by itself, since a wrong old password is counted as at the sign-in.
    """
    account_id = _prove(database, Account.id == actor.account_id, old, wrong=OLD_NOT_RIGHT, at=at)
    with database.reading() as db:
        rules.check_password(db.get_one(Account, account_id).login, new)
    fresh = passwords.hashed(new)
    with database.writing() as db:
        db.get_one(Account, account_id).password = fresh
        others = (SignIn.account_id == account_id) & (SignIn.token_hash != token_hash(token))
        _end_sessions(db, others)
        journal.record(db, actor, "change_password", "account", account_id)


def add_account(
    db: Session, actor: Actor | None, officer_code: str, login: str, password: str, *, at: datetime
) -> Account:
    """Give an officer a way in."""
    officer = db.scalar(select(Officer).where(Officer.code == officer_code))
    if officer is None:
        raise NotFound("没有编号为“%(code)s”的人员。", code=officer_code)
    taken = select(Account.id).where((Account.login == login) | (Account.officer_id == officer.id))
    if db.scalar(taken) is not None:
        raise Conflict("登录名“%(login)s”已被使用，或该人员已有账号。", login=login)
    rules.check_password(login, password)
    account = Account(
        officer_id=officer.id,
        login=login,
        password=passwords.hashed(password),
        created_at=at,
        failures=0,
    )
    db.add(account)
    db.flush()
    after = journal.image(account, "login", "officer_id")
    journal.record(db, actor, "add", "account", account.id, after=after)
    return account


def reset_password(db: Session, actor: Actor | None, login: str, password: str) -> None:
    """Set a new password, lift the bar and end all sessions."""
    account = _account(db, login)
    rules.check_password(login, password)
    before = journal.image(account, "failures", "barred_until", "locked_at")
    account.password, account.failures = passwords.hashed(password), 0
    account.barred_until, account.locked_at = None, None
    _end_sessions(db, SignIn.account_id == account.id)
    after = journal.image(account, "failures", "barred_until", "locked_at")
    journal.record(db, actor, "reset", "account", account.id, before=before, after=after)


def lock_account(db: Session, actor: Actor | None, login: str, *, at: datetime) -> None:
    """Shut an account and end its sessions."""
    account = _account(db, login)
    before = journal.image(account, "locked_at")
    account.locked_at = at
    _end_sessions(db, SignIn.account_id == account.id)
    after = journal.image(account, "locked_at")
    journal.record(db, actor, "lock", "account", account.id, before=before, after=after)


def _account(db: Session, login: str) -> Account:
    account = db.scalar(select(Account).where(Account.login == login))
    if account is None:
        raise NotFound("没有登录名为“%(login)s”的账号。", login=login)
    return account

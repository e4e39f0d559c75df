"""Sign in and out; add, reset and lock accounts."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.accounts import passwords, rules
from govgrid.accounts.models import Account, SignIn
from govgrid.accounts.queries import token_hash
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid, NotFound, Refusal
from govgrid.grid.models import Officer

TOUCH_EVERY = timedelta(minutes=1)


def sign_in(database: Database, login: str, password: str, *, at: datetime) -> str:
    """Return a new session's token.

    Writes by itself, since a failure must be counted although the request is refused. Raise
    `Invalid` alike for a wrong password and an unknown login, `Conflict` while barred.
    """
    with database.reading() as db:
        account = db.scalar(select(Account).where(Account.login == login))
    if account is not None and account.barred_until and at < account.barred_until:
        raise Conflict("登录失败次数过多，请在 %(n)s 分钟后再试。", n=_minutes(account, at))
    right = passwords.matches(account.password if account else None, password)
    with database.writing() as db:
        token = _admit(db, account, at) if right and account else _refuse(db, account, login, at)
    if isinstance(token, Refusal):
        raise token
    return token


def _minutes(account: Account, at: datetime) -> int:
    left = (account.barred_until or at) - at
    return int(left.total_seconds() // 60) + 1


def _admit(db: Session, known: Account, at: datetime) -> str | Refusal:
    account = db.get_one(Account, known.id)
    if account.locked_at is not None:
        return Invalid("账号已停用，请联系管理员。")
    account.failures, account.barred_until = 0, None
    token = secrets.token_urlsafe(32)
    db.add(SignIn(token_hash=token_hash(token), account_id=account.id, started_at=at, seen_at=at))
    journal.record(db, None, "sign_in", "account", account.id)
    return token


def _refuse(db: Session, known: Account | None, login: str, at: datetime) -> Refusal:
    if known is not None:
        account = db.get_one(Account, known.id)
        account.failures += 1
        length = rules.bar(account.failures)
        account.barred_until = at + length if length else None
        journal.record(db, None, "sign_in_failed", "account", account.id)
    else:
        journal.record(db, None, "sign_in_failed", "login", token_hash(login)[:16])
    return Invalid("登录名或密码不正确。连续输错 5 次将暂时锁定账号。")


def touch(database: Database, token: str, *, at: datetime) -> None:
    """Note that the session is in use, at most once a minute."""
    with database.writing() as db:
        found = db.get(SignIn, token_hash(token))
        if found is not None and at - found.seen_at >= TOUCH_EVERY:
            found.seen_at = at


def sign_out(db: Session, actor: Actor, token: str) -> None:
    """End the session."""
    db.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))
    journal.record(db, actor, "sign_out", "account", actor.account_id)


def change_password(
    db: Session, actor: Actor, old: str, new: str, token: str, *, at: datetime
) -> None:
    """Set a new password and end the person's other sessions."""
    account = db.get_one(Account, actor.account_id)
    if not passwords.matches(account.password, old):
        raise Invalid("原密码不正确。")
    rules.check_password(account.login, new)
    account.password = passwords.hashed(new)
    db.execute(
        delete(SignIn).where(
            SignIn.account_id == account.id, SignIn.token_hash != token_hash(token)
        )
    )
    journal.record(db, actor, "change_password", "account", account.id, at=at)


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
    journal.record(db, actor, "add", "account", account.id, login=login)
    return account


def reset_password(db: Session, actor: Actor | None, login: str, password: str) -> None:
    """Set a new password, lift the bar and end all sessions."""
    account = _account(db, login)
    rules.check_password(login, password)
    account.password, account.failures = passwords.hashed(password), 0
    account.barred_until, account.locked_at = None, None
    db.execute(delete(SignIn).where(SignIn.account_id == account.id))
    journal.record(db, actor, "reset", "account", account.id)


def lock_account(db: Session, actor: Actor | None, login: str, *, at: datetime) -> None:
    """Shut an account and end its sessions."""
    account = _account(db, login)
    account.locked_at = at
    db.execute(delete(SignIn).where(SignIn.account_id == account.id))
    journal.record(db, actor, "lock", "account", account.id)


def _account(db: Session, login: str) -> Account:
    account = db.scalar(select(Account).where(Account.login == login))
    if account is None:
        raise NotFound("没有登录名为“%(login)s”的账号。", login=login)
    return account

"""Make, invite, lock, unlock and reset accounts: each by the administrator whose work it is."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from govgrid import journal
from govgrid.access import Actor, Office
from govgrid.accounts import letters, passwords, rules
from govgrid.accounts.actions.factor import forget
from govgrid.accounts.actions.sessions import end_sessions
from govgrid.accounts.models import Account, Invitation, SignIn
from govgrid.accounts.queries import invited, token_hash
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.models import Officer

STATE = ("failures", "barred_until", "locked_at")


@dataclass(frozen=True, slots=True)
class Issued:
    """An account with the link that opens it once; `mailed` where the person gets it by letter."""

    account: Account
    token: str
    mailed: bool


def add_account(
    db: Session, actor: Actor | None, officer_code: str, login: str, password: str, *, at: datetime
) -> Account:
    """Give an officer a way in with a password, as the command line does."""
    officer = _officer(db, officer_code)
    rules.check_password(login, password, officer.name)
    return _added(db, actor, officer, login, passwords.hashed(password), at)


def add_administrator(
    db: Session, office: Office, name: str, login: str, password: str, *, at: datetime
) -> Account:
    """Appoint an administrator: on the command line only, so that none can appoint another."""
    rules.check_password(login, password, name)
    _refuse_taken(db, login)
    account = Account(
        office=office, name=name, login=login, password=passwords.hashed(password), created_at=at
    )
    db.add(account)
    db.flush()
    after = journal.image(account, "login", "office")
    journal.record(db, None, "add", "account", account.id, after=after)
    return account


def invite(
    db: Session, actor: Actor | None, officer_code: str, login: str, *, at: datetime
) -> Issued:
    """Make an officer's account and the link by which the person sets a password."""
    _refuse_other(actor, Office.SYSTEM)
    account = _added(db, actor, _officer(db, officer_code), login, None, at)
    return _issue(db, account, at)


def renew_link(db: Session, actor: Actor | None, number: int, *, at: datetime) -> Issued:
    """Take the password away, end all sessions and make a new link."""
    _refuse_other(actor, Office.SYSTEM)
    account = _account_of(db, actor, number)
    before = journal.image(account, *STATE)
    account.password, account.failures, account.barred_until = None, 0, None
    end_sessions(db, SignIn.account_id == account.id)
    after = journal.image(account, *STATE)
    journal.record(db, actor, "reset", "account", account.id, before=before, after=after)
    return _issue(db, account, at)


def accept(database: Database, token: str, password: str, *, at: datetime) -> Account:
    """Set the password of whoever holds the link, which opens nothing any more.

    The password is hashed outside any transaction: it takes long, and SQLite has one writer.
    """
    with database.reading() as db:
        account = invited(db, token, at).account
        name = account.officer.name if account.officer else account.name or ""
        rules.check_password(account.login, password, name)
    fresh = passwords.hashed(password)
    with database.writing() as db:
        found = invited(db, token, at, locked=True)
        found.used_at, found.account.password = at, fresh
        found.account.failures, found.account.barred_until = 0, None
        journal.record(db, None, "accept_invitation", "account", found.account_id)
        return found.account


def reset_password(db: Session, actor: Actor | None, login: str, password: str) -> None:
    """Set a new password, lift the bar and end all sessions."""
    account = _account(db, login)
    rules.check_password(login, password)
    before = journal.image(account, *STATE)
    account.password, account.failures = passwords.hashed(password), 0
    account.barred_until, account.locked_at = None, None
    end_sessions(db, SignIn.account_id == account.id)
    after = journal.image(account, *STATE)
    journal.record(db, actor, "reset", "account", account.id, before=before, after=after)


def lock_account(db: Session, actor: Actor | None, login: str, *, at: datetime) -> None:
    """Shut an account and end its sessions."""
    _refuse_other(actor, Office.SECURITY)
    account = _account(db, login)
    if actor is not None and account.id == actor.account_id:
        raise Conflict("不能停用自己的账号，请由另一位安全管理员办理。")
    before = journal.image(account, *STATE)
    account.locked_at = at
    end_sessions(db, SignIn.account_id == account.id)
    after = journal.image(account, *STATE)
    journal.record(db, actor, "lock", "account", account.id, before=before, after=after)


def unlock_account(db: Session, actor: Actor | None, login: str) -> None:
    """Open an account again, and lift what failed sign-ins put on it."""
    _refuse_other(actor, Office.SECURITY)
    account = _account(db, login)
    before = journal.image(account, *STATE)
    account.locked_at, account.failures, account.barred_until = None, 0, None
    after = journal.image(account, *STATE)
    journal.record(db, actor, "unlock", "account", account.id, before=before, after=after)


def clear_factor(db: Session, actor: Actor | None, login: str) -> None:
    """Drop a lost second factor and end all sessions; an administrator sets up a new one."""
    _refuse_other(actor, Office.SECURITY)
    account = _account(db, login)
    if actor is not None and account.office is not None:
        raise Forbidden("管理员账号的二次验证只能由运维人员在服务器命令行重置。")
    forget(db, account)
    end_sessions(db, SignIn.account_id == account.id)
    journal.record(db, actor, "clear_factor", "account", account.id)


def _refuse_other(actor: Actor | None, office: Office) -> None:
    """Raise `Forbidden` unless this administrator acts, or the command line."""
    if actor is not None and actor.office is not office:
        raise Forbidden("该操作由%(office)s办理，您没有此权限。", office=office)


def _issue(db: Session, account: Account, at: datetime) -> Issued:
    db.execute(delete(Invitation).where(Invitation.account_id == account.id))
    token = secrets.token_urlsafe(32)
    expires = at + rules.INVITED_FOR
    db.add(
        Invitation(
            token_hash=token_hash(token), account_id=account.id, made_at=at, expires_at=expires
        )
    )
    mailed = letters.send_link(db, account, token, expires, at=at)
    journal.record(db, None, "issue_link", "account", account.id, mailed=mailed)
    return Issued(account, token, mailed)


def _officer(db: Session, code: str) -> Officer:
    officer = db.scalar(select(Officer).where(Officer.code == code))
    if officer is None:
        raise NotFound("没有编号为“%(code)s”的人员。", code=code)
    return officer


def _added(
    db: Session, actor: Actor | None, officer: Officer, login: str, hashed: str | None, at: datetime
) -> Account:
    _refuse_taken(db, login, officer)
    account = Account(officer=officer, login=login, password=hashed, created_at=at)
    db.add(account)
    db.flush()
    after = journal.image(account, "login", "officer_id")
    journal.record(db, actor, "add", "account", account.id, after=after)
    return account


def _refuse_taken(db: Session, login: str, officer: Officer | None = None) -> None:
    if not login.isascii() or not login.isprintable() or " " in login:
        raise Invalid("登录名只能用字母、数字和常用符号，例如 zhou.min 或人员编号。")
    taken = Account.login == login
    if officer is not None:
        taken |= Account.officer_id == officer.id
    if db.scalar(select(Account.id).where(taken)) is not None:
        raise Conflict("登录名“%(login)s”已被使用，或该人员已有账号。", login=login)


def _account(db: Session, login: str) -> Account:
    account = db.scalar(select(Account).where(Account.login == login))
    if account is None:
        raise NotFound("没有登录名为“%(login)s”的账号。", login=login)
    return account


def _account_of(db: Session, actor: Actor | None, number: int) -> Account:
    """Return the account; an administrator's is out of the other administrators' reach."""
    account = db.scalar(
        select(Account).where(Account.id == number).options(joinedload(Account.officer))
    )
    if account is None:
        raise NotFound("账号不存在。")
    if actor is not None and account.office is not None:
        raise Forbidden("管理员账号的密码只能由运维人员在服务器命令行重置。")
    return account

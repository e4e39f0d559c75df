"""Sign in and out, prove the second factor, change the password, end sessions."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.accounts import passwords, rules
from govgrid.accounts.models import Account, SignIn
from govgrid.accounts.queries import MARK, token_hash
from govgrid.db import Database
from govgrid.errors import Forbidden, Invalid, NotFound
from govgrid.grid.models import Officer
from govgrid.settings import EVERYONE, Settings
from govgrid.words import N_

TOUCH_EVERY = timedelta(minutes=1)
NOT_RIGHT = N_(
    "登录名或密码不正确。连续输错 5 次，该登录名将锁定 15 分钟以上；"
    "如已锁定，请稍后再试，或联系管理员重置密码。"
)
OLD_NOT_RIGHT = N_("原密码不正确。连续输错 5 次将暂时锁定，请稍后再试，或联系管理员重置密码。")
NO_ACCOUNT = N_("您的身份已通过认证，但本平台没有对应的账号，或账号已停用。请联系系统管理员开通。")
LOCKED = N_("账号已停用，请联系管理员。")


@dataclass(frozen=True, slots=True)
class Client:
    """From where somebody signs in, as the person's own list of sessions shows it."""

    address: str = ""
    browser: str = ""


NOWHERE = Client()


def sign_in(
    database: Database,
    login: str,
    password: str,
    *,
    at: datetime,
    before: str = "",
    client: Client = NOWHERE,
) -> str:
    """Return a new session's token, and end the session `before` that the browser had.

    Writes by itself, since a failure must be counted although the request is refused. The session
    may still await the second factor. Raise `Invalid`, alike for a wrong password, an unknown
    login and one that is barred.
    """
    account_id = prove(database, Account.login == login, password, wrong=NOT_RIGHT, at=at)
    with database.writing() as db:
        return enter(db, db.get_one(Account, account_id), at=at, before=before, client=client)


def enter(
    db: Session,
    account: Account,
    *,
    at: datetime,
    before: str,
    client: Client,
    proved: bool = False,
) -> str:
    """Open a session under a new token; ended are the one before and all that idled out."""
    settings: Settings = db.info["settings"]
    awaits = not proved and needs_code(account, settings)
    token = secrets.token_urlsafe(32)
    end_sessions(db, SignIn.token_hash == token_hash(before))
    end_sessions(db, SignIn.seen_at < at - settings.idle)
    db.add(
        SignIn(
            token_hash=token_hash(token),
            account_id=account.id,
            started_at=at,
            seen_at=at,
            address=client.address[:45] or None,
            browser=client.browser[:200] or None,
            awaits_code=awaits,
        )
    )
    journal.record(
        db,
        _person(db, account),
        "pass_password" if awaits else "sign_in",
        "account",
        account.id,
    )
    return token


def _person(db: Session, account: Account) -> Actor:
    """Return who proved to own the account, without posts: only to be named in the journal."""
    name = account.name or ""
    if account.officer_id is not None:
        name = db.scalar(select(Officer.name).where(Officer.id == account.officer_id)) or ""
    return Actor(account.id, account.officer_id or 0, name, (), account.office)


def needs_code(account: Account, settings: Settings) -> bool:
    """Tell whether a password is not enough: of whom one is asked always, outside of the demo."""
    asked = account.office is not None or settings.second_factor == EVERYONE
    return account.secret is not None or (asked and not settings.demo)


def prove(
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
        elif admits(db, account, at, right=right):
            if account.locked_at is None:
                return account.id
            wrong = LOCKED
            journal.record(db, None, "sign_in_failed", "account", account.id, locked=True)
    raise Invalid(wrong)


def admits(db: Session, account: Account, at: datetime, *, right: bool) -> bool:
    """Tell whether somebody who proved right or wrong gets on; a wrong proof is counted."""
    if account.barred_until and at < account.barred_until:
        journal.record(db, None, "sign_in_failed", "account", account.id, barred=True)
        return False
    before = journal.image(account, "failures", "barred_until")
    if right:
        account.failures, account.barred_until = 0, None
        if before["failures"]:
            after = journal.image(account, "failures", "barred_until")
            journal.record(
                db, None, "forget_failures", "account", account.id, before=before, after=after
            )
        return True
    account.failures += 1
    length = rules.bar(account.failures)
    account.barred_until = at + length if length else None
    after = journal.image(account, "failures", "barred_until")
    journal.record(db, None, "sign_in_failed", "account", account.id, before=before, after=after)
    return False


def end_sessions(db: Session, which: ColumnElement[bool]) -> None:
    """End the sessions of that condition."""
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
    end_sessions(db, SignIn.token_hash == token_hash(token))
    journal.record(db, actor, "sign_out", "account", actor.account_id)


def change_password(
    database: Database, actor: Actor, old: str, new: str, token: str, *, at: datetime
) -> None:
    """Set a new password and end the person's other sessions.

    Writes by itself, since a wrong old password is counted as at the sign-in.
    """
    account_id = prove(database, Account.id == actor.account_id, old, wrong=OLD_NOT_RIGHT, at=at)
    with database.reading() as db:
        rules.check_password(db.get_one(Account, account_id).login, new, actor.name)
    fresh = passwords.hashed(new)
    with database.writing() as db:
        db.get_one(Account, account_id).password = fresh
        others = (SignIn.account_id == account_id) & (SignIn.token_hash != token_hash(token))
        end_sessions(db, others)
        journal.record(db, actor, "change_password", "account", account_id)


def end_own_session(db: Session, actor: Actor, mark: str) -> None:
    """End one of the person's own sessions, named by the beginning of its hash."""
    own = (SignIn.account_id == actor.account_id) & SignIn.token_hash.startswith(
        mark, autoescape=True
    )
    if len(mark) != MARK or db.scalar(select(SignIn.token_hash).where(own)) is None:
        raise NotFound("该登录已结束，请刷新页面。")
    end_sessions(db, own)
    journal.record(db, actor, "end_session", "account", actor.account_id)


def end_other_sessions(db: Session, actor: Actor, token: str) -> None:
    """End all of the person's sessions but this one."""
    own = SignIn.account_id == actor.account_id
    end_sessions(db, own & (SignIn.token_hash != token_hash(token)))
    journal.record(db, actor, "end_other_sessions", "account", actor.account_id)


def sign_in_as(
    database: Database, login: str, subject: str, *, at: datetime, before: str, client: Client
) -> str:
    """Return a session for whom the identity provider names.

    The first sign-in binds the provider's subject to the login; a login that the provider later
    gives to somebody else opens nothing. Raise `Forbidden` where there is no such account.
    """
    with database.writing() as db:
        account = db.scalar(select(Account).where(Account.subject == subject).with_for_update())
        if account is None:
            account = db.scalar(
                select(Account)
                .where(Account.login == login, Account.subject.is_(None))
                .with_for_update()
            )
        if account is not None and account.locked_at is None and account.office is None:
            account.subject = subject
            return enter(db, account, at=at, before=before, client=client)
        journal.record(db, None, "sign_in_failed", "login", "oidc")
    raise Forbidden(NO_ACCOUNT)

"""Set up, prove and give up the second factor."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.accounts import factor, seals
from govgrid.accounts.actions.sessions import Client, admits, enter
from govgrid.accounts.models import Account, RecoveryCode
from govgrid.accounts.queries import awaiting
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid
from govgrid.settings import EVERYONE, Settings
from govgrid.words import N_

WRONG_CODE = N_(
    "动态口令不正确或已使用过。请等待手机上出现新的口令后再输入；连续输错 5 次将暂时锁定。"
)
WRONG_FIRST_CODE = N_("动态口令不正确，请核对手机时间是否准确，再输入手机上当前显示的 6 位口令。")


def prove_code(database: Database, token: str, code: str, *, at: datetime, client: Client) -> str:
    """Return the token of the full session that a right code opens, in place of the waiting one.

    Writes by itself, as a sign-in does. Raise `Invalid` for a wrong code or one used before.
    """
    with database.writing() as db:
        account = _waiting(db, token, at)
        right = _takes(db, account, code, at)
        if admits(db, account, at, right=right):
            return enter(db, account, at=at, before=token, client=client, proved=True)
    raise Invalid(WRONG_CODE)


def _waiting(db: Session, token: str, at: datetime) -> Account:
    found = awaiting(db, token, at)
    if found is None:
        raise Conflict("登录已超时，请重新输入登录名和密码。")
    return db.scalars(select(Account).where(Account.id == found.id).with_for_update()).one()


def _takes(db: Session, account: Account, code: str, at: datetime) -> bool:
    """Tell whether the code is right, and see that it is never right again."""
    if account.secret is None or (account.barred_until and at < account.barred_until):
        return False
    step = _step(db, account.secret, code, at, account.step)
    if step is not None:
        account.step = step
        return True
    return _spends(db, account, code)


def _step(db: Session, secret: str, code: str, at: datetime, after: int) -> int | None:
    settings: Settings = db.info["settings"]
    return factor.step_of(secret, code, at - settings.ahead, after)  # a phone lives on no other day


def _spends(db: Session, account: Account, code: str) -> bool:
    settings: Settings = db.info["settings"]
    mark = seals.mark(settings.secret, factor.plain_code(code))
    known = db.scalar(
        select(RecoveryCode).where(RecoveryCode.account_id == account.id, RecoveryCode.mark == mark)
    )
    if known is None:
        return False
    db.delete(known)
    journal.record(db, None, "use_recovery_code", "account", account.id)
    return True


def set_up(db: Session, account: Account, secret: str, code: str, *, at: datetime) -> list[str]:
    """Keep the secret once a code proves that the phone has it; return the recovery codes."""
    step = _step(db, secret, code, at, 0)
    if step is None:
        raise Invalid(WRONG_FIRST_CODE)
    account.secret, account.step = secret, step
    journal.record(db, None, "set_up_factor", "account", account.id)
    return _fresh_codes(db, account)


def set_up_waiting(
    database: Database, token: str, secret: str, code: str, *, at: datetime, client: Client
) -> tuple[str, list[str]]:
    """Set up an administrator's factor at the first sign-in; return the session and the codes."""
    with database.writing() as db:
        account = _waiting(db, token, at)
        if account.secret is not None:
            raise Conflict("二次验证已设置，请直接输入动态口令。")
        codes = set_up(db, account, secret, code, at=at)
        return enter(db, account, at=at, before=token, client=client, proved=True), codes


def renew_codes(db: Session, actor: Actor, account: Account) -> list[str]:
    """Return fresh recovery codes; the ones before open nothing any more."""
    journal.record(db, actor, "renew_recovery_codes", "account", account.id)
    return _fresh_codes(db, account)


def _fresh_codes(db: Session, account: Account) -> list[str]:
    settings: Settings = db.info["settings"]
    codes = factor.recovery_codes()
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    marks = [seals.mark(settings.secret, factor.plain_code(code)) for code in codes]
    db.add_all(RecoveryCode(account_id=account.id, mark=mark) for mark in marks)
    return codes


def give_up(db: Session, actor: Actor, code: str, *, at: datetime) -> None:
    """Turn the person's own second factor off, proved once more. Administrators keep theirs."""
    account, settings = db.get_one(Account, actor.account_id), db.info["settings"]
    if account.office is not None or settings.second_factor == EVERYONE:
        raise Invalid("这个账号必须使用二次验证，不能关闭。")
    if not _takes(db, account, code, at):
        raise Invalid(WRONG_CODE)
    forget(db, account)
    journal.record(db, actor, "give_up_factor", "account", account.id)


def forget(db: Session, account: Account) -> None:
    """Drop the secret and the recovery codes."""
    account.secret = None
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))

"""The administrators' list of accounts, and officers who have none."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from govgrid.accounts.models import Account, SignIn
from govgrid.errors import NotFound
from govgrid.grid.models import Officer
from govgrid.words import N_, Word


class State(Word):
    """How an account stands."""

    OPEN = "open", N_("正常")
    INVITED = "invited", N_("待设置密码")
    BARRED = "barred", N_("暂时锁定")
    LOCKED = "locked", N_("已停用")


@dataclass(frozen=True, slots=True)
class Line:
    """One account of the list; `seen_at` is the last use of a session still open."""

    account: Account
    name: str
    state: State
    seen_at: datetime | None


def state_of(account: Account, at: datetime) -> State:
    """Return how the account stands."""
    if account.locked_at is not None:
        return State.LOCKED
    if account.barred_until is not None and at < account.barred_until:
        return State.BARRED
    return State.OPEN if account.password is not None else State.INVITED


def accounts(db: Session, text: str, *, at: datetime, offset: int, limit: int) -> list[Line]:
    """Return one stretch of the accounts by login, found by login, name or officer number."""
    seen = (
        select(func.max(SignIn.seen_at))
        .where(SignIn.account_id == Account.id, SignIn.awaits_code.is_(False))
        .scalar_subquery()
    )
    rows = db.execute(
        _found(text)
        .add_columns(seen)
        .options(joinedload(Account.officer))
        .order_by(Account.login)
        .offset(offset)
        .limit(limit)
    )
    return [_line(account, seen_at, at) for account, seen_at in rows]


def count_accounts(db: Session, text: str) -> int:
    """Count what the list holds."""
    chosen = _found(text).with_only_columns(Account.id).subquery()
    return db.scalar(select(func.count()).select_from(chosen)) or 0


def account_line(db: Session, number: int, at: datetime) -> Line:
    """Return one account. Raise `NotFound`."""
    account = db.scalar(
        select(Account).where(Account.id == number).options(joinedload(Account.officer))
    )
    if account is None:
        raise NotFound("账号不存在。")
    seen = db.scalar(select(func.max(SignIn.seen_at)).where(SignIn.account_id == account.id))
    return _line(account, seen, at)


def without_account(db: Session, text: str, *, limit: int = 50) -> list[Officer]:
    """Return officers who have no account yet, found by the beginning of name or number."""
    if not text:
        return []
    taken = exists().where(Account.officer_id == Officer.id)
    starts = or_(
        Officer.name.startswith(text, autoescape=True),
        Officer.code.startswith(text, autoescape=True),
    )
    return list(
        db.scalars(
            select(Officer)
            .where(starts, ~taken)
            .options(joinedload(Officer.organization))
            .order_by(Officer.name, Officer.code)
            .limit(limit)
        )
    )


def _found(text: str) -> Select[Account]:
    found = select(Account).outerjoin(Officer, Officer.id == Account.officer_id)
    if not text:
        return found
    return found.where(
        or_(
            Account.login.startswith(text, autoescape=True),
            Officer.name.startswith(text, autoescape=True),
            Officer.code == text,
            Account.name.startswith(text, autoescape=True),
        )
    )


def _line(account: Account, seen_at: datetime | None, at: datetime) -> Line:
    name = account.officer.name if account.officer else account.name or ""
    return Line(account, name, state_of(account, at), seen_at)

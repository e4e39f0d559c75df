"""Accounts and open sessions for those who ask."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid.access import Office
from govgrid.accounts.models import Account, SignIn
from govgrid.accounts.queries import token_hash
from govgrid.grid.models import Officer


def signed_in(db: Session, account: Account, at: datetime) -> str:
    """Open a session for the account; return its token."""
    token = f"token-of-{account.login}-{account.id}"
    db.add(SignIn(token_hash=token_hash(token), account_id=account.id, started_at=at, seen_at=at))
    db.flush()
    return token


def account(db: Session, officer: Officer, at: datetime) -> Account:
    """Give the officer an account that nobody can sign in to by password."""
    made = Account(
        officer_id=officer.id, login=f"login-{officer.id}", password="-", created_at=at, failures=0
    )
    db.add(made)
    db.flush()
    return made


def administrator(db: Session, office: Office, at: datetime) -> Account:
    """Appoint an administrator."""
    made = Account(office=office, name=office.word, login=office.value, password="-", created_at=at)
    db.add(made)
    db.flush()
    return made

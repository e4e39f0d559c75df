"""Verbs of accounts, one module a noun."""

from govgrid.accounts.actions.keeping import (
    add_account,
    add_administrator,
    lock_account,
    reset_password,
    unlock_account,
)
from govgrid.accounts.actions.sessions import (
    TOUCH_EVERY,
    change_password,
    sign_in,
    sign_out,
    touch,
)

__all__ = [
    "TOUCH_EVERY",
    "add_account",
    "add_administrator",
    "change_password",
    "lock_account",
    "reset_password",
    "sign_in",
    "sign_out",
    "touch",
    "unlock_account",
]

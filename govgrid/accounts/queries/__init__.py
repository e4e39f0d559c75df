"""Named reads of accounts, one module a noun."""

from govgrid.accounts.queries.sessions import (
    MARK,
    Presence,
    awaiting,
    codes_left,
    invited,
    own_sessions,
    posts_of,
    present,
    token_hash,
    who,
)

__all__ = [
    "MARK",
    "Presence",
    "awaiting",
    "codes_left",
    "invited",
    "own_sessions",
    "posts_of",
    "present",
    "token_hash",
    "who",
]

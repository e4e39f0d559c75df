"""Named reads of accounts, one module a noun."""

from govgrid.accounts.queries.sessions import (
    MARK,
    Presence,
    actor_of,
    awaiting,
    codes_left,
    held_on,
    invited,
    own_sessions,
    posts_of,
    present,
    started_at,
    token_hash,
    who,
)

__all__ = [
    "MARK",
    "Presence",
    "actor_of",
    "awaiting",
    "codes_left",
    "held_on",
    "invited",
    "own_sessions",
    "posts_of",
    "present",
    "started_at",
    "token_hash",
    "who",
]

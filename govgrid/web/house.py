"""What the application hands to every page: settings, database, clock, door and navigation."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session
from starlette.requests import Request

from govgrid.access import Actor, Power
from govgrid.db import Database
from govgrid.settings import Settings

Rule = Callable[[Actor | None], bool]


class NavItem(NamedTuple):
    """One entry of the main navigation: path, msgid of its word, who sees it, paths beside it."""

    path: str
    word: str
    rule: Rule
    beside: tuple[str, ...] = ()


class House(Protocol):
    """What `app.state.house` offers to pages."""

    settings: Settings
    database: Database
    nav: Sequence[NavItem]

    def now(self) -> datetime:
        """Return the moment by this installation's clock."""

    def who(self, db: Session, request: Request, at: datetime) -> Actor | None:
        """Return who is signed in."""


def anyone(_actor: Actor | None) -> bool:
    """Everybody may enter, signed in or not."""
    return True


def signed_in(actor: Actor | None) -> bool:
    """Whoever is signed in may enter."""
    return actor is not None


def holding(power: Power) -> Rule:
    """Whoever has the power over some area may enter; the rest get 404."""

    def rule(actor: Actor | None) -> bool:
        return actor is not None and actor.has(power)

    return rule

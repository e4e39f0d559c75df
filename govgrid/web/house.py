"""What the application hands to every page: settings, database, clock, door, rules, navigation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.routing import BaseRoute

from govgrid.access import Actor, Office, Power
from govgrid.db import Database
from govgrid.settings import Settings


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may enter a route; every route declares one, and the access matrix reads it.

    `power` is what it asks for somewhere, `offices` the administrators whom alone it lets in.
    """

    name: str
    admits: Callable[[Actor | None], bool] = field(compare=False, repr=False)
    power: Power | None = None
    offices: frozenset[Office] = frozenset()

    def __call__(self, actor: Actor | None) -> bool:
        """Tell whether the actor (None: nobody is signed in) may enter."""
        return self.admits(actor)


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


def _no_administrator(actor: Actor | None) -> bool:
    return actor is not None and actor.office is None


anyone = Rule("anyone", lambda _actor: True)
"""Everybody may enter, signed in or not."""

with_account = Rule("with_account", lambda actor: actor is not None)
"""Whoever is signed in may enter, administrators too: pages about one's own account."""

signed_in = Rule("signed_in", _no_administrator)
"""Whoever is signed in may enter, but no administrator: they see nothing of the offices' work."""

with_post = Rule(
    "with_post",
    lambda actor: actor is not None and (actor.has(Power.SEE) or bool(actor.compounds())),
)
"""Whoever holds a post today, over an area or at a compound."""


def holding(power: Power) -> Rule:
    """Whoever has the power over some area may enter; the rest get 404."""
    return Rule(
        f"holding {power}", lambda actor: actor is not None and actor.has(power), power=power
    )


def serving(*offices: Office) -> Rule:
    """Return the rule that these administrators alone may enter; the rest get 404."""
    return Rule(
        f"serving {' '.join(offices)}",
        lambda actor: actor is not None and actor.office in offices,
        offices=frozenset(offices),
    )


Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def declare(rule: Rule) -> Callable[[Endpoint], Endpoint]:
    """Declare the rule of an endpoint that is no `page` and keeps it itself."""

    def declared(endpoint: Endpoint) -> Endpoint:
        endpoint.may_enter = rule  # type: ignore[attr-defined]  # read by `rule_of`
        return endpoint

    return declared


def rule_of(route: BaseRoute) -> Rule:
    """Return the rule that a route declares. Raise `TypeError` for a route without one."""
    target = getattr(route, "endpoint", None) or getattr(route, "app", None)
    rule = getattr(target, "may_enter", None)
    if not isinstance(rule, Rule):
        raise TypeError(f"{getattr(route, 'path', route)} declares no rule of access")
    return rule

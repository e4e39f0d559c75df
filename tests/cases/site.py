"""A site of the given routes, visited by one actor, for tests of pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio
import httpx2
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from govgrid.access import Actor
from govgrid.cases.pages import make_routes
from govgrid.db import Database
from govgrid.grid.models import Compound
from govgrid.grid.queries import compound_seen
from govgrid.meetings.queries.promised import owners_meetings
from govgrid.settings import Settings
from govgrid.web.house import NavItem
from govgrid.web.page import page, signed_in
from govgrid.web.visit import Visit

routes = make_routes(owners_meetings)


@dataclass(frozen=True, slots=True)
class OneVisitor:
    """An installation at whose door one person, or a stranger, is always known."""

    settings: Settings
    database: Database
    at: datetime
    visitor: Actor | None
    nav: Sequence[NavItem] = ()

    def now(self) -> datetime:
        return self.at

    def who(self, db: Session, request: Request, at: datetime) -> Actor | None:
        return self.visitor


@dataclass(frozen=True, slots=True)
class Browser:
    """Asks an application for pages, one at a time; redirects are not followed."""

    app: Starlette

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx2.Response:
        """Return the answer to a GET."""

        async def ask() -> httpx2.Response:
            transport = httpx2.ASGITransport(self.app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://testserver"
            ) as client:
                return await client.get(path, headers=headers)

        return anyio.run(ask)


def visited(
    database: Database, at: datetime, visitor: Actor | None, routes: Sequence[BaseRoute]
) -> Browser:
    """Return a client for that person."""
    app = Starlette(routes=list(routes))
    app.state.house = OneVisitor(database.settings, database, at, visitor)
    return Browser(app)


def panel_route(panel: Callable[[Visit, Compound], Markup]) -> Route:
    """Return the route `/panel/{code}` that answers with a compound's panel alone."""

    @page(may_enter=signed_in)
    def show(visit: Visit) -> Response:
        compound = compound_seen(visit.db, visit.actor, visit.path("code"))
        return HTMLResponse(panel(visit, compound))

    return Route("/panel/{code}", show)

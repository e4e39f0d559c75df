"""One request as a handler sees it."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import unquote

from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request

from govgrid.access import Actor
from govgrid.errors import NotFound
from govgrid.settings import Settings
from govgrid.web import csrf, language
from govgrid.web.house import House, NavItem

SESSION = "session"
"""Cookie that holds the sign-in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Request, open session, posted form and clock; `actor` is None for a stranger."""

    request: Request
    db: Session
    settings: Settings
    at: datetime
    form: FormData
    browser: str
    visitor: Actor | None
    notice: str = ""

    @property
    def actor(self) -> Actor:
        """Return who acts; pages behind the sign-in always have one."""
        if self.visitor is None:
            raise NotFound("页面不存在。")
        return self.visitor

    @property
    def csrf_token(self) -> str:
        """Return the token that forms of this browser and sign-in carry."""
        session = self.request.cookies.get(SESSION, "")
        return csrf.token(self.settings.secret, self.browser, session)

    @property
    def today(self) -> date:
        """Return today's date in China."""
        return language.local(self.at).date()

    @property
    def house(self) -> House:
        """Return what the application hands to pages."""
        house: House = self.request.app.state.house
        return house

    @property
    def nav(self) -> list[NavItem]:
        """Return the entries of the main navigation that this visitor sees."""
        return [item for item in self.house.nav if item.rule(self.visitor)]

    def stands_in(self, entry: NavItem) -> bool:
        """Tell whether this page lies under that entry of the navigation."""
        here = f"{self.request.url.path}/"
        return here.startswith(tuple(f"{path}/" for path in (entry.path, *entry.beside)))

    @property
    def here(self) -> str:
        """Return the address of this page inside the site."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def partial(self) -> bool:
        """Tell whether htmx asks for a part of the page, rather than a boosted whole page."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-boosted" not in headers

    def path(self, name: str) -> str:
        """Return a text parameter of the path."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """Return a whole-number parameter of the path."""
        return int(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        """Return a parameter of the query."""
        return self.request.query_params.get(name, default).strip()


def open_visit(
    request: Request, form: FormData, db: Session, browser: str, at: datetime, *, known: bool = True
) -> Visit:
    """Return the visit that a request makes; unless `known`, as a stranger's."""
    house: House = request.app.state.house
    return Visit(
        request=request,
        db=db,
        settings=house.settings,
        at=at,
        form=form,
        browser=browser,
        visitor=_visitor(house, db, request, at) if known else None,
        notice=unquote(request.cookies.get("notice", "")),
    )


def _visitor(house: House, db: Session, request: Request, at: datetime) -> Actor | None:
    """Look up once who asks: whoever is refused is still the same."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = house.who(db, request, at)
    found: Actor | None = request.state.visitor
    return found

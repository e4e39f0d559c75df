"""One request as a handler sees it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request

from govgrid.access import Actor
from govgrid.errors import NotFound
from govgrid.settings import Settings
from govgrid.web import language


@dataclass(frozen=True, slots=True)
class Visit:
    """Request, open session, posted form and clock; `actor` is None for a stranger."""

    request: Request
    db: Session
    settings: Settings
    at: datetime
    form: FormData
    csrf_token: str
    visitor: Actor | None
    notice: str = ""

    @property
    def actor(self) -> Actor:
        """Return who acts; pages behind the sign-in always have one."""
        if self.visitor is None:
            raise NotFound("页面不存在。")
        return self.visitor

    @property
    def today(self) -> date:
        """Return today's date in China."""
        return language.local(self.at).date()

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

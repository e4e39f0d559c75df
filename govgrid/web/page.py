"""From a handler to a route: who may enter, form, CSRF, one transaction, refusals as answers."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from govgrid.access import Actor, Power
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Unavailable
from govgrid.settings import Settings
from govgrid.web import csrf, language
from govgrid.web.render import redirect, render
from govgrid.web.visit import Visit

Handler = Callable[[Visit], Response]
Rule = Callable[[Actor | None], bool]
STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
}


class House(Protocol):
    """What `app.state.house` offers to pages."""

    settings: Settings
    database: Database

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


def page(may_enter: Rule) -> Callable[[Handler], Callable[[Request], object]]:
    """Make a route's endpoint of a handler. A GET reads; any other method writes."""

    def decorate(handler: Handler) -> Callable[[Request], object]:
        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            form = FormData()
            if request.method not in csrf.SAFE:
                form = await request.form(max_files=4, max_fields=2000)
            return await run_in_threadpool(_answer, request, form, handler, may_enter)

        endpoint.may_enter = may_enter  # type: ignore[attr-defined]  # read by the route tests
        return endpoint

    return decorate


def _answer(request: Request, form: FormData, handler: Handler, may_enter: Rule) -> Response:
    house: House = request.app.state.house
    secure = house.settings.secure
    mark = request.cookies.get(csrf.cookie_name(secure=secure), "")
    browser = mark or csrf.new_browser()
    with language.speaking(request.cookies.get("language", house.settings.locale)):
        response = _decide(request, form, handler, may_enter, browser)
    if not mark:
        response.set_cookie(
            csrf.cookie_name(secure=secure),
            browser,
            httponly=True,
            secure=secure,
            samesite="lax",
            max_age=365 * 86400,
        )
    if "notice" in request.cookies and response.status_code == 200:
        response.delete_cookie("notice")
    return response


def _decide(
    request: Request, form: FormData, handler: Handler, may_enter: Rule, browser: str
) -> Response:
    house: House = request.app.state.house
    at = house.now()
    safe = request.method in csrf.SAFE
    database = house.database
    try:
        with database.reading() if safe else database.writing() as db:
            visit = _visit(request, form, db, browser, at)
            if not safe:
                posted = form.get(csrf.FIELD) or request.headers.get(csrf.HEADER, "")
                csrf.check(request, str(posted), visit.csrf_token)
            if not may_enter(visit.visitor):
                return _turn_away(visit)
            return handler(visit)
    except Refusal as refusal:
        return _refused(request, browser, at, refusal)
    except (StaleDataError, IntegrityError):
        late = Conflict("这条记录刚刚被其他人修改，您的修改没有保存。请刷新页面，核对后重新提交。")
        return _refused(request, browser, at, late)
    except OperationalError as error:
        if not _full(error):
            raise
        full = Unavailable("数据库暂时无法写入（磁盘已满或正忙），请稍后再试。")
        return _refused(request, browser, at, full)


def _full(error: OperationalError) -> bool:
    text = str(error.orig)
    return any(sign in text for sign in ("is full", "is locked", "No space left"))


def _visit(request: Request, form: FormData, db: Session, browser: str, at: datetime) -> Visit:
    house: House = request.app.state.house
    secret = house.settings.secret
    session = request.cookies.get(session_cookie(house.settings), "")
    return Visit(
        request=request,
        db=db,
        settings=house.settings,
        at=at,
        form=form,
        csrf_token=csrf.token(secret, browser, session),
        visitor=house.who(db, request, at),
        notice=unquote(request.cookies.get("notice", "")).replace("+", " "),
    )


def session_cookie(settings: Settings) -> str:
    """Return the name of the cookie that holds the sign-in."""
    return "__Host-session" if settings.secure else "session"


def _turn_away(visit: Visit) -> Response:
    if visit.visitor is not None:
        raise NotFound("页面不存在，或不在您的职责范围内。")
    if visit.partial or visit.request.method not in csrf.SAFE:
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    target = visit.request.url.path
    return RedirectResponse(f"/sign-in?next={target}", status_code=303)


def _refused(request: Request, browser: str, at: datetime, refusal: Refusal) -> Response:
    """Answer a refusal: a banner above the form that was posted, or a page of its own."""
    house: House = request.app.state.house
    status = STATUS[type(refusal)]
    with house.database.reading() as db:
        visit = _visit(request, FormData(), db, browser, at)
        if "hx-request" in request.headers and request.method not in csrf.SAFE:
            response = render(visit, "web/refusal.html", status=status, refusal=refusal)
            response.headers["HX-Retarget"] = "#messages"
            response.headers["HX-Reswap"] = "innerHTML show:top"
            response.headers["HX-Push-Url"] = "false"
            return response
        return render(visit, "web/error.html", status=status, refusal=refusal, code=status)


__all__ = ["House", "anyone", "holding", "page", "redirect", "session_cookie", "signed_in"]

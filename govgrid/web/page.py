"""From a handler to a route: who may enter, form, CSRF, one transaction, refusals as answers."""

import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import psycopg
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from govgrid import logs
from govgrid.db import LAG, MOVED, is_full
from govgrid.errors import Conflict, Forbidden, NotFound, Refusal, TooMany, Unavailable
from govgrid.web import csrf, language, provisional, refusals
from govgrid.web.house import House, Rule, anyone, holding, signed_in, with_account, with_post
from govgrid.web.render import redirect, render
from govgrid.web.visit import Visit, open_visit

WROTE = "wrote"
"""Cookie of whoever wrote a moment ago, and reads what was written."""

_log = logging.getLogger(__name__)
Handler = Callable[[Visit], Response]
Glance = Callable[[Visit], Response | None]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Task:
    handler: Handler | Glance
    may_enter: Rule
    own_transactions: bool = False
    briefly: bool = False


def page(
    may_enter: Rule, *, own_transactions: bool = False, glance: Glance | None = None
) -> Callable[[Handler], Endpoint]:
    """Make a route's endpoint of a handler. A GET reads; any other method writes.

    With `own_transactions` a post reads too, and its handler writes through the database itself:
    for what must stay written although the request is refused. A `glance` is tried first: a few
    short reads that may find that there is more to do, and then return None.
    """

    def decorate(handler: Handler) -> Endpoint:
        task = _Task(handler, may_enter, own_transactions)
        first = _Task(glance, may_enter, briefly=True) if glance else None

        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            form = FormData()
            if request.method not in csrf.SAFE:
                form = await request.form(max_files=4, max_fields=2000)
            try:
                found = await _glanced(request, form, first) if first else None
                if found is None:
                    found = await run_in_threadpool(_whole, request, form, task)
                return found
            finally:
                await form.close()

        endpoint.may_enter = may_enter  # type: ignore[attr-defined]  # read by `rule_of`
        return endpoint

    return decorate


async def _glanced(request: Request, form: FormData, task: _Task) -> Response | None:
    house: House = request.app.state.house
    if house.database.sqlite:  # reading a file never waits: a change of thread costs as much again
        return _answer(request, form, task)
    return await run_in_threadpool(_answer, request, form, task)


def _whole(request: Request, form: FormData, task: _Task) -> Response:
    response = _answer(request, form, task)
    assert response is not None
    return response


def _answer(request: Request, form: FormData, task: _Task) -> Response | None:
    house: House = request.app.state.house
    with language.of_request(request):
        mark = request.cookies.get(csrf.BROWSER, "")
        browser = mark or csrf.new_browser()
        response = _decide(request, form, task, browser)
        if response is None:
            return None
        if not mark and response.media_type == "text/html":  # only pages hold forms
            csrf.remember(response, browser)
    if house.settings.standby_url and request.method not in csrf.SAFE:
        response.set_cookie(WROTE, "1", max_age=LAG, httponly=True, samesite="lax")
    if "notice" in request.cookies and response.status_code == 200:
        response.delete_cookie("notice")
    return response


def _decide(
    request: Request, form: FormData, task: _Task, browser: str, *, behind: bool = True
) -> Response | None:
    house: House = request.app.state.house
    reads = task.own_transactions or request.method in csrf.SAFE
    behind = behind and request.method in csrf.SAFE and WROTE not in request.cookies
    database = house.database
    reading = functools.partial(database.reading, briefly=task.briefly, behind=behind)
    try:
        with reading() if reads else database.writing() as db:
            visit = open_visit(request, form, db, browser, house.now())
            if request.method not in csrf.SAFE:
                posted = form.get(csrf.FIELD) or request.headers.get(csrf.HEADER, "")
                csrf.check(request, str(posted), visit.csrf_token)
            if not task.may_enter(visit.visitor):
                return _turn_away(visit)
            with provisional.consulting(db):
                return task.handler(visit)
    except Refusal as refusal:
        _tell(request, refusal)
        return refusals.answer(request, refusal, browser)
    except (StaleDataError, IntegrityError, InternalError, OperationalError) as error:
        if behind and getattr(error, "connection_invalidated", False):  # the standby is gone
            return _decide(request, form, task, browser, behind=False)
        return refusals.answer(request, _refusal(error), browser, known=not _lost(error))


def _tell(request: Request, refusal: Refusal) -> None:
    """Note in the log who was turned away: from what is not theirs, by a limit, with a false form.

    Strangers who find nothing have mistyped an address.
    """
    visitor = getattr(request.state, "visitor", None)
    if isinstance(refusal, Forbidden | TooMany) or (visitor and isinstance(refusal, NotFound)):
        account = visitor.account_id if visitor else None
        logs.refused(type(refusal).__name__, account, request.scope.get("endpoint"))


def _refusal(error: SQLAlchemyError) -> Refusal:
    """Return what people are told of it. Raise the error where it is a fault of ours."""
    if MOVED in str(error):
        return Unavailable("本系统的数据已迁到新的数据库，这里不再保存。请联系系统管理员。")
    if isinstance(error, InternalError) or _read_only(error):
        return _unwritable(error)
    if not isinstance(error, OperationalError):
        return Conflict("这条记录刚刚被其他人修改，您的修改没有保存。请刷新页面，核对后重新提交。")
    if is_full(error):
        return Unavailable("数据库磁盘已满，您的操作没有保存；仍可查询。请联系系统管理员清理磁盘。")
    if _lost(error):
        _log.warning("the database is out of reach: %s", error.orig)
        return Unavailable("数据库暂时无法连接，您的操作没有保存。请稍后再试。")
    if "is locked" not in str(error.orig):
        raise error
    return Unavailable("数据库正忙，您的操作没有保存。请稍后再试。")


def _read_only(error: SQLAlchemyError) -> bool:
    return "readonly database" in str(getattr(error, "orig", ""))


def _unwritable(error: SQLAlchemyError) -> Refusal:
    """Answer of a database that only reads: one that was the primary a moment ago, or by its file.

    Raise the error where it is another.
    """
    orig = getattr(error, "orig", None)
    if not (_read_only(error) or isinstance(orig, psycopg.errors.ReadOnlySqlTransaction)):
        raise error
    _log.warning("the database takes no writes: %s", orig)
    return Unavailable("数据库暂时只能查询，您的操作没有保存。请稍后再试。")


def _lost(error: SQLAlchemyError) -> bool:
    """Tell whether the database cannot be asked at all, not even who asks."""
    return isinstance(error, OperationalError) and (
        error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)
    )


def _turn_away(visit: Visit) -> Response:
    """Answer who may not enter: strangers sign in first, for the rest there is no such page."""
    if visit.visitor is not None:
        raise NotFound("页面不存在，或不在您的职责范围内。")
    shown = visit.here if visit.request.method in csrf.SAFE else "/"
    if visit.partial or visit.request.method not in csrf.SAFE:
        shown = _page_of(visit) or shown
    address = f"/sign-in?next={quote(shown, safe='/')}"
    if "hx-request" in visit.request.headers:
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def _page_of(visit: Visit) -> str:
    """Return the page from which htmx asked, as it says."""
    asked = urlsplit(visit.request.headers.get("hx-current-url", ""))
    return f"{asked.path}?{asked.query}" if asked.query else asked.path


__all__ = [
    "House",
    "anyone",
    "holding",
    "page",
    "redirect",
    "render",
    "signed_in",
    "with_account",
    "with_post",
]

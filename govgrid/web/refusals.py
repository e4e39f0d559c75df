"""Refusals as answers: a banner above the form that was posted, or a page of its own."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from govgrid.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, TooMany, Unavailable
from govgrid.web import csrf, language
from govgrid.web.house import House
from govgrid.web.render import render
from govgrid.web.visit import Visit, open_visit
from govgrid.words import N_

STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
}
_OTHER = N_("无法处理这个请求")
TITLES = {
    404: N_("没有找到"),
    403: N_("不能这样操作"),
    409: N_("内容已有变化"),
    413: N_("提交的内容过大"),
    422: N_("请检查填写的内容"),
    429: N_("请求过于频繁"),
    500: N_("系统出错"),
    503: N_("暂时无法办理"),
}


def answer(
    request: Request, refusal: Refusal, browser: str, status: int = 0, *, known: bool = True
) -> Response:
    """Answer a refusal, to whoever asked; unless `known`, as to a stranger."""
    house: House = request.app.state.house
    with house.database.reading() as db:
        visit = open_visit(request, FormData(), db, browser, house.now(), known=known)
        return show(visit, refusal, status or STATUS[type(refusal)])


def show(visit: Visit, refusal: Refusal, status: int) -> Response:
    """Render a refusal for this visit."""
    if "hx-request" in visit.request.headers and visit.request.method not in csrf.SAFE:
        response = render(visit, "web/refusal.html", status=status, refusal=refusal)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reselect"] = ".banner"  # whatever part of a page the form asked for
        response.headers["HX-Reswap"] = "innerHTML show:top"
        response.headers["HX-Push-Url"] = "false"
        return response
    response = render(
        visit, "web/error.html", status=status, refusal=refusal, code=status, title=title(status)
    )
    response.headers.update(waiting(refusal))
    return response


def title(status: int) -> str:
    """Return what an answer of that status says in a few words."""
    return language.gettext(TITLES.get(status, _OTHER))


def waiting(refusal: Refusal) -> dict[str, str]:
    """Return the header that tells when to come again, where the refusal knows."""
    wait = refusal.wait if isinstance(refusal, TooMany) else 0
    return {"Retry-After": str(wait)} if wait else {}

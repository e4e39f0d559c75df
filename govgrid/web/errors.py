"""What went wrong outside a handler: no such page, too large, a fault of ours; in our look."""

import logging

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from govgrid import logs
from govgrid.errors import Invalid, NotFound, Refusal, Unavailable
from govgrid.web import csrf, language, problems, refusals
from govgrid.web.caps import CAP, FILE_CAP, IMPORT_CAP, MIB

_log = logging.getLogger(__name__)


def turned_down(request: Request, error: Exception) -> Response:
    """Answer what the framework refused."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    if status == 413:
        logs.refused("too large", None, request.scope.get("endpoint"))
    response = _tell(request, _reason(status), status)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def _reason(status: int) -> Refusal:
    if status == 404:
        return NotFound("页面不存在，请检查地址，或从上方导航重新进入。")
    if status == 405:
        return Invalid("此地址不能这样访问，请返回上一页后重新操作。")
    if status == 413:
        return Invalid(
            "提交的内容过大：表单不超过 %(form)s MB，附件不超过 %(file)s MB，导入文件不超过 %(sheet)s MB。"
            "请拆分后重新提交。",
            form=CAP // MIB,
            file=FILE_CAP // MIB - 1,
            sheet=IMPORT_CAP // MIB,
        )
    return Invalid("无法识别这个请求，请刷新页面后重试。")


def broken(request: Request, _error: Exception) -> Response:
    """Answer a fault of ours, without asking the database, which may be what failed."""
    number = getattr(request.state, "request_number", "—")
    _log.error("request %s failed", number)
    refusal = Unavailable(
        "系统出错，您的操作没有保存。请稍后重试；如仍不行，请将编号 %(number)s 告知管理员。",
        number=number,
    )
    return _tell(request, refusal, 500, known=False)


def _tell(request: Request, refusal: Refusal, status: int, *, known: bool = True) -> Response:
    with language.of_request(request):
        if problems.speaks(request):
            return problems.problem(refusal, status)
        mark = request.cookies.get(csrf.BROWSER, "")
        browser = mark or csrf.new_browser()
        response = refusals.answer(request, refusal, browser, status, known=known)
    if not mark:
        csrf.remember(response, browser)
    return response


def gone(_request: Request, _error: Exception) -> Response:
    """Answer nobody: who asked has left before the question was told."""
    return Response(status_code=400)


handlers = {HTTPException: turned_down, ClientDisconnect: gone, Exception: broken}

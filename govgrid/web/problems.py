"""Refusals as programs read them: problem details by RFC 9457."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from govgrid.errors import Invalid, Refusal
from govgrid.web import language, refusals

ROOT = "/api/"
MEDIA_TYPE = "application/problem+json"


def speaks(request: Request) -> bool:
    """Tell whether the one who asks is a program."""
    return request.url.path.startswith(ROOT)


def problem(
    refusal: Refusal,
    status: int = 0,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
) -> Response:
    """Answer a refusal; what is wrong with which field stands under `errors`."""
    status = status or refusals.STATUS[type(refusal)]
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": language.refusal_text(refusal),
    }
    if errors or isinstance(refusal, Invalid):
        body["errors"] = list(errors) or _fields(refusal)
    whole = {**(headers or {}), **refusals.waiting(refusal)}
    return JSONResponse(body, status, whole, MEDIA_TYPE)


def _fields(refusal: Refusal) -> list[dict[str, Any]]:
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    return [
        {"field": name, "value": None, "reason": language.refusal_text(one)}
        for name, one in fields.items()
    ]

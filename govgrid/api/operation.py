"""From a declared operation to a route: token, limit, checked input, one transaction, problems."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from govgrid.accounts.actions.tokens import note_use
from govgrid.accounts.queries.tokens import Caller, caller
from govgrid.accounts.rules import Scope
from govgrid.api.reasons import reason
from govgrid.errors import Forbidden, Invalid, Refusal
from govgrid.web import language
from govgrid.web.house import House, Rule, declare
from govgrid.web.limits import Limit
from govgrid.web.problems import problem

CAP = 64 * 1024
NOTED_EVERY = timedelta(minutes=5)
JSON = "application/json"

with_token = Rule("with_token", lambda _actor: True)
"""Whoever holds a token of the interface; a sign-in opens nothing here."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request as an operation sees it."""

    request: Request
    db: Session
    house: House
    caller: Caller
    given: Any


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked of whom, and what comes back: the document says what the code does."""

    name: str
    method: str
    path: str
    scope: Scope
    summary: str
    handler: Callable[[Call], Response]
    given: type[BaseModel] | None
    answer: type[BaseModel]
    answers: tuple[int, ...] = (200,)
    problems: tuple[int, ...] = (404, 422)
    pdf: bool = False

    @property
    def reads(self) -> bool:
        """Tell whether it changes nothing."""
        return self.method == "GET"

    def route(self) -> Route:
        """Return the route."""

        async def endpoint(request: Request) -> Response:
            body = b"" if self.reads else await _body(request)
            return await run_in_threadpool(self._answer, request, body)

        path = self.path.replace("{meeting}", "{meeting:int}")
        return Route(path, declare(with_token)(endpoint), methods=[self.method])

    def _answer(self, request: Request, body: bytes | None) -> Response:
        with language.of_request(request):
            try:
                return self._decide(request, body)
            except Refusal as refusal:
                return problem(refusal)

    def _decide(self, request: Request, body: bytes | None) -> Response:
        house: House = request.app.state.house
        at = house.now()
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        with house.database.reading() as db:
            found = caller(db, token, at) if scheme.lower() == "bearer" and token else None
        if found is None:
            refusal = Forbidden(
                "缺少接口令牌，或令牌已停用、已过期。请在请求头 Authorization 中携带。"
            )
            return problem(refusal, 401, {"WWW-Authenticate": "Bearer"})
        _limit(request, house).take(str(found.token.id), at)
        if found.used_at is None or at - found.used_at >= NOTED_EVERY:
            note_use(house.database, found.token.id, at=at)
        if not found.has(self.scope):
            raise Forbidden("接口令牌没有“%(scope)s”权限。", scope=self.scope)
        if body is None:
            return problem(Invalid("请求体过大，最多 %(most)s KB。", most=CAP // 1024), 413)
        if not self.reads and _media_type(request) != JSON:
            return problem(Invalid("请求体应为 application/json。"), 415)
        try:
            given = self._read(request, body)
        except ValidationError as error:
            return _refused(error)
        try:
            return self._handle(request, house, found, given)
        except IntegrityError:  # two sent the same at once: the second finds the first
            return self._handle(request, house, found, given)

    def _read(self, request: Request, body: bytes) -> BaseModel | None:
        if self.given is None:
            return None
        if self.reads:
            return self.given.model_validate(dict(request.query_params))
        return self.given.model_validate_json(body, strict=True)

    def _handle(self, request: Request, house: House, found: Caller, given: Any) -> Response:
        database = house.database
        with database.reading() if self.reads else database.writing() as db:
            return self.handler(Call(request, db, house, found, given))


async def _body(request: Request) -> bytes | None:
    """Return the body, None where it is too large."""
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > CAP:
            return None
    return read


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _limit(request: Request, house: House) -> Limit:
    state = request.app.state
    if not hasattr(state, "api_limit"):
        state.api_limit = Limit(house.settings.api_minutely, timedelta(minutes=1))
    found: Limit = state.api_limit
    return found


def _refused(error: ValidationError) -> Response:
    faults = error.errors(include_url=False)
    if faults[0]["type"] == "json_invalid":
        return problem(Invalid("请求体不是有效的 JSON。"), 400)
    errors = [
        {
            "field": ".".join(str(part) for part in fault["loc"]),
            "value": None if fault["type"] == "missing" else _short(fault["input"]),
            "reason": reason(fault),
        }
        for fault in faults
    ]
    return problem(Invalid("提交的内容有 %(n)s 处需要修改。", n=len(errors)), 422, errors=errors)


def _short(value: object) -> object:
    return value if isinstance(value, int | float | None) else str(value)[:200]

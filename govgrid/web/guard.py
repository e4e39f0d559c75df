"""What stands before every page: known hosts, body cap, request number, security headers."""

import secrets
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from govgrid import journal, logs
from govgrid.settings import Settings
from govgrid.web import caps, cookies

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
SECURE_HEADERS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
_NUMBER = b"x-request-id"


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        ours = {**HEADERS, **(SECURE_HEADERS if settings.secure else {})}
        # As bytes once: headers set one by one are a quarter of what a short answer costs.
        self._headers = [(name.lower().encode(), text.encode()) for name, text in ours.items()]
        self._names = {_NUMBER, *(name for name, _text in self._headers)}
        public = urlsplit(settings.public_url).hostname or "localhost"
        self._secure = settings.secure
        self._hosts = {public, "localhost", "127.0.0.1", "::1", "testserver"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = secrets.token_hex(6)
        scope.setdefault("state", {})["request_number"] = number
        logs.NUMBER.set(number)
        app = self._app
        if _host(scope) not in self._hosts:
            logs.refused("unknown host", None, None)
            app = PlainTextResponse("unknown host", 400)
        # uvicorn has put the client there, through trusted proxies only.
        address = (scope.get("client") or ("",))[0]
        if self._secure:
            scope["headers"] = [
                (name, cookies.inward(text) if name == b"cookie" else text)
                for name, text in scope["headers"]
            ]
        with journal.started_from(address):
            await app(scope, _capped(scope, receive), self._with_headers(scope, send, number))

    def _with_headers(self, scope: Scope, send: Send, number: str) -> Send:
        static = scope["path"].startswith(("/static/", "/vendor/"))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [one for one in message["headers"] if one[0] not in self._names]
                if not static and not any(name == b"cache-control" for name, _value in given):
                    given.append((b"cache-control", b"no-store"))
                if self._secure:
                    given = [
                        (name, cookies.outward(text) if name == b"set-cookie" else text)
                        for name, text in given
                    ]
                message["headers"] = [*given, *self._headers, (_NUMBER, number.encode())]
            await send(message)

        return sending


def _host(scope: Scope) -> str | None:
    named: bytes = dict(scope["headers"]).get(b"host", b"")
    try:
        return urlsplit(f"//{named.decode('latin-1')}").hostname
    except ValueError:
        return None


def _capped(scope: Scope, receive: Receive) -> Receive:
    """Return a `receive` that raises 413 inside the application, so that it answers in its look."""
    headers = dict(scope["headers"])
    known = b"session=" in headers.get(b"cookie", b"")
    cap = caps.cap(scope["path"], known=known)
    announced: bytes = headers.get(b"content-length", b"0")
    read = 0

    async def receiving() -> Message:
        nonlocal read
        if not announced.isdigit() or int(announced) > cap:
            raise HTTPException(413)
        message = await receive()
        read += len(message.get("body", b""))
        if read > cap:
            raise HTTPException(413)
        return message

    return receiving

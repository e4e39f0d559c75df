"""What stands before every page: body cap, known hosts, security headers."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from govgrid.settings import Settings

MIB = 1024 * 1024
CAP, IMPORT_CAP = 2 * MIB, 64 * MIB
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class TooLarge(Exception):
    """The body passed its cap while it was read."""


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._secure = app, settings.secure
        public = urlsplit(settings.public_url).hostname or "localhost"
        self._hosts = {public, "localhost", "127.0.0.1", "::1", "testserver"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if (urlsplit(f"//{host}").hostname or "") not in self._hosts:
            await PlainTextResponse("unknown host", 400)(scope, receive, send)
            return
        cap = IMPORT_CAP if scope["path"].startswith("/imports") else CAP
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > cap:
            await PlainTextResponse("提交的内容过大。", 413)(scope, receive, send)
            return
        try:
            await self._app(scope, _capped(receive, cap), self._with_headers(scope, send))
        except TooLarge:
            await PlainTextResponse("提交的内容过大。", 413)(scope, receive, send)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        static = scope["path"].startswith(("/static/", "/vendor/"))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                if self._secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                if not static:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        return sending


def _capped(receive: Receive, cap: int) -> Receive:
    read = 0

    async def receiving() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > cap:
            raise TooLarge
        return message

    return receiving

"""A chat provider on this machine: a real HTTP server that keeps what it is sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

JSON = {"json": "apprise.plugins.custom_json:NotifyJSON"}  # no provider's; off the allow-list


class Chat:
    """What arrived, and with which status the next posts are answered."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.status = 200
        self.address = ""

    @property
    def texts(self) -> list[str]:
        return [str(post["message"]) for post in self.posts]


@contextmanager
def chatting() -> Iterator[Chat]:
    """Serve it, and give its address in apprise's words."""
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if chat.status == 200:
                chat.posts.append(json.loads(data))
            self.send_response(chat.status)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        chat.address = f"json://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield chat
        finally:
            server.shutdown()
            thread.join()

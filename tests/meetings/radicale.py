"""A real Radicale in a process of its own, with one user, and a look at what it holds."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import icalendar

USER, PASSWORD = "meetings", "a:secret@word/"
CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/store
[rights]
type = owner_only
[logging]
level = warning
"""


@dataclass(frozen=True, slots=True)
class Radicale:
    """Where it answers, in which process, and where its files lie."""

    pid: int
    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Return the setting for it; user and password are quoted."""
        return f"http://{USER}:a%3Asecret%40word%2F@127.0.0.1:{self.port}/{USER}/{{code}}/"

    def ask(self, method: str, path: str, **how: Any) -> httpx2.Response:
        with httpx2.Client(auth=(USER, PASSWORD), trust_env=False, verify=False) as client:
            return client.request(method, f"http://127.0.0.1:{self.port}{path}", **how)

    def files(self) -> list[Path]:
        """Return the stored events."""
        return sorted(self.folder.glob("store/collection-root/*/*/*.ics"))

    def events(self, code: str) -> list[Any]:
        """Return the events of a collection, asked for as a phone does."""
        answer = self.ask("GET", f"/{USER}/{code}/")
        if answer.status_code == 404:
            return []
        assert answer.status_code == 200
        return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))

    def empty(self) -> None:
        """Forget every collection."""
        shutil.rmtree(self.folder / "store" / "collection-root", ignore_errors=True)


@contextmanager
def serving(folder: Path) -> Iterator[Radicale]:
    """Serve until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    config = folder / "config"
    config.write_text(CONFIG.format(port=port, folder=folder))
    command = [sys.executable, "-m", "radicale", "--config", str(config)]
    server = subprocess.Popen(command)
    try:
        _wait_for(server, port)
        yield Radicale(server.pid, port, folder)
    finally:
        server.terminate()
        server.wait()


def _wait_for(server: "subprocess.Popen[bytes]", port: int) -> None:
    while server.poll() is None:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("Radicale ended before it answered")

"""`govgrid demo`: build the city once, print the ways in, serve it with the worker inside."""

import socket
import sys
import threading
import time
import webbrowser
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from govgrid import server
from govgrid.clock import HERE
from govgrid.demo.standing import known_sign_ins, rebuild, stand
from govgrid.demo.ways import PASSWORD
from govgrid.errors import Conflict, Forbidden
from govgrid.settings import DEMO_SECRET, Settings

VAR = Path("var")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def demo(
    today: date | None, host: str, port: int, *, fresh: bool, browser: bool, serve: bool
) -> None:
    """Build where nothing is built yet, then serve. Raise `Forbidden` on a public address."""
    if host not in LOOPBACK:
        raise Forbidden("演示环境只能在本机打开（127.0.0.1），不能用于公开地址。")
    now = datetime.now(UTC).astimezone(HERE).date()
    address = f"http://{host}:{port}"
    settings = replace(
        Settings.read(),
        secret=DEMO_SECRET,
        public_url=address,
        smtp_url=f"file:{VAR / 'mail'}",
        archive=VAR / "archive",
        demo=True,
    )
    if serve:
        _refuse_taken(host, port)
    built = _built(settings, today, now, fresh=fresh)
    if not serve:
        return
    known = known_sign_ins(settings, built)
    say(f"\n演示城市：{address}\n演示密码：{PASSWORD}")
    for way in known:
        place = f"（{way.area}）" if way.area else ""
        say(f"  {way.login:<8} {way.role} {way.name}{place}")
    if built != now:
        say(f"演示日期：{built}（用 --fresh 按今天重建）")
    settings = replace(settings, ahead=built - now)
    if browser:
        threading.Thread(target=_open, args=(address,), daemon=True).start()
    server.serve(settings, host, port, demo_sign_ins=known, demo_password=PASSWORD)


def _built(settings: Settings, today: date | None, now: date, *, fresh: bool) -> date:
    begun = time.monotonic()
    if fresh:
        built = rebuild(settings, today or now, progress)
    else:
        built = stand(settings, today, now, progress)
    if time.monotonic() - begun > 1:
        say(f"\r演示城市已建成，用时 {time.monotonic() - begun:.0f} 秒。{' ' * 30}")
    return built


def progress(word: str, share: float) -> None:
    """Show how far the building is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{share:4.0%} {word}{' ' * 20}")
    else:
        sys.stderr.write(f"{share:4.0%} {word}\n")
    sys.stderr.flush()


def say(text: str) -> None:
    """Write a line to the terminal."""
    sys.stderr.write(text + "\n")


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host if host != "localhost" else "127.0.0.1", port))
        except OSError:
            raise Conflict(
                "端口 %(port)s 已被占用，请用 --port 指定其他端口。", port=port
            ) from None


def _open(address: str) -> None:
    time.sleep(1.5)
    webbrowser.open(address)

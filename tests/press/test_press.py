import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from govgrid.errors import Unavailable
from govgrid.press.fonts import Fonts
from govgrid.press.press import Press, Sheet

AT = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)


def sheet(body: str) -> Sheet:
    return Sheet(f"<html lang=zh-CN><title>t</title><body>{body}", AT)


@pytest.fixture
def strict(fonts: Fonts) -> Iterator[Press]:
    with Press(fonts, children=1, seconds=6) as press:
        yield press


@pytest.mark.security
@pytest.mark.parametrize(
    "bomb",
    [
        "<table><td colspan=10000000>x</table>",
        "<style>@page{size:9px;margin:0}</style>" + "x " * 20000,
    ],
)
def test_a_bomb_is_stopped_and_the_press_goes_on(strict: Press, bomb: str) -> None:
    with pytest.raises(Unavailable, match="时间或内存"):
        strict.print(sheet(bomb))
    assert strict.print(sheet("<p>ok")).startswith(b"%PDF")


@pytest.mark.security
def test_no_address_is_ever_fetched(press: Press, tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>SECRET</text></svg>")
    knocks = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        base = f"http://127.0.0.1:{server.getsockname()[1]}"

        def listen() -> None:
            try:
                knocks.append(server.accept())
            except TimeoutError:
                return

        listener = threading.Thread(target=listen)
        listener.start()
        plain = press.print(sheet("<p>x"))
        lured = press.print(
            sheet(
                f"<style>@import url({base}/a.css);p{{background:url({base}/b.png)}}</style>"
                f"<link rel=attachment href={base}/c><img src={base}/d.png>"
                f"<img src={secret.as_uri()}><img src=data:text/plain,x><img src=paper:other><p>x"
            )
        )
        listener.join()
    assert knocks == []
    assert b"SECRET" not in lured
    assert len(lured) < len(plain) + 1500


def test_our_own_image_is_printed(press: Press) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    page = '<html lang=zh-CN><title>t</title><img src="paper:code.svg" width=90 alt="">'
    with_image = press.print(Sheet(page, AT, images=(("code.svg", svg),)))
    assert len(with_image) > len(press.print(Sheet(page, AT))) + 50


def test_threads_print_the_same_bytes(press: Press) -> None:
    one = press.print(sheet("<p>x"))
    with ThreadPoolExecutor(6) as pool:
        prints = list(pool.map(press.print, [sheet("<p>x")] * 12))
    assert set(prints) == {one}


def test_a_closed_press_refuses(fonts: Fonts) -> None:
    press = Press(fonts, children=1)
    press.print(sheet("<p>x"))
    press.close()
    with pytest.raises(Unavailable, match="已关闭"):
        press.print(sheet("<p>x"))


def test_a_child_that_cannot_start_says_where_to_look(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "printer.py"
    broken.write_text("raise SystemExit(1)\n")
    monkeypatch.setattr("govgrid.press.press.SCRIPT", broken)
    with Press(fonts, children=1) as press, pytest.raises(Unavailable, match="govgrid doctor"):
        press.print(sheet("<p>x"))

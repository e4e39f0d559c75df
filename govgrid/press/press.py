"""Prints sheets to PDF in child processes with limits, several at a time."""

import base64
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self, TypeVar

from govgrid.errors import Refusal, Unavailable
from govgrid.press.fonts import Fonts, find_fonts

SCRIPT = Path(__file__).with_name("printer.py")
# WeasyPrint keeps a little of every document; a fresh child is cheaper than a large one.
SHEETS_PER_CHILD = 300
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file inside the PDF; the name is ASCII."""

    name: str
    content: bytes
    description: str
    relationship: str = "Data"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one PDF is printed from; nothing outside it is ever fetched."""

    html: str
    at: datetime
    """Aware: the date of every file inside."""
    enclosures: tuple[Enclosure, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    """SVG text by name; the HTML calls it paper:NAME."""
    photos: tuple[tuple[str, bytes], ...] = ()
    """JPEGs of ours by name, called alike."""

    def wire(self) -> bytes:
        enclosures = [
            {
                "name": enclosure.name,
                "content": base64.b64encode(enclosure.content).decode(),
                "description": enclosure.description,
                "relationship": enclosure.relationship,
            }
            for enclosure in self.enclosures
        ]
        parts = {
            "html": self.html,
            "at": self.at.isoformat(),
            "attachments": enclosures,
            "images": dict(self.images),
            "photos": {name: base64.b64encode(data).decode() for name, data in self.photos},
        }
        return json.dumps(parts).encode()


class Press:
    """A few warm children; threads may print at the same time."""

    def __init__(self, fonts: Fonts, *, children: int = 0, seconds: int = 60) -> None:
        """`seconds` caps a sheet's CPU time; twice that caps how long it may take."""
        self.fonts = fonts
        self.seconds = seconds
        self.children = children or os.cpu_count() or 1
        self._room = threading.BoundedSemaphore(self.children)
        self._idle: list[_Child] = []
        self._folder = TemporaryDirectory(prefix="govgrid-press-")
        self._config = fonts.install(Path(self._folder.name))
        self._finalizer = weakref.finalize(self, _shut, self._idle, self._folder)

    @classmethod
    def open(cls, vendor: Path, house_fonts: Path | None = None) -> Self:
        """Raise Unavailable when a font is missing."""
        return cls(find_fonts(vendor, house_fonts))

    def print(self, sheet: Sheet) -> bytes:
        """Raise Unavailable when the child fails, or passes its limits."""
        with self._child() as child:
            return child.print(sheet.wire(), 2 * self.seconds)

    def print_many(self, sheets: Iterable[Sheet]) -> list[bytes | Refusal]:
        """Print on every core; a sheet that fails leaves its reason in its place."""
        return self.many(self.print, sheets)

    def many(
        self, make: Callable[[Thing], bytes], things: Iterable[Thing]
    ) -> list[bytes | Refusal]:
        """Make a PDF of each, one a core at a time; what fails leaves its reason in its place."""

        def tried(thing: Thing) -> bytes | Refusal:
            try:
                return make(thing)
            except Refusal as refusal:
                return refusal

        with ThreadPoolExecutor(self.children) as pool:
            return list(pool.map(tried, things))

    def close(self) -> None:
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _child(self) -> Iterator["_Child"]:
        with self._room:
            child = self._warm() or self._start()
            try:
                yield child
            finally:
                if child.worn or not self._finalizer.alive:
                    child.stop()
                else:
                    self._idle.append(child)

    def _warm(self) -> "_Child | None":
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _start(self) -> "_Child":
        if not self._finalizer.alive:
            raise Unavailable("打印程序已关闭。")
        return _Child(self._config, self.seconds)


class _Child:
    """One printing process."""

    def __init__(self, config: Path, seconds: int) -> None:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(config.parent),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "FONTCONFIG_FILE": str(config),
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", str(SCRIPT), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=config.parent,
        )
        self._printed = 0

    @property
    def worn(self) -> bool:
        return self._process.poll() is not None or self._printed >= SHEETS_PER_CHILD

    def print(self, wire: bytes, seconds: float) -> bytes:
        self._printed += 1
        watch = threading.Timer(seconds, self._process.kill)
        watch.start()
        try:
            answer = self._exchange(wire)
        except (OSError, EOFError) as error:
            raise self._ended() from error
        finally:
            watch.cancel()
        if answer[:1] != b"+":
            raise Unavailable("打印失败：%(reason)s", reason=answer[1:].decode(errors="replace"))
        return answer[1:]

    def _ended(self) -> Unavailable:
        """Tell a child that was killed at its limits from one that could not work at all."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        code = self._process.poll()
        self.stop()
        if code is None or code < 0:
            return Unavailable("打印程序超出时间或内存限制，已中止。")
        return Unavailable("打印程序无法启动，请运行 govgrid doctor 检查字体和系统库。")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def _exchange(self, wire: bytes) -> bytes:
        source, sink = self._process.stdout, self._process.stdin
        assert source
        assert sink
        sink.write(len(wire).to_bytes(4) + wire)
        sink.flush()
        size = source.read(4)
        answer = source.read(int.from_bytes(size)) if len(size) == 4 else b""
        if len(size) < 4 or len(answer) < int.from_bytes(size):
            raise EOFError
        return answer


def _shut(idle: list[_Child], folder: TemporaryDirectory[str]) -> None:
    while idle:
        idle.pop().stop()
    folder.cleanup()

"""The chain's head, noted outside the database: a file in the archive folder, and the log.

One line an hour at most: moment, root, number, seal, and the seal of that line. Whoever cuts the
journal's tail, or empties it, leaves heads behind that nothing leads to.
"""

import logging
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from govgrid.archive import sync
from govgrid.journal import seals
from govgrid.settings import Settings

FILE = "journal-heads"
EVERY = 3600  # seconds
_log = logging.getLogger("govgrid.journal")
_turn = threading.Lock()
_noted: dict[tuple[Path, str], float] = {}


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line of the file; `line` from 1, `genuine` where its own seal is right."""

    line: int
    at: str
    root: str
    number: int
    seal: str
    genuine: bool


def anchor(settings: Settings, root: str, number: int, seal: str, *, surely: bool = False) -> None:
    """Note the head unless this process did within the hour; a full disk never stops the work.

    `surely`: at any rate, before lines go; raise `OSError` where it cannot be noted.
    """
    now = datetime.now(UTC)
    place = (settings.archive.absolute(), root)
    with _turn:
        if now.timestamp() - _noted.get(place, 0) < EVERY and not surely:
            return
        try:
            _append(settings, now.isoformat(timespec="seconds"), root, number, seal)
        except OSError:
            if surely:
                raise
            _log.warning("the journal's head could not be anchored", exc_info=True)
            return
        _noted[place] = now.timestamp()
    _log.info("journal head %s %s %s", root[:12], number, seal)


def _append(settings: Settings, at: str, root: str, number: int, seal: str) -> None:
    settings.archive.mkdir(parents=True, exist_ok=True)
    path = settings.archive / FILE
    new = not path.exists()
    own = seals.of_head(settings.secret, at, root, number, seal)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        os.write(descriptor, f"{at} {root} {number} {seal} {own}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        sync(settings.archive)


def read(settings: Settings) -> list[Anchor]:
    """Return the noted heads in the order of the file."""
    path = settings.archive / FILE
    if not path.is_file():
        return []
    texts = path.read_text("utf-8", "replace").splitlines()
    return [_anchor(settings.secret, line, text) for line, text in enumerate(texts, 1)]


def _anchor(key: str, line: int, text: str) -> Anchor:
    parts = text.split(" ")
    if len(parts) != 5 or not parts[2].isdecimal():
        return Anchor(line, "", "", 0, "", genuine=False)
    at, root, number, seal, own = parts
    genuine = own == seals.of_head(key, at, root, int(number), seal)
    return Anchor(line, at, root, int(number), seal, genuine=genuine)


def forget(settings: Settings) -> None:
    """Drop the noted heads: for the demo only, whose journal begins anew when it is rebuilt."""
    (settings.archive / FILE).unlink(missing_ok=True)
    _noted.clear()

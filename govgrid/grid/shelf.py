"""Made bytes kept for the next request, the least used making room."""

from collections.abc import Callable
from threading import Lock


class Shelf:
    """Bytes by the digest of what they were made of; at most `most` bytes in all."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._bytes: dict[str, bytes] = {}
        self._lock = Lock()

    def get(self, mark: str, make: Callable[[], bytes]) -> bytes:
        """Return what is on the shelf, or make it."""
        with self._lock:
            if (found := self._bytes.pop(mark, None)) is not None:
                self._bytes[mark] = found
                return found
        made = make()
        with self._lock:
            self._size += len(made) - len(self._bytes.pop(mark, b""))
            self._bytes[mark] = made
            while self._size > self._most:
                self._size -= len(self._bytes.pop(next(iter(self._bytes))))
        return made

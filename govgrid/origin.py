"""Where what is done now was started: a network address, or a user's command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_origin: ContextVar[str] = ContextVar("origin", default="")


@contextmanager
def started_from(address: str) -> Iterator[None]:
    """Note the address in every line of the journal written inside."""
    token = _origin.set(address[:64])
    try:
        yield
    finally:
        _origin.reset(token)


def origin() -> str:
    """Return the address that lines written now will bear."""
    return _origin.get()

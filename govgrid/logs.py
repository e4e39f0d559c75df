"""What the server says: plain lines for a terminal, or one JSON document a line for a collector.

A line names its request by number. Neither addresses with tokens nor parameters of statements
stand in it.
"""

import logging
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

NUMBER: ContextVar[str] = ContextVar("request_number", default="")
ACCESS = logging.getLogger("govgrid.requests")
SECURITY = logging.getLogger("govgrid.security")
_TEXT = "%(asctime)s %(name)s %(message)s"
_JSON = "%(asctime)s %(levelname)s %(name)s %(message)s %(request)s"


def set_up(manner: str) -> None:
    """Write in this manner to stderr; requests are told in JSON only."""
    handler = logging.StreamHandler()
    handler.addFilter(_numbered)
    plain = logging.Formatter(_TEXT)
    named = {"asctime": "time", "levelname": "level", "name": "logger"}
    handler.setFormatter(JsonFormatter(_JSON, rename_fields=named) if manner == "json" else plain)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    ACCESS.setLevel(logging.INFO if manner == "json" else logging.WARNING)


def refused(why: str, account: int | None, where: object) -> None:
    """Note that somebody was kept from something: why, which account, at which handler."""
    place = f"{getattr(where, '__module__', '')}.{getattr(where, '__name__', '')}".strip(".")
    SECURITY.warning("refused %s, account %s, at %s", why, account or "none", place or "the door")


def _numbered(record: logging.LogRecord) -> bool:
    record.request = NUMBER.get()
    return True

"""What people typed, made safe for mail and calendars: addresses, texts, single lines."""

import re

from govgrid.errors import Invalid
from govgrid.words import N_

_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
# C0 but the line break, DEL, C1, lone surrogates, and the marks that turn the reading direction.
_UNWANTED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
# A dot-atom without the characters that mean something else in a mailto: URI (% ? # ^ ` { | }).
_LOCAL = r"[A-Za-z0-9!$&'*+/=_~-]+(?:\.[A-Za-z0-9!$&'*+/=_~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_LOCAL})@{_LABEL}(?:\.{_LABEL})*")


def text(value: str) -> str:
    r"""Return the text with `\n` as its only control character."""
    return _UNWANTED.sub("", _BREAKS.sub("\n", value).replace("\t", " "))


def line(value: str) -> str:
    """Return the text as one line, without spaces at its ends."""
    return text(value).replace("\n", " ").strip(" ")


def address(value: str) -> str:
    """Return the mail address unchanged, or raise Invalid."""
    match = _ADDRESS.fullmatch(value) if len(value) <= 254 else None
    if match is None or len(match["local"]) > 64:
        raise Invalid(N_("邮箱地址不正确：%(address)s"), address=line(value)[:100])
    return value

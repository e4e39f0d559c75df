"""Under which keys the directory finds a person, a compound, an area; and what a query asks for."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from govgrid.grid.models import Level
from govgrid.grid.pinyin import Reading, reading_of_place, readings_of_name

LONGEST = 24
"""Characters of a key; a longer query is held against the text itself."""

_SPACE = re.compile(r"[\x00-\x1f\x7f\s·•・,，、;；()（）\[\]【】\"“”'’]+")
# Names of grids repeat those of the areas above; within them one looks for the own part.
_GRID_STARTS = re.compile(r"(?<=社区|街道|网格)|(?<=[村镇乡区组])|(?=第)|(?<![0-9])(?=[0-9])")
GRIDS = frozenset({Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID})


def plain(text: str) -> str:
    """Return the text as it is compared: full-width to half, lower case, without spaces."""
    if text.isascii() and text.isalnum():
        return text.lower()
    return _SPACE.sub("", unicodedata.normalize("NFKC", text).lower().replace("ü", "v"))


def officer_keys(name: str, code: str) -> Iterator[str]:
    """Yield name and given name, by characters, pinyin and initials; and the number."""
    yield from _code(code)
    yield from _person(plain(name))


def _code(code: str | None) -> Iterator[str]:
    if written := plain(code or ""):
        yield written[:LONGEST]


@lru_cache(maxsize=50_000)
def _person(name: str) -> tuple[str, ...]:
    found = set(_tails(name))
    surname, readings = readings_of_name(name)
    for reading in readings:
        found.update(_spoken(reading, (0, surname)))
    return tuple(found)


def compound_keys(name: str, address: str | None, code: str) -> Iterator[str]:
    """Yield the name and the address from every character on, pinyin and initials of the name."""
    yield from _code(code)
    yield from _place(plain(name))
    yield from _tails(plain(address or ""))


def area_keys(name: str, level: Level, code: str, external_code: str | None) -> Iterator[str]:
    """Yield the codes and the name; of grids and micro-grids only from where a word begins."""
    yield from _code(code)
    yield from _code(external_code)
    if level in GRIDS:
        yield from _grid(plain(name))
    else:
        yield from _place(plain(name))


@lru_cache(maxsize=20_000)
def _place(name: str) -> tuple[str, ...]:
    spoken = _spoken(reading_of_place(name), (0,)) if name else ()
    return (*_tails(name), *spoken)


@lru_cache(maxsize=20_000)
def _grid(name: str) -> tuple[str, ...]:
    starts = {0, *(match.start() for match in _GRID_STARTS.finditer(name))}
    return tuple(name[start:][:LONGEST] for start in sorted(starts) if start < len(name))


def _spoken(reading: Reading, starts: Iterable[int]) -> Iterator[str]:
    for start in starts:
        tail = reading[start:]
        if tail:
            yield "".join(tail)[:LONGEST]
        if len(tail) > 1:
            yield "".join([syllable[0] for syllable in tail])[:LONGEST]


def _tails(text: str) -> Iterator[str]:
    """Yield the text from every character on, but not from inside a number or a Latin word."""
    for start, char in enumerate(text):
        inside = start and char.isascii() and char.isalnum() and text[start - 1].isascii()
        if not (inside and text[start - 1].isalnum()):
            yield text[start : start + LONGEST]

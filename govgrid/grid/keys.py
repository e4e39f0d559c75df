"""Under which keys the directory finds a person, a compound, an area; and what a query asks for."""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

from govgrid.grid.models import Level
from govgrid.grid.pinyin import Reading, reading_of_place, readings_of_name

LONGEST = 24
"""Characters of a key; a longer query is held against the text itself."""

_SPACE = re.compile(r"[\x00-\x1f\x7f\s·•・,，、;；()（）\[\]【】\"“”'’]+")
_PART = re.compile(r"[0-9a-z]+|.")
_PART_OF_NAME = re.compile(r"[0-9]+|.")  # the spaces between Latin names are gone
# Names of grids repeat those of the areas above; within them one looks for the own part.
_GRID_STARTS = re.compile(r"(?<=社区|街道|网格)|(?<=[村镇乡区组])|(?=第)|(?<![0-9])(?=[0-9])")
GRIDS = frozenset({Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID})


def plain(text: str) -> str:
    """Return the text as it is compared: full-width to half, lower case, without spaces."""
    text = unicodedata.normalize("NFKC", text).lower().replace("ü", "v")
    return text if text.isalnum() else _SPACE.sub("", text)


def officer_keys(name: str, code: str) -> set[str]:
    """Return name and given name, by characters, pinyin and initials; and the number."""
    return _kept(plain(code), *_person(plain(name)))


def compound_keys(name: str, address: str | None, code: str) -> set[str]:
    """Return the name and the address from every character on, pinyin and initials of the name."""
    return _kept(plain(code), *_place(plain(name)), *_tails(plain(address or "")))


def area_keys(name: str, level: Level, code: str, external_code: str | None) -> set[str]:
    """Return the codes and the name; of grids and micro-grids only from where a word begins."""
    named = (_grid if level in GRIDS else _place)(plain(name))
    return _kept(plain(code), plain(external_code or ""), *named)


def _kept(*keys: str) -> set[str]:
    return {key[:LONGEST] for key in keys if key}


@lru_cache(maxsize=50_000)
def _person(name: str) -> tuple[str, ...]:
    surname, readings = readings_of_name(name)
    spoken = [_spoken(reading[start:]) for reading in readings for start in (0, surname)]
    return (*_tails(name, _PART_OF_NAME), *chain(*spoken))


@lru_cache(maxsize=20_000)
def _place(name: str) -> tuple[str, ...]:
    return (*_tails(name), *_spoken(reading_of_place(name))) if name else ()


def _grid(name: str) -> tuple[str, ...]:
    return (name, *[name[match.start() :] for match in _GRID_STARTS.finditer(name)])


def _spoken(reading: Reading) -> tuple[str, str]:
    """Return the pinyin and its initials; those of one syllable are too little to look for."""
    return "".join(reading), "".join([syllable[0] for syllable in reading]) if reading[1:] else ""


def _tails(text: str, part: re.Pattern[str] = _PART) -> list[str]:
    """Return the text from every character on, but not from inside a number or a Latin word."""
    return [text[match.start() :] for match in part.finditer(text)]

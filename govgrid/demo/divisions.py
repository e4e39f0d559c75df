"""The real tree of Chengdu: city, districts, streets and communities as published."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from govgrid.grid.models import Level

SOURCE = Path(__file__).parent / "chengdu-divisions.csv"
CITY = "5101"
DISTRICT = "510107"
SHOWCASE_STREET = "510107001"  # its compounds meet too, and the demo's accounts work there


@dataclass(frozen=True, slots=True)
class Division:
    """One line of the published list."""

    code: str
    name: str
    level: Level
    parent: str

    @property
    def short(self) -> str:
        """The name in daily use: 洗面桥社区居委会 is called 洗面桥社区."""
        return self.name.removesuffix("居委会").removesuffix("委会")

    @property
    def root(self) -> str:
        """The place that named it: 洗面桥, 浆洗街."""
        return self.short.removesuffix("社区").removesuffix("街道")


@cache
def divisions() -> tuple[Division, ...]:
    """Return all 3,329 divisions of the city, parents first."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        return tuple(_division(row) for row in csv.DictReader(lines))


@cache
def streets() -> tuple[Division, ...]:
    """Return the streets of the filled district."""
    return children(DISTRICT)


@cache
def communities() -> tuple[Division, ...]:
    """Return the communities of the filled district, street by street."""
    return tuple(community for street in streets() for community in children(street.code))


@cache
def children(code: str) -> tuple[Division, ...]:
    """Return the divisions right below one."""
    return tuple(division for division in divisions() if division.parent == code)


@cache
def division(code: str) -> Division:
    """Return the division of a code."""
    return next(each for each in divisions() if each.code == code)


def _division(row: dict[str, str]) -> Division:
    level = Level.of_word(row["层级"])
    assert level is not None
    return Division(row["代码"], row["名称"], level, row["上级代码"])

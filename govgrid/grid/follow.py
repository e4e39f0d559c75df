"""What a column that names an area says about itself: how its rows go along when areas change."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, FromClause

KEY = "area_change"
Condition = Callable[[FromClause], ColumnElement[bool]]


class Kept(Enum):
    """Columns that no change of areas rewrites row by row."""

    STAYS = "history: it goes on naming the area as it was"
    IN_TREE = "the tree itself: a change places every area anew"


@dataclass(frozen=True, slots=True)
class Follows:
    """Rows go to the heir of the area (or of the row) they name.

    `noun` is a msgid for the rows; `label` the column that names one, or `column.other` of the row
    that a foreign key leads to. `only` leaves the rest as history. `via` is a column whose row
    decides the heir. `dated`: the row ends and a new one begins (`since`, `until`). `inherited`
    rows stay behind; the heir gets one like it, and what hangs on it follows. `distinct` is made
    different where the heir has the same; of rows with the same `once` only one may be among
    `rivals`.
    """

    noun: str
    label: str = "name"
    only: Condition | None = None
    via: str = ""
    dated: bool = False
    inherited: Condition | None = None
    distinct: str = ""
    once: str = ""
    rivals: Condition | None = None


STAYS: dict[Any, Any] = {KEY: Kept.STAYS}
IN_TREE: dict[Any, Any] = {KEY: Kept.IN_TREE}


def follows(noun: str, **how: Any) -> dict[Any, Any]:
    """Return a column's `info` that makes its rows follow."""
    return {KEY: Follows(noun, **how)}

"""What an import read and did: rows, errors by row and column, counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from govgrid.errors import Refusal
from govgrid.sheets.cells import Reader, WordReader, shown, yes_no


@dataclass(frozen=True, slots=True)
class Column:
    """One heading of an import sheet; `key` names it in a read row."""

    heading: str
    key: str
    read: Reader
    required: bool = False
    note: str = ""
    words: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the only words that the column takes; none: any text of its form."""
        if isinstance(self.read, WordReader):
            return tuple(self.read.words)
        return ("是", "否") if self.read is yes_no else self.words


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell; `row` is the number a spreadsheet shows."""

    row: int
    column: str
    value: str
    reason: Refusal

    def json(self) -> dict[str, object]:
        """Return the error as the command line prints it."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": str(self.reason),
        }


class Note(NamedTuple):
    """Something to tell besides the counts: a msgid with its parameters."""

    message: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One read row: checked values by column key; an empty cell is None."""

    number: int
    values: dict[str, Any]
    cells: Mapping[str, object] = field(repr=False)

    @property
    def texts(self) -> dict[str, str]:
        """Return what stands in the sheet, by column key."""
        return {key: shown(cell) for key, cell in self.cells.items() if cell not in {None, ""}}


@dataclass(slots=True)
class Sheet:
    """A read sheet: `rows` are right cell by cell; `bad` ones stand in `errors` already."""

    columns: Sequence[Column]
    present: frozenset[str]
    rows: list[Row] = field(default_factory=list)
    bad: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many rows hold anything."""
        return len(self.rows) + len(self.bad)

    def has(self, key: str) -> bool:
        """Tell whether the sheet has this column at all: an absent one changes nothing."""
        return key in self.present

    def refuse(self, row: Row, key: str, reason: Refusal) -> None:
        """Note that a row is wrong in the column of that key."""
        heading = next(column.heading for column in self.columns if column.key == key)
        cell = row.cells.get(key)
        value = "" if cell is None else shown(cell)[:80]
        self.errors.append(RowError(row.number, heading, value, reason))


@dataclass(slots=True)
class Outcome:
    """What an import did, or would have done; with errors it did nothing."""

    kind: str
    rows: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def json(self) -> dict[str, object]:
        """Return the answer of `govgrid import --json`."""
        return {
            "kind": self.kind,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": [error.json() for error in sorted(self.errors, key=lambda e: e.row)],
            "ignored": self.ignored,
        }


def refused(kind: str, sheet: Sheet) -> Outcome:
    """Return the outcome of a sheet with errors: nothing done, all errors in row order."""
    errors = sorted(sheet.errors, key=lambda error: error.row)
    return Outcome(kind, sheet.count, errors=errors, ignored=sheet.ignored)

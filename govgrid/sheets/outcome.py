"""What an import read and did: rows, errors by row and column, changes, counts."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from govgrid.errors import Refusal
from govgrid.sheets.cells import Reader, WordReader, shown, trimmed, written, yes_no

MOST_TOLD = 2000  # rows of one sort that are kept to be shown
MOST_ERRORS = 10_000  # that are kept to be shown; all are counted


@dataclass(frozen=True, slots=True)
class Column:
    """One heading of an import sheet; `key` names it in a read row.

    `words` are the only ones allowed where the reader does not know them; `also` are headings by
    which other systems call it.
    """

    heading: str
    key: str
    read: Reader
    required: bool = False
    note: str = ""
    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

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


class Errors(list[RowError]):
    """The first so many errors; `total` counts the others too."""

    def __init__(self, errors: Sequence[RowError] = (), total: int = 0) -> None:
        super().__init__(errors)
        self.total = max(total, len(self))

    def append(self, error: RowError) -> None:
        """Count an error, and keep it while there is room."""
        self.total += 1
        if len(self) < MOST_ERRORS:
            super().append(error)


class Note(NamedTuple):
    """Something to tell besides the counts: a msgid with its parameters."""

    message: str
    params: Mapping[str, object]


class Change(NamedTuple):
    """A row that changes what is stored: heading, old and new text of each changed cell."""

    row: int
    label: str
    cells: tuple[tuple[str, str, str], ...]


class Changes:
    """Which rows are new and which change something: the first of each, and a digest of all."""

    def __init__(self) -> None:
        self.new: list[tuple[int, str]] = []
        self.changed: list[Change] = []
        self._hash = hashlib.sha256()

    @property
    def full(self) -> bool:
        """Tell whether no further new row is kept, so that nobody needs its label."""
        return len(self.new) >= MOST_TOLD

    def add(self, row: int, label: str) -> None:
        """Note a row that is new."""
        self._hash.update(b"+%d" % row)
        if not self.full:
            self.new.append((row, label))

    def change(self, change: Change) -> None:
        """Note a row that changes what is stored."""
        self._hash.update(repr(change).encode())
        if len(self.changed) < MOST_TOLD:
            self.changed.append(change)

    @property
    def digest(self) -> str:
        """Return what differs as soon as another row is new, or another value changes."""
        return self._hash.hexdigest()


class Row(NamedTuple):
    """One read row: checked values by column key, an empty cell is None; and what it was read from."""

    number: int
    values: dict[str, Any]
    cells: Sequence[object]
    places: Mapping[str, int]

    def text(self, key: str) -> str:
        """Return what stands in the sheet under the column of that key, empty for nothing."""
        at = self.places.get(key, len(self.cells))
        cell = self.cells[at] if at < len(self.cells) else None
        return "" if cell is None else trimmed(shown(cell))

    @property
    def texts(self) -> dict[str, str]:
        """Return what stands in the sheet, by column key."""
        return {key: text for key in self.places if (text := self.text(key))}


@dataclass(slots=True)
class Sheet:
    """A read sheet: `rows` are right cell by cell; `bad` ones stand in `errors` already."""

    columns: Sequence[Column]
    present: frozenset[str]
    rows: list[Row] = field(default_factory=list)
    bad: list[Row] = field(default_factory=list)
    errors: Errors = field(default_factory=Errors)
    ignored: list[str] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)

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
        self.errors.append(RowError(row.number, heading, row.text(key)[:80], reason))

    def add(self, row: Row) -> None:
        """Note that a row is new."""
        self.changes.add(row.number, "" if self.changes.full else self._label(row))

    def change(self, row: Row, old: Mapping[str, object], new: Mapping[str, object]) -> None:
        """Note what a row changes, from the old and the new value by column key."""
        cells = tuple(self._differing(old, new))
        self.changes.change(Change(row.number, self._label(row), cells))

    def _label(self, row: Row) -> str:
        """Return what the first two columns say."""
        first = (row.text(column.key) for column in self.columns[:2])
        return " ".join(filter(None, first))[:120]

    def _differing(
        self, old: Mapping[str, object], new: Mapping[str, object]
    ) -> Iterator[tuple[str, str, str]]:
        for column in self.columns:
            key = column.key
            if key in new and old.get(key) != new[key]:
                yield column.heading, _text(old.get(key)), _text(new[key])


@dataclass(slots=True)
class Outcome:
    """What an import did, or would have done; with errors it did nothing.

    `bad` holds the cells, by heading, of rows with errors. `mended` are rows that were wrong, and were put right because the caller asked for it.
    """

    kind: str
    rows: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    mended: list[RowError] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)
    bad: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """Return how many errors there are, those not kept included."""
        return self.errors.total if isinstance(self.errors, Errors) else len(self.errors)

    @property
    def digest(self) -> str:
        """Return what tells this outcome from that of another file or another state."""
        counts = f"{self.rows} {self.created} {self.updated} {self.unchanged} {self.wrong}"
        return hashlib.sha256(f"{counts} {self.changes.digest}".encode()).hexdigest()

    def json(self) -> dict[str, object]:
        """Return the answer of `govgrid import --json`."""
        more = {"errors_total": self.wrong} if self.wrong > len(self.errors) else {}
        return {
            "kind": self.kind,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": [error.json() for error in sorted(self.errors, key=lambda e: e.row)],
            "ignored": self.ignored,
            **more,
            **({"mended": [row.json() for row in self.mended]} if self.mended else {}),
        }


def refused(kind: str, sheet: Sheet) -> Outcome:
    """Return the outcome of a sheet with errors: nothing done, all errors in row order."""
    errors = Errors(sorted(sheet.errors, key=lambda error: error.row), sheet.errors.total)
    numbers = {error.row for error in errors}
    headings = {column.key: column.heading for column in sheet.columns}
    bad = {
        row.number: {headings[key]: text for key, text in row.texts.items()}
        for row in (*sheet.rows, *sheet.bad)
        if row.number in numbers
    }
    return Outcome(kind, sheet.count, errors=errors, ignored=sheet.ignored, bad=bad)


def _text(value: object) -> str:
    cell = written(value)
    return "" if cell is None else shown(cell)[:400]

"""Excel and CSV in, with headings mapped and every wrong cell listed, and out."""

from govgrid.sheets.cells import (
    Reader,
    code,
    day,
    decimal,
    listed,
    moment,
    month,
    number,
    text,
    whole,
    word,
    yes_no,
)
from govgrid.sheets.kind import EVERYWHERE, Kind, Paths, sheet_kind, write_beside
from govgrid.sheets.outcome import Column, Note, Outcome, Row, RowError, Sheet, refused
from govgrid.sheets.reading import read_sheet
from govgrid.sheets.writing import Values, write_csv, write_features, write_sheet, write_template

STRETCH = 2000  # rows that an export holds in memory at a time

__all__ = [
    "EVERYWHERE",
    "STRETCH",
    "Column",
    "Kind",
    "Note",
    "Outcome",
    "Paths",
    "Reader",
    "Row",
    "RowError",
    "Sheet",
    "Values",
    "code",
    "day",
    "decimal",
    "listed",
    "moment",
    "month",
    "number",
    "read_sheet",
    "refused",
    "sheet_kind",
    "text",
    "whole",
    "word",
    "write_beside",
    "write_csv",
    "write_features",
    "write_sheet",
    "write_template",
    "yes_no",
]

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
from govgrid.sheets.outcome import Column, Outcome, Row, RowError, Sheet, refused
from govgrid.sheets.reading import read_sheet
from govgrid.sheets.writing import write_sheet, write_template

__all__ = [
    "Column",
    "Outcome",
    "Reader",
    "Row",
    "RowError",
    "Sheet",
    "code",
    "day",
    "decimal",
    "listed",
    "moment",
    "month",
    "number",
    "read_sheet",
    "refused",
    "text",
    "whole",
    "word",
    "write_sheet",
    "write_template",
    "yes_no",
]

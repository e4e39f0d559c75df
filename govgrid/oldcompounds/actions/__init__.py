"""Verbs of coverage: record, correct, remove, undo, keep an agreement's scan."""

from govgrid.oldcompounds.actions.recording import (
    correct_coverage,
    record_coverage,
    remove_coverage,
    undo_act,
)
from govgrid.oldcompounds.actions.scans import keep_scan
from govgrid.oldcompounds.actions.store import open_act

__all__ = [
    "correct_coverage",
    "keep_scan",
    "open_act",
    "record_coverage",
    "remove_coverage",
    "undo_act",
]

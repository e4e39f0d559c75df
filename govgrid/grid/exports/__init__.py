"""Exports of the grid, one module a kind: the same columns as the import, a few rows at a time."""

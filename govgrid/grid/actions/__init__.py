"""Verbs of the grid, one module a noun."""

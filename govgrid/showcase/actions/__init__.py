"""Verbs of the showcase, one module a noun."""

"""Verbs on meetings: refuse first, change, journal, queue letters."""

"""Verbs on cases: refuse first, change, journal, queue letters."""

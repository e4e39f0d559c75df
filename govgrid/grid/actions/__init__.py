"""Verbs of the grid."""

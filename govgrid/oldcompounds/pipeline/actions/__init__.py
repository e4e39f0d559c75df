"""Verbs of the pipeline, one module a noun."""

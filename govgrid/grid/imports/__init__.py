"""Imports of areas, boundaries, compounds and officers: all rows of a file or none."""

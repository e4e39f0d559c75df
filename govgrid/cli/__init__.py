"""The commands, a file for each family; `govgrid.__main__` gathers them by name."""

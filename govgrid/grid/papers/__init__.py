"""Papers of the grid: notice boards."""

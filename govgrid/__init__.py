"""Joint meetings, grids and old-compound coverage for grassroots offices."""

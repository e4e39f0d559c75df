"""Areas, compounds, organizations, officers, posts, boundaries, directory."""

from govgrid.grid import keeping  # noqa: F401  # listens to every write of a name

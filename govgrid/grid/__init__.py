"""Areas, compounds, organizations, officers, posts, boundaries, directory."""

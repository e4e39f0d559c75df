"""Pages of the dual-showcase, one module a noun."""

from govgrid.showcase.pages.showcase import panel, routes

__all__ = ["panel", "routes"]

"""The pages about people: an officer, handing over, vacancies and double holders."""

from starlette.routing import Route

from govgrid.grid.actions.posts import Followers
from govgrid.grid.imports.busy import Ours
from govgrid.grid.pages import gaps, handover, officer


def make_routes(followers: Followers, ours: Ours) -> list[Route]:
    """Return the routes, with what a higher floor knows of posts and of calendar events."""
    return [*officer.make_routes(ours), *handover.make_routes(followers), *gaps.routes]

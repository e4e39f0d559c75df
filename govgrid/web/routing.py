"""Routes found by the first part of their path, not by trying all of them in turn."""

from collections import defaultdict
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Router
from starlette.types import Lifespan, Receive, Scope, Send


class Heads(Router):
    """A router with one router for each first part of a path."""

    def __init__(self, routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette]) -> None:
        """Raise `ValueError` for a route whose path starts with a parameter."""
        super().__init__(routes, lifespan=lifespan)
        found: defaultdict[str, list[BaseRoute]] = defaultdict(list)
        for route in routes:
            head = _head(getattr(route, "path", ""))
            if "{" in head:
                raise ValueError(f"{route}: the first part of a path is fixed")
            found[head].append(route)
        self._heads = {head: Router(some) for head, some in found.items()}
        self._none = Router()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the routes that share the request's first part."""
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        scope["router"] = self
        router = self._heads.get(_head(scope["path"]), self._none)
        await router.app(scope, receive, send)


def _head(path: str) -> str:
    return path.removeprefix("/").partition("/")[0]

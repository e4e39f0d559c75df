"""The interface under many made-up requests: `python -m benchmarks schemathesis --examples 500`.

Each operation is asked with so many right and so many wrong requests, new ones every time; the run
ends at the first 5xx, undocumented status, or answer that is not as the document says.
"""

import argparse
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.engines import ENGINES, opened
from govgrid.access import ActingPost, Actor, Role
from govgrid.accounts.actions.tokens import make_token
from govgrid.accounts.rules import Scope
from govgrid.app import create_app
from tests import build
from tests.api.asking import ask_all
from tests.web.accounts import account


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks schemathesis", description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    given = parser.parse_args()
    began = time.perf_counter()
    with opened(given.engine) as database:
        at = datetime.now(UTC)
        with database.writing() as db:
            city = build.small_city(db)
            maker = account(db, city.housing, at - timedelta(days=1))
            post = ActingPost(Role.HOUSING_OFFICER, city.district.id, city.district.path, "")
            actor = Actor(maker.id, city.housing.id, "接口管理", (post,))
            _made, text = make_token(db, actor, city.district, "压测", list(Scope), 30, at=at)
        app = Counting(create_app(replace(database.settings, api_minutely=999_999), work=False))
        bearer = {"Authorization": f"Bearer {text}"}
        asked = ask_all(app, bearer, given.examples, fresh=True)
    took = time.perf_counter() - began
    by_status = ", ".join(f"{status}: {n}" for status, n in sorted(app.statuses.items()))
    print(f"{given.engine}: {asked} requests as documented in {took:.0f} s ({by_status})")


class Counting:
    """Passes requests on and counts the statuses of the answers."""

    def __init__(self, app: Any) -> None:
        self._app, self.statuses = app, Counter[int]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.statuses[message["status"]] += 1
            await send(message)

        await self._app(scope, receive, counted)


if __name__ == "__main__":
    main()

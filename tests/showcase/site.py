"""A street of projects that publish: what the tests of drafts, versions and late ones begin with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session, joinedload
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.grid.models import Compound
from govgrid.showcase.actions.versions import publish, save_draft
from govgrid.showcase.models import ShowcaseVersion
from govgrid.showcase.queries.versions import draft_of
from govgrid.showcase.rules import Flow, Line, Panel, PanelText
from govgrid.web import csrf
from tests import build
from tests.build import City
from tests.cases.site import OneVisitor
from tests.client import Client
from tests.conftest import SECRET

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


def yuan(text: str) -> Decimal:
    return Decimal(text)


def panels(*, energy: str = "300.25", closing: str | None = None) -> list[PanelText]:
    """Return both panels; the sums add up unless `closing` says otherwise."""
    left = yuan("1000.00") + yuan("1200.50") - yuan(energy)
    return [
        PanelText(
            "晒服务",
            Panel.SERVICE,
            (
                Line("清洁保洁", "每日清扫", "已清扫", met=True),
                Line("绿化养护", "修剪一次", "未完成", met=False),
            ),
        ),
        PanelText(
            "晒收支",
            Panel.ACCOUNTS,
            (
                Line("物业费收入", amount=yuan("1200.50"), flow=Flow.INCOME),
                Line("公共能耗", amount=yuan(energy), flow=Flow.SPENDING),
            ),
            opening=yuan("1000.00"),
            closing=yuan(closing) if closing else left,
        ),
    ]


def home(db: Session, city: City) -> Compound:
    """Return 锦和苑 with its community."""
    return db.get_one(Compound, city.compound.id, options=[joinedload(Compound.community)])


def manager(db: Session, city: City) -> Actor:
    return build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound)


def published(
    database: Database,
    city: City,
    at: datetime,
    said: list[PanelText] | None = None,
    note: str = "",
) -> int:
    """Let the project manager publish October; return the version's number."""
    with database.writing() as db:
        actor, compound = manager(db, city), home(db, city)
        known = draft_of(db, compound.id, OCTOBER)
        draft: ShowcaseVersion = save_draft(
            db, actor, compound, OCTOBER, said or panels(), note, known.version if known else 0,
            at=at,
        )  # fmt: skip
        publish(db, actor, compound, draft, at=at)
        return draft.number


def photo(size: tuple[int, int] = (64, 48), kind: str = "JPEG", **how: Any) -> bytes:
    """Return a picture, red on the left and blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    stream = BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


class Desk:
    """One person's browser on a site of these routes; posts carry the token of its forms."""

    def __init__(
        self, database: Database, at: datetime, visitor: Actor | None, routes: Sequence[BaseRoute]
    ) -> None:
        app = Starlette(routes=list(routes))
        app.state.house = OneVisitor(database.settings, database, at, visitor)
        self.app = app
        self.client = Client(app, cookies={"browser": "b"}, follow_redirects=False)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(
        self, path: str, status: int = 303, form: Mapping[str, str] | None = None,
        files: Any = None, **more: str,
    ) -> str:  # fmt: skip
        """Post a form; return where it leads, or what the refusal says."""
        token = csrf.token(SECRET, "b", "")
        data = {"csrf": token, **(form or {}), **more}
        answer = self.client.post(path, data=data, files=files)
        assert answer.status_code == status, answer.text
        return str(answer.headers.get("location", answer.text))

"""Every route × every role × own, neighbouring and parent area, made from the route table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio
import httpx2
import pytest
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from govgrid.access import Office, Power, Role
from govgrid.accounts.queries import MARK, token_hash
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.grid.models import Officer
from govgrid.settings import Settings
from govgrid.web import csrf
from govgrid.web.house import Rule, anyone, rule_of
from tests import build
from tests.conftest import NOW, SECRET
from tests.web import accounts, tree, world
from tests.web.routes import TAKES_AREA, filled, table, thing_behind
from tests.web.world import Place, Values

# Posts that whoever is signed in may send, since they are about the person alone.
OWN_POSTS = {
    "/sign-in", "/sign-in/code", "/sign-out", "/password", "/language", "/me/calendar", "/me/calendars",
    "/me/calendars/{link:int}/renew", "/me/calendars/{link:int}/revoke",
    "/me/sign-ins/{mark}/end", "/me/sign-ins/end-others", "/me/factor", "/me/factor/codes",
    "/me/factor/off",
}  # fmt: skip
# Posts whose right depends on the officer: whose phone, calendar or post it is.
POSTS_BY_OFFICER = {
    "/officers/{code}/phone",
    "/officers/{code}/absences",
    "/officers/{code}/absences/{absence:int}/end",
    "/officers/{code}/absences/{absence:int}/delete",
    "/officers/{code}/busy",
    "/officers/{code}/feeds",
    "/officers/{code}/feeds/{feed:int}/delete",
    "/posts/{post:int}/substitutes",
    "/posts/{post:int}/substitutes/{substitute:int}/delete",
}
# Posts whose right depends on the thing: a private link, an action item of one's own.
POSTS_BY_THING = {
    "/r/{token}",
    "/r/{token}/sign-in",
    "/r/{token}/proposals",
    "/r/{token}/actions/{item:int}/report",
    "/entrance/{meeting:int}/{code}",
    "/welcome/{token}",
    "/actions/{item:int}/report",
    "/meetings/{meeting:int}/minutes/approve",
    "/meetings/{meeting:int}/minutes/send-back",
    "/cases/{number}/steps",
    "/q/{district}",
    "/cases/{number}/phone",
    "/cases/{number}/experts",
    "/cases/{number}/advice",
    "/api/v1/cases",
    "/compounds/{code}/showcase/{period}/entry",
    "/compounds/{code}/showcase/{period}/entry/drop",
    "/compounds/{code}/showcase/{period}/entry/photos",
    "/compounds/{code}/showcase/{period}/entry/photos/{photo:int}/remove",
    "/compounds/{code}/showcase/{period}/print",
    *POSTS_BY_OFFICER,
}

ALL_POWERS = {power.value for power in Power}
MAY: dict[Role, set[str]] = {
    Role.SECRETARY: {
        "see",
        "plan",
        "convene",
        "sign",
        "print",
        "cover",
        "receive",
        "handle",
        "publish",
    },
    Role.LIAISON: ALL_POWERS - {"connect"},
    Role.HOUSING_OFFICER: {"see", "plan", "print", "audit", "supervise", "connect"},
    Role.GRID_LEADER: {"see", "receive", "handle"},
    Role.MICRO_GRID_MEMBER: {"see"},
    Role.POLICE: {"see"},
    Role.PROJECT_MANAGER: set(),
    Role.STEWARD: set(),
    Role.OWNERS_COMMITTEE: set(),
    Role.HEAD_OFFICE: set(),
}
OFFICE_MAY: dict[Office | None, set[str]] = {
    Office.SYSTEM: {"keep", "connect"},
    Office.AUDIT: {"audit"},
}
SHOWS = {Role.SECRETARY, Role.LIAISON, Role.PROJECT_MANAGER}
AT_COMPOUND = {Role.PROJECT_MANAGER, Role.STEWARD, Role.OWNERS_COMMITTEE, Role.HEAD_OFFICE}
COMPANY = {Role.PROJECT_MANAGER, Role.HEAD_OFFICE}
HANDLES = {Role.SECRETARY, Role.LIAISON, Role.GRID_LEADER, *COMPANY}
BY_GRID = {Role.GRID_LEADER, Role.MICRO_GRID_MEMBER}
EVERYWHERE = {  # what an administrator reaches in every area
    (Office.SYSTEM, "kept_area"),
    (Office.SYSTEM, "area_change"),
    (Office.SYSTEM, "token"),
    (Office.AUDIT, "line"),
}
ANYWHERE = {  # the rule of the route alone decides
    "none", "link", "entrance", "feed", "check", "invitation", "account", "session", "template", "year", "notice", "district",
    "shown",
}  # fmt: skip
ONCE = {"none", "invitation", "account", "session", "year", "notice"}  # lie in no area

ENTERS, MISSING, FORBIDDEN, SIGNS_IN = "enters", "404", "403", "sign-in"
NO_TOKEN = "401"  # what a sign-in opens of the interface for programs


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks: a role's holder with places, or a stranger without."""

    name: str
    role: Role | None
    token: str
    places: dict[str, Place]
    office: Office | None = None


class Unchanging(Database):
    """Undoes whatever a handler wrote, so that each question meets the same city."""

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with super().writing() as db:
            yield db
            db.rollback()


def homes(role: Role) -> dict[str, tuple[str, str, str | None, str | None]]:
    """Return own, neighbouring and parent place: area, community, grid, micro-grid."""
    first = "1.1.1"
    if role is Role.HOUSING_OFFICER:
        return {
            "own": ("1", first, "1.1.1.1", "1.1.1.1.1"),
            "neighbouring": ("2", "2.1.1", None, None),
            "parent": ("", "3.1.1", None, None),
        }
    if role is Role.LIAISON:
        return {
            "own": ("1.1", first, "1.1.1.1", "1.1.1.1.1"),
            "neighbouring": ("1.2", "1.2.1", None, None),
            "parent": ("1", "1.3.1", None, None),
        }
    if role in BY_GRID:
        own = "1.1.1.1" if role is Role.GRID_LEADER else "1.1.1.1.1"
        beside = "1.1.1.2" if role is Role.GRID_LEADER else "1.1.1.1.2"
        above = own.rpartition(".")[0]
        return {
            "own": (own, first, "1.1.1.1", "1.1.1.1.1"),
            "neighbouring": (beside, first, beside[:7], beside if len(beside) > 7 else None),
            "parent": (above, first, above if len(above) > 5 else None, None),
        }
    if role in AT_COMPOUND:
        return {
            "own": (first, first, "1.1.1.1", "1.1.1.1.1"),
            "neighbouring": (first, first, "1.1.1.1", "1.1.1.1.1"),
            "parent": ("1.1", first, None, None),
        }
    return {
        "own": (first, first, "1.1.1.1", "1.1.1.1.1"),
        "neighbouring": ("1.1.2", "1.1.2", None, None),
        "parent": ("1.1", "1.1.3", None, None),
    }


def settle(db: Session, at: datetime) -> list[Person]:
    """Build the city and return everybody who asks."""
    areas = tree.codes(db)
    founder = world.Founder(db, at)
    people = [
        Person("nobody", None, "", {}),
        Person("no posts", None, signed_in(db, build.officer(db, "无任职"), at), {}),
    ]
    for role in Role:
        officer = build.officer(db, role.word)
        places = {
            where: founder.place(
                areas[area],
                areas[community],
                grid=areas[grid] if grid else None,
                micro=areas[micro] if micro else None,
                invited={role: officer} if role in BY_GRID and where == "own" else {},
            )
            for where, (area, community, grid, micro) in homes(role).items()
        }
        own = places["own"]
        if role is Role.HEAD_OFFICE:  # it stands for a company in the whole district
            company = build.organization(db, "总部物业").id
            officer.organization_id = own.compound.company_id = company
            build.post(db, officer, role, areas["1"])
            people.append(Person(role.value, role, signed_in(db, officer, at), places))
            continue
        build.post(db, officer, role, own.compound if role in AT_COMPOUND else own.area)
        people.append(Person(role.value, role, signed_in(db, officer, at), places))
    for office in Office:
        token = accounts.signed_in(db, accounts.administrator(db, office, at), at)
        people.append(Person(office.value, None, token, {}, office))
    return people


def signed_in(db: Session, officer: Officer, at: datetime) -> str:
    return accounts.signed_in(db, accounts.account(db, officer, at), at)


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and what the answer must be."""

    person: Person
    method: str
    path: str
    address: str
    expected: str
    where: str = ""

    def told(self, found: str) -> str:
        place = f" [{self.where}]" if self.where else ""
        return f"{self.person.name}{place} {self.method} {self.path}: {found}, not {self.expected}"


def admitted(rule: Rule, person: Person) -> str:
    """Return what the declared rule says to this person, whatever lies behind the route."""
    if rule == anyone:
        return ENTERS
    if rule.name == "with_token":
        return NO_TOKEN
    if rule.name == "operator":
        return MISSING
    if not person.token:
        return SIGNS_IN
    if rule.offices:
        return ENTERS if person.office in rule.offices else MISSING
    if rule.power is not None:
        held = MAY[person.role] if person.role else OFFICE_MAY.get(person.office, set())
        return ENTERS if rule.power.value in held else MISSING
    if person.office is not None:
        return ENTERS if rule.name == "with_account" else MISSING
    if rule.name == "with_post":
        return ENTERS if person.role else MISSING
    return ENTERS


def seen(kind: str, role: Role | None, where: str) -> str:
    """Return what lies behind the route for a role, by the offices' own division of work."""
    if kind in ANYWHERE:
        return ENTERS
    if kind in {"batch", "feed_link"}:  # somebody else's
        return MISSING
    if kind == "source":
        return MISSING if where == "neighbouring" else ENTERS
    if kind in {"officer", "kept", "post"}:
        return seen_of_officer(kind, role, where)
    if where != "own" or role is None:
        return MISSING
    if kind in {"area", "boards", "report", "kept_area", "area_change", "community"}:
        return MISSING if role in AT_COMPOUND else ENTERS
    if kind == "case_steps":
        return ENTERS if role in HANDLES else FORBIDDEN
    if kind == "showcase_entry":
        return ENTERS if role in SHOWS else FORBIDDEN
    if kind == "task_report":
        return ENTERS if role in {Role.SECRETARY, Role.LIAISON, Role.GRID_LEADER} else FORBIDDEN
    return ENTERS


def seen_of_officer(kind: str, role: Role | None, where: str) -> str:
    """Return what a role gets of a colleague: the same street's and those above are known."""
    if role is None or (where == "neighbouring" and role in {Role.LIAISON, Role.HOUSING_OFFICER}):
        return MISSING
    keepers = {"officer": set(Role), "kept": {Role.SECRETARY, Role.LIAISON}, "post": {Role.LIAISON}}
    keeps = role in keepers[kind] and (where == "own" or kind == "officer")
    return ENTERS if keeps else FORBIDDEN


def questions(people: list[Person]) -> Iterator[Question]:
    """Yield every request."""
    somewhere = next(p for p in people if p.role is Role.SECRETARY).places
    for route in table():
        kind, rule = thing_behind(route.path), rule_of(route)
        (method,) = (route.methods or set()) - {"HEAD"}
        for person in people:
            places = person.places or {"own": somewhere["own"]}
            alike = kind in ONCE and route.path not in TAKES_AREA
            if alike or admitted(rule, person) != ENTERS:  # whoever is refused here is everywhere
                places = {"own": places["own"]}
            for where, place in places.items():
                yield question(route.path, method, kind, rule, person, where, place)


def question(
    path: str, method: str, kind: str, rule: Rule, person: Person, where: str, place: Place
) -> Question:
    mine: Values = {"mark": token_hash(person.token)[:MARK]}
    values = mine if kind == "session" else place.things[kind]
    address = filled(path, values)
    behind = seen(kind, person.role, where)
    if person.office is not None and (person.office, kind) in EVERYWHERE:
        behind = ENTERS
    if path in TAKES_AREA:
        address += f"?area={place.area.code}"
        behind = seen("area", person.role, where)
    if path == "/cases/{number}/phone" and method == "POST" and person.role not in HANDLES:
        behind = MISSING
    first = admitted(rule, person)
    return Question(person, method, path, address, behind if first == ENTERS else first, where)


async def ask(client: httpx2.AsyncClient, one: Question) -> str:
    """Return how the application answers, in the words of the table."""
    token = csrf.token(SECRET, "browser-1", one.person.token)
    cookies = f"browser=browser-1; session={one.person.token}"
    headers = {"cookie": cookies, "x-csrf-token": token}
    answer = await client.request(one.method, one.address, headers=headers)
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?"):
        return SIGNS_IN
    assert answer.status_code != 500, f"{one.method} {one.address}: {answer.status_code}"
    return {404: MISSING, 403: FORBIDDEN, 401: NO_TOKEN}.get(answer.status_code, ENTERS)


async def faults(app: object, asked: list[Question]) -> list[str]:
    transport = httpx2.ASGITransport(app)  # type: ignore[arg-type]  # an ASGI application
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        found = [(one, await ask(client, one)) for one in asked]
    return [one.told(answer) for one, answer in found if answer != one.expected]


@dataclass(frozen=True, slots=True)
class Standing:
    """The city behind the real application, and everything that will be asked of it."""

    app: object
    asked: list[Question]


@pytest.fixture(scope="module")
def standing(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Build the city once for all who ask: nothing they do stays."""
    folder = tmp_path_factory.mktemp("matrix")
    (folder / "govgrid.db").write_bytes(sqlite_template.read_bytes())
    settings = Settings(
        database_url=f"sqlite:///{folder / 'govgrid.db'}", secret=SECRET,
        public_url="http://testserver", archive=folder / "archive",
        oidc_issuer="http://127.0.0.1:9",  # nobody answers there
    )  # fmt: skip
    database = Unchanging(settings)
    with Database.writing(database) as db:
        asked = list(questions(settle(db, NOW)))
    app = create_app(settings, work=False)
    state = app._app.state  # type: ignore[attr-defined]  # inside the guard
    state.house.database.close()
    state.house.database, state.house.now = database, lambda: NOW
    yield Standing(app, asked)
    database.close()
    state.press.close()


@pytest.mark.security
@pytest.mark.parametrize(
    "name",
    ["nobody", "no posts", *(role.value for role in Role), *(office.value for office in Office)],
)
def test_every_route_for_everybody(standing: Standing, name: str) -> None:
    asked = [one for one in standing.asked if one.person.name == name]
    assert {one.path for one in asked} == {route.path for route in table()}
    wrong = anyio.run(faults, standing.app, asked)
    assert not wrong, "\n".join(wrong)


def test_a_route_without_a_rule_stops_the_start() -> None:
    with pytest.raises(TypeError, match="/open"):
        rule_of(Route("/open", lambda _request: PlainTextResponse("")))
    with pytest.raises(TypeError, match="/files"):
        rule_of(Mount("/files", Starlette()))


def test_whatever_changes_something_asks_for_a_power_or_an_office() -> None:
    free = {
        route.path
        for route in table()
        if (route.methods or set()) - csrf.SAFE
        and (rule := rule_of(route)).power is None
        and not rule.offices
    }
    assert free == OWN_POSTS | POSTS_BY_THING

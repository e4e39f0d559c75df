"""Who acts and over which areas: roles, powers, and the questions asked of an actor."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    false,
    func,
    literal_column,
    or_,
)
from sqlalchemy.orm import InstrumentedAttribute

from govgrid.words import N_, Word


class Role(Word):
    """What a post makes of a person."""

    SECRETARY = "community_secretary", N_("社区书记")
    GRID_LEADER = "grid_leader", N_("网格长")
    MICRO_GRID_MEMBER = "micro_grid_member", N_("微网格员")
    POLICE = "community_police", N_("社区民警")
    PROJECT_MANAGER = "project_manager", N_("项目经理")
    STEWARD = "building_steward", N_("楼栋管家")
    OWNERS_COMMITTEE = "owners_committee_member", N_("业委会成员")
    LIAISON = "street_liaison", N_("街道联络员")
    HOUSING_OFFICER = "housing_officer", N_("住建干部")
    HEAD_OFFICE = "head_office", N_("公司总部")


class Office(Word):
    """The three administrators; none does the others' work, none sees what offices record."""

    SYSTEM = "system", N_("系统管理员")
    SECURITY = "security", N_("安全管理员")
    AUDIT = "audit", N_("审计员")


class Power(StrEnum):
    """What a role may do inside the area of its post."""

    SEE = "see"
    CONVENE = "convene"  # plan, invite, hold, write minutes
    PLAN = "plan"  # set when the month's meetings are; nobody is invited by that
    SIGN = "sign"
    REVIEW = "review"  # approve minutes in the street's place
    PRINT = "print"
    COVER = "cover"  # record who manages an old compound
    KEEP = "keep"  # areas, boundaries, compounds, officers, posts: by hand and by sheet
    AUDIT = "audit"  # read in the journal what officers of the area did
    SUPERVISE = "supervise"  # say what follows for companies that do not perform
    HANDLE = "handle"  # note what became of residents' cases, rate and reopen them
    LOAD = "load"  # sheets of what residents and companies do: cases, showcases, coverage
    RECEIVE = "receive"  # take in a complaint by hand
    PUBLISH = "publish"  # a compound's showcase for its project; ask projects that are late
    CONNECT = "connect"  # let other programs in: tokens of the interface


_Path = ColumnElement[Any] | InstrumentedAttribute[Any]
EVERYWHERE = "/"
POWERS: dict[Role, frozenset[Power]] = {
    Role.SECRETARY: frozenset(
        {
            Power.SEE,
            Power.PLAN,
            Power.CONVENE,
            Power.SIGN,
            Power.PRINT,
            Power.COVER,
            Power.RECEIVE,
            Power.HANDLE,
            Power.PUBLISH,
        }
    ),
    Role.LIAISON: frozenset(Power) - {Power.CONNECT},
    Role.HOUSING_OFFICER: frozenset(
        {Power.SEE, Power.PLAN, Power.PRINT, Power.AUDIT, Power.SUPERVISE, Power.CONNECT}
    ),
    Role.GRID_LEADER: frozenset({Power.SEE, Power.RECEIVE, Power.HANDLE}),
    Role.MICRO_GRID_MEMBER: frozenset({Power.SEE}),
    Role.POLICE: frozenset({Power.SEE}),
    Role.PROJECT_MANAGER: frozenset({Power.SEE}),
    Role.STEWARD: frozenset({Power.SEE}),
    Role.OWNERS_COMMITTEE: frozenset({Power.SEE}),
    Role.HEAD_OFFICE: frozenset(),  # what it sees are its company's compounds, each a post of its own
}


@dataclass(frozen=True, slots=True)
class ActingPost:
    """A post held today: over an area (its path) or at one compound (path of its community).

    `managed` are the paths of areas that the post's area manages although their codes lie elsewhere.
    """

    role: Role
    area_id: int
    area_path: str
    area_name: str
    compound_id: int | None = None
    managed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, with the posts held today.

    An administrator has an `office` instead, no posts, and 0 for an officer.
    """

    account_id: int
    officer_id: int
    name: str
    posts: tuple[ActingPost, ...]
    office: Office | None = None

    def paths(self, power: Power = Power.SEE) -> tuple[str, ...]:
        """Return the area paths over which the actor has the power, without nested ones."""
        if self.office is Office.SYSTEM and power in {Power.KEEP, Power.CONNECT}:
            return (EVERYWHERE,)
        if self.office is Office.AUDIT and power is Power.AUDIT:
            return (EVERYWHERE,)
        held = sorted(
            path
            for post in self.posts
            if post.compound_id is None and power in POWERS[post.role]
            for path in (post.area_path, *post.managed)
        )
        return tuple(p for i, p in enumerate(held) if not any(p.startswith(q) for q in held[:i]))

    def compounds(self) -> tuple[int, ...]:
        """Return the compounds at which the actor holds a post."""
        return tuple(sorted({p.compound_id for p in self.posts if p.compound_id is not None}))

    def may(self, power: Power, area_path: str) -> bool:
        """Tell whether the actor has the power over the area at that path."""
        return any(area_path.startswith(path) for path in self.paths(power))

    def has(self, power: Power) -> bool:
        """Tell whether the actor has the power anywhere."""
        return bool(self.paths(power))


def path_end(path: str) -> str:
    """Return the first text after every path below `path`: a subtree is [path, end)."""
    return path[:-1] + chr(ord("/") + 1)


def path_end_of(path: _Path) -> ColumnElement[str]:
    """Return `path_end` of a path in the database."""
    # Constants are written in: each value handed over costs.
    one, zero = literal_column("1", Integer), literal_column("'0'", String)
    return func.substr(path, one, func.length(path) - one, type_=String) + zero


def lies_in(path: _Path, top: _Path) -> ColumnElement[bool]:
    """Return the condition that one path of the database lies in the subtree of another."""
    return func.substr(path, literal_column("1", Integer), func.length(top)) == top


def under(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], paths: Iterable[str]
) -> ColumnElement[bool]:
    """Return the condition that an area's path lies in one of the subtrees."""
    return or_(false(), *(and_(column >= p, column < path_end(p)) for p in paths))

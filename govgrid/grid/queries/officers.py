"""Who holds which post on a day, and who is due at a unit's meeting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from govgrid import cipher
from govgrid.access import Role, path_end
from govgrid.grid.models import (
    Area,
    Compound,
    CompoundMicroGrid,
    Level,
    Officer,
    Post,
)
from govgrid.grid.queries.realm import held_by
from govgrid.grid.rules import SEATS

MANY_MEMBERS = 12  # more micro-grid members than this are not called to a community's meeting

# Order in lists, and which role counts for a person who holds several.
ORDER = (
    Role.SECRETARY,
    Role.GRID_LEADER,
    Role.POLICE,
    Role.PROJECT_MANAGER,
    Role.MICRO_GRID_MEMBER,
    Role.LIAISON,
    Role.OWNERS_COMMITTEE,
    Role.STEWARD,
    Role.HOUSING_OFFICER,
    Role.HEAD_OFFICE,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in a post; the organization is loaded. `path` is that of the place's area."""

    officer: Officer
    role: Role
    place_name: str
    path: str
    post: Post


@dataclass(frozen=True, slots=True)
class Seat:
    """The post that an area has by its level, with who holds it; nobody: a vacancy."""

    area: Area
    role: Role
    holders: tuple[Holder, ...]


def on_duty(on: date, post: type[Post] = Post) -> ColumnElement[bool]:
    """Return the condition that a post is held on that day."""
    return and_(
        or_(post.since.is_(None), post.since <= on), or_(post.until.is_(None), post.until >= on)
    )


def phone_tail(db: Session, digits: str) -> ColumnElement[bool]:
    """Return the condition that an officer's phone ends in these four digits."""
    return Officer.phone_tail.in_(cipher.tails(db, digits))


def below(path: str) -> ColumnElement[bool]:
    """Return the condition that an area lies in the subtree at that path, its root included."""
    return and_(Area.path >= path, Area.path < path_end(path))


def holders(
    db: Session,
    role: Role,
    *,
    area_id: int | None = None,
    compound_id: int | None = None,
    on: date,
) -> list[Holder]:
    """Return who holds that role over the area or at the compound."""
    place = Post.area_id == area_id if area_id is not None else Post.compound_id == compound_id
    return find_holders(db, and_(Post.role == role, place), on)


def head_office(db: Session, compound: Compound, on: date) -> list[Holder]:
    """Return who sits in the head office of a compound's company (its community is loaded)."""
    if compound.company_id is None:
        return []
    above = compound.community.path.strip("/").split("/")
    company = Officer.organization_id == compound.company_id
    return find_holders(db, and_(Post.role == Role.HEAD_OFFICE, company, Area.code.in_(above)), on)


def holders_at(db: Session, area_ids: Iterable[int], on: date) -> list[Holder]:
    """Return everybody with a post over exactly these areas."""
    return find_holders(db, Post.area_id.in_(list(area_ids)), on)


def officers_for_unit(
    db: Session, community_id: int, compound_id: int | None, on: date
) -> list[Holder]:
    """Return everybody due at the joint meeting of a compound or of a whole community.

    Each person once, the secretary first; of several roles the first of `ORDER` counts.
    """
    people: dict[int, Holder] = {}
    for holder in posts_for_unit(db, community_id, compound_id, on):
        people.setdefault(holder.officer.id, holder)
    return list(people.values())


def posts_for_unit(
    db: Session, community_id: int, compound_id: int | None, on: date
) -> list[Holder]:
    """Return every post whose holder is due at the unit's joint meeting.

    A compound whose grid is not known is served by all grid leaders of its community.
    """
    grids, members = _serving(db, community_id, compound_id)
    street = select(Area.parent_id).where(Area.id == community_id).scalar_subquery()
    due: list[ColumnElement[bool]] = [
        and_(Post.area_id == community_id, Post.role.in_([Role.SECRETARY, Role.POLICE])),
        and_(Post.area_id.in_(grids), Post.role == Role.GRID_LEADER),
        and_(Post.area_id.in_(members), Post.role == Role.MICRO_GRID_MEMBER),
        and_(Post.area_id == street, Post.role == Role.LIAISON),
    ]
    if compound_id is not None:
        due.append(and_(Post.compound_id == compound_id, Post.role == Role.PROJECT_MANAGER))
    found = find_holders(db, or_(*due), on)
    if compound_id is None:
        called = [h for h in found if h.role is Role.MICRO_GRID_MEMBER]
        if len(called) > MANY_MEMBERS:
            found = [h for h in found if h.role is not Role.MICRO_GRID_MEMBER]
    return found


def seats(
    db: Session,
    area: Area,
    on: date,
    *,
    level: Level | None = None,
    vacant_only: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Seat], int]:
    """Return one stretch of the seats below an area (itself included) and how many there are."""
    wanted = select(Area).where(held_by(area), Area.level.in_(SEATS), Area.closed_on.is_(None))
    if level is not None:
        wanted = wanted.where(Area.level == level)
    if vacant_only:
        wanted = wanted.where(vacant(on))
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = wanted.order_by(func.length(Area.path), Area.path).offset(offset).limit(limit)
    areas = db.scalars(rows).all()
    by_area: dict[int, list[Holder]] = {}
    for holder in holders_at(db, [a.id for a in areas], on):
        if holder.post.area_id is not None:
            by_area.setdefault(holder.post.area_id, []).append(holder)
    return [seat_of(a, by_area.get(a.id, [])) for a in areas], total


def vacant(on: date) -> ColumnElement[bool]:
    """Return the condition that an area's seat is held by nobody on that day."""
    role = case({level.value: role.value for level, role in SEATS.items()}, value=Area.level)
    held = exists().where(Post.area_id == Area.id, Post.role == role, on_duty(on))
    return and_(Area.level.in_(SEATS), Area.closed_on.is_(None), ~held)


def find_holders(db: Session, where: ColumnElement[bool], on: date) -> list[Holder]:
    """Return who holds the posts of that condition on that day, in the order of `ORDER`."""
    community = aliased(Area)
    rows = db.execute(
        _posts(community)
        .where(where, on_duty(on))
        .order_by(
            case({role.value: n for n, role in enumerate(ORDER)}, value=Post.role),
            Area.path,
            Compound.code,
            Officer.code,
        )
    )
    return [
        Holder(post.officer, post.role, area_name or compound_name, area_path or path, post)
        for post, area_name, area_path, compound_name, path in rows
    ]


def _posts(community: type[Area]) -> Select[Post, str, str, str, str]:
    return (
        select(Post, Area.name, Area.path, Compound.name, community.path)
        .join(Officer, Officer.id == Post.officer_id)
        .outerjoin(Area, Area.id == Post.area_id)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .outerjoin(community, community.id == Compound.community_id)
        .options(joinedload(Post.officer).joinedload(Officer.organization))
    )


def seat_of(area: Area, found: Sequence[Holder]) -> Seat:
    """Return the area's seat with those of its people who hold it."""
    role = SEATS[area.level]
    return Seat(area, role, tuple(holder for holder in found if holder.role is role))


def _serving(
    db: Session, community_id: int, compound_id: int | None
) -> tuple[list[int], list[int]]:
    """Return the ids of the grids and micro-grids that serve a unit."""
    if compound_id is not None:
        grid = db.scalar(select(Compound.grid_id).where(Compound.id == compound_id))
        served = db.execute(
            select(Area.id, Area.parent_id)
            .join(CompoundMicroGrid, CompoundMicroGrid.micro_grid_id == Area.id)
            .where(CompoundMicroGrid.compound_id == compound_id)
        ).all()
        micro_grids = [row.id for row in served]
        grids = {grid} if grid else {row.parent_id for row in served if row.parent_id}
        if grids:
            return sorted(grids), micro_grids
    in_community = select(Area.id).where(
        Area.parent_id == community_id,
        Area.level.in_([Level.GRID, Level.DEDICATED_GRID]),
        Area.closed_on.is_(None),
    )
    all_grids = list(db.scalars(in_community))
    if compound_id is not None:
        return all_grids, []
    below_grids = select(Area.id).where(
        Area.parent_id.in_(all_grids) if all_grids else false(),
        Area.level == Level.MICRO_GRID,
        Area.closed_on.is_(None),
    )
    return all_grids, list(db.scalars(below_grids))

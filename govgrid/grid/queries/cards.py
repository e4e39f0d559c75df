"""What the directory shows of its hits: posts, phones where allowed, the chain of responsibility."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from govgrid.access import Actor, Power
from govgrid.grid.models import Area, Compound, Officer, Post
from govgrid.grid.queries.compounds import compounds_seen
from govgrid.grid.queries.directory import Sight
from govgrid.grid.queries.officers import Holder, find_holders
from govgrid.grid.queries.responsible import Chains, Step, responsible


@dataclass(frozen=True, slots=True)
class Person:
    """A person with the posts in sight; the chain is that of the first post's place.

    `inside`: the person serves in the actor's own area, where phones are shown.
    """

    officer: Officer
    posts: tuple[Holder, ...]
    chain: tuple[Step, ...]
    inside: bool


@dataclass(frozen=True, slots=True)
class Home:
    """A compound and who answers for it."""

    compound: Compound
    chain: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An area, the names of those above it as far as seen, and who answers for it."""

    area: Area
    above: tuple[str, ...]
    chain: tuple[Step, ...]


def people(db: Session, actor: Actor, sight: Sight, ids: Sequence[int], on: date) -> list[Person]:
    """Return the officers in the order of their ids; who holds no post in sight is left out."""
    held: dict[int, list[Holder]] = {number: [] for number in ids}
    found = find_holders(db, Post.officer_id.in_(ids), on) if ids else []
    homes = _compounds(db, actor, {h.post.compound_id for h in found if h.post.compound_id})
    for holder in found:
        if _seen(actor, sight, holder, homes):
            held[holder.officer.id].append(holder)
    areas = _areas(db, {h.post.area_id for hs in held.values() for h in hs[:1] if h.post.area_id})
    chains = responsible(db, list(areas.values()), list(homes.values()), on)
    return [
        Person(hs[0].officer, tuple(hs), tuple(_chain_of(chains, hs[0])), _inside(actor, hs))
        for hs in held.values()
        if hs
    ]


def homes(db: Session, actor: Actor, ids: Sequence[int], on: date) -> list[Home]:
    """Return the compounds in the order of their ids."""
    found = _compounds(db, actor, set(ids))
    chains = responsible(db, [], list(found.values()), on).of_compound
    return [Home(found[n], tuple(chains[n])) for n in ids if n in found]


def places(db: Session, actor: Actor, ids: Sequence[int], on: date) -> list[Place]:
    """Return the areas in the order of their ids."""
    found = _areas(db, set(ids))
    codes = {code for area in found.values() for code in area.path.strip("/").split("/")}
    above = list(db.scalars(select(Area).where(Area.code.in_(codes)).order_by(Area.path)))
    chains = responsible(db, list(found.values()), [], on).of_area
    return [
        Place(found[n], _names(actor, above, found[n]), tuple(chains[n])) for n in ids if n in found
    ]


def _names(actor: Actor, above: Sequence[Area], area: Area) -> tuple[str, ...]:
    return tuple(
        a.name
        for a in above
        if a.id != area.id and area.path.startswith(a.path) and actor.may(Power.SEE, a.path)
    )


def _seen(actor: Actor, sight: Sight, holder: Holder, homes: dict[int, Compound]) -> bool:
    return (
        actor.may(Power.SEE, holder.path)
        or holder.post.area_id in sight.above
        or holder.post.compound_id in homes
    )


def _inside(actor: Actor, held: Sequence[Holder]) -> bool:
    own = actor.compounds()
    return any(actor.may(Power.SEE, h.path) or h.post.compound_id in own for h in held)


def _chain_of(chains: Chains, holder: Holder) -> list[Step]:
    if holder.post.area_id is not None:
        return chains.of_area.get(holder.post.area_id, [])
    return chains.of_compound.get(holder.post.compound_id or 0, [])


def _compounds(db: Session, actor: Actor, ids: set[int]) -> dict[int, Compound]:
    """Return those of the compounds that the actor sees, by id."""
    rows = (
        select(Compound)
        .join(Compound.community)
        .where(Compound.id.in_(ids), compounds_seen(actor))
        .options(
            joinedload(Compound.community),
            joinedload(Compound.grid),
            joinedload(Compound.company),
            selectinload(Compound.micro_grids),
        )
    )
    return {compound.id: compound for compound in db.scalars(rows)} if ids else {}


def _areas(db: Session, ids: set[int]) -> dict[int, Area]:
    rows = select(Area).where(Area.id.in_(ids))
    return {area.id: area for area in db.scalars(rows)} if ids else {}

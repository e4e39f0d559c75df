"""The directory: whom, which compound, which area a few typed characters may mean.

Keys stand in tables of their own (`keys`), so that every search is one range of an index. Where
the actor sees little, the search starts from that; where much, from the keys in their order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    any_,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from govgrid.access import Actor, under
from govgrid.cipher import TAIL, tails
from govgrid.grid.keeping import KEYED, Keyed
from govgrid.grid.keys import LONGEST, plain
from govgrid.grid.models import Area, Compound, CompoundMicroGrid, Officer, Post
from govgrid.grid.queries.officers import on_duty

MOST = 100
"""Hits of one kind; whoever has more types more."""
FEW = 1500
"""Subjects in sight, up to which a search starts from them."""
MANY = 10_000
"""Areas in sight, more than a district has; from there on all of the city's keys serve."""
WHOLE_PHONE = 7
"""Digits from which a number may be a phone, rather than the begin of a code."""
PLACES = 40
"""Places that the words beside a name may mean."""
_COMMUNITY_DEPTH = 4
_LAST = "\U0010ffff"

Listed = Select[int] | CompoundSelect[int]


@dataclass(frozen=True, slots=True)
class Sight:
    """Where a search looks: subtrees of areas, single compounds, and areas above one's own.

    Of the areas above only the officers are found: they answer for the actor's own area.
    """

    paths: tuple[str, ...]
    compounds: tuple[int, ...] = ()
    above: tuple[int, ...] = ()

    @property
    def grids(self) -> tuple[str, ...]:
        """Return the subtrees that begin below a community: compounds belong to them by links."""
        return tuple(path for path in self.paths if path.count("/") - 1 > _COMMUNITY_DEPTH)


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids of what was found, best first, at most `MOST` of each."""

    officers: tuple[int, ...] = ()
    compounds: tuple[int, ...] = ()
    areas: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.officers or self.compounds or self.areas)


def sight_of(db: Session, actor: Actor) -> Sight:
    """Return the actor's areas and compounds, and the areas above them."""
    codes = {code for post in actor.posts for code in post.area_path.strip("/").split("/")}
    above = set(db.scalars(select(Area.id).where(Area.code.in_(codes))))
    own = actor.compounds()
    if own:
        link = CompoundMicroGrid
        grids = select(Compound.grid_id).where(Compound.id.in_(own), Compound.grid_id.is_not(None))
        above |= {number for number in db.scalars(grids) if number}
        above |= set(db.scalars(select(link.micro_grid_id).where(link.compound_id.in_(own))))
    return Sight(actor.paths(), own, tuple(sorted(above)))


def find(db: Session, sight: Sight, text: str, on: date, limit: int = MOST) -> Hits:
    """Return what the text means: a name, its pinyin or initials, a number, an address.

    Of several words one names whom or what is looked for, the others the place.
    """
    words = [word for word in map(plain, text.split()) if word]
    if not words:
        return Hits()
    hits = _hits(db, sight, "".join(words), on, limit)
    if hits or len(words) == 1:
        return hits
    for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
        within = _within(db, sight, "".join(rest))
        if within and (hits := _hits(db, within, word, on, limit)):
            break
    return hits


def find_compounds(db: Session, sight: Sight, text: str, limit: int = MOST) -> list[int]:
    """Return the ids of the compounds alone that the text means, best first."""
    query = plain(text)
    found = _compounds(db, sight, query[:LONGEST], limit) if query else []
    return found if len(query) <= LONGEST else list(_holding(db, found, query))


def _within(db: Session, sight: Sight, word: str) -> Sight | None:
    """Return the sight of the places that the word names, None where there is none."""
    areas = _areas(db, sight, word, PLACES)
    compounds = _compounds(db, sight, word, PLACES)
    if not (areas or compounds):
        return None
    paths = sorted(db.scalars(select(Area.path).where(Area.id.in_(areas))))
    outer = tuple(p for i, p in enumerate(paths) if not p.startswith(tuple(paths[:i])))
    return Sight(outer, tuple(compounds))


def _hits(db: Session, sight: Sight, query: str, on: date, limit: int) -> Hits:
    start = query[:LONGEST]
    compounds = _compounds(db, sight, start, limit)
    areas = _areas(db, sight, start, limit)
    if len(query) <= LONGEST:
        people = _of_phone(db, sight, start, on, limit)
        people += _officers(db, sight, start, on, limit)
        return Hits(tuple(dict.fromkeys(people))[:limit], tuple(compounds), tuple(areas))
    return Hits((), tuple(_holding(db, compounds, query)), ())


def _officers(db: Session, sight: Sight, query: str, on: date, limit: int) -> list[int]:
    keyed = KEYED[Officer]
    parts = [part.where(on_duty(on)) for part in _posts_seen(sight)]
    if not parts:
        return []
    if _few_posts(db, sight):
        return _from_subjects(db, keyed, union_all(*parts), query, limit)
    seen = _holding_in(sight, keyed.keys.c[keyed.subject], on)
    return _from_keys(db, keyed, seen, query, limit)


def _of_phone(db: Session, sight: Sight, digits: str, on: date, limit: int) -> list[int]:
    """Return whose phone ends in these digits: four, or more, held against the phone itself."""
    if not digits.isdecimal() or (len(digits) != TAIL and len(digits) < WHOLE_PHONE):
        return []
    seen = _holding_in(sight, Officer.id, on).limit(1).scalar_subquery().is_not(None)
    wanted = select(Officer.id, Officer.phone).where(
        Officer.phone_tail.in_(tails(db, digits[-TAIL:])), seen
    )
    rows = db.execute(wanted.order_by(Officer.id).limit(limit))
    return [n for n, phone in rows if phone and re.sub(r"\D", "", phone).endswith(digits)]


def _holding_in(
    sight: Sight, officer: ColumnElement[int] | InstrumentedAttribute[int], on: date
) -> Select[int]:
    """Return the posts in sight that an officer, correlated, holds that day."""
    post, area = aliased(Post), aliased(Area)
    compound, community = aliased(Compound), aliased(Area)
    return (
        select(post.id)
        .outerjoin(area, area.id == post.area_id)
        .outerjoin(compound, compound.id == post.compound_id)
        .outerjoin(community, community.id == compound.community_id)
        .where(
            post.officer_id == officer,
            on_duty(on, post),
            or_(
                under(area.path, sight.paths),
                under(community.path, sight.paths),
                *_linked(compound, sight),
                post.compound_id.in_(sight.compounds),
                post.area_id.in_(sight.above),
            ),
        )
    )


def _few_posts(db: Session, sight: Sight) -> bool:
    """Tell whether few posts are in sight, with so few areas or few of them staffed."""
    if not sight.paths:
        return True
    held = select(func.count()).where(Post.area_id == Area.id).scalar_subquery()
    areas = select(Area.id).where(under(Area.path, sight.paths))
    if _count(db, areas.limit(FEW + 1)) <= FEW:
        return True
    if _count(db, areas.limit(MANY + 1)) > MANY:
        return False
    return (db.scalar(select(func.sum(held)).where(under(Area.path, sight.paths))) or 0) <= FEW


def _count(db: Session, listed: Listed) -> int:
    return db.scalar(select(func.count()).select_from(listed.subquery())) or 0


def _posts_seen(sight: Sight) -> Iterator[Select[int]]:
    """Yield who holds posts in sight; together they are all, each by an index."""
    held, home = select(Post.officer_id), Post.compound_id == Compound.id
    if sight.paths:
        within = under(Area.path, sight.paths)
        yield held.join(Area, Area.id == Post.area_id).where(within)
        served = select(Post.officer_id).select_from(Area)
        served = served.join(Compound, Compound.community_id == Area.id)
        yield served.join(Post, home).where(within)
    for condition in _linked(Compound, sight):
        yield held.join(Compound, home).where(condition)
    if sight.compounds:
        yield held.where(Post.compound_id.in_(sight.compounds))
    if sight.above:
        yield held.where(Post.area_id.in_(sight.above))


def _compounds(db: Session, sight: Sight, query: str, limit: int) -> list[int]:
    keyed, compound, community = KEYED[Compound], aliased(Compound), aliased(Area)
    seen = (
        select(compound.id)
        .join(community, community.id == compound.community_id)
        .where(
            compound.id == keyed.keys.c[keyed.subject],
            or_(
                under(community.path, sight.paths),
                *_linked(compound, sight),
                compound.id.in_(sight.compounds),
            ),
        )
    )
    return _search(db, keyed, list(_compounds_seen(sight)), seen, query, limit)


def _compounds_seen(sight: Sight) -> Iterator[Select[int]]:
    """Yield the compounds in sight; together they are all, each by an index."""
    if sight.paths:
        within = under(Area.path, sight.paths)
        yield select(Compound.id).join(Area, Area.id == Compound.community_id).where(within)
    for condition in _linked(Compound, sight):
        yield select(Compound.id).where(condition)
    if sight.compounds:
        yield select(Compound.id).where(Compound.id.in_(sight.compounds))


def _linked(compound: type[Compound], sight: Sight) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a compound belongs to a grid or micro-grid seen alone."""
    if sight.grids:
        link, areas = CompoundMicroGrid, select(Area.id).where(under(Area.path, sight.grids))
        yield compound.grid_id.in_(areas)
        served = select(link.compound_id).where(link.micro_grid_id.in_(areas))
        yield compound.id.in_(served)


def _areas(db: Session, sight: Sight, query: str, limit: int) -> list[int]:
    keyed, area = KEYED[Area], aliased(Area)
    seen = select(area.id).where(
        area.id == keyed.keys.c[keyed.subject], under(area.path, sight.paths)
    )
    parts = [select(Area.id).where(under(Area.path, sight.paths))] if sight.paths else []
    return _search(db, keyed, parts, seen, query, limit)


def _search(
    db: Session,
    keyed: Keyed,
    parts: list[Select[int]],
    seen: Select[int],
    query: str,
    limit: int,
) -> list[int]:
    """Return the ids of subjects under keys that begin with the query, the exact ones first.

    `parts` list what is seen; `seen` tells it of one key's subject.
    """
    if not parts:
        return []
    listed = union_all(*parts) if len(parts) > 1 else parts[0]
    if _count(db, listed.limit(FEW + 1)) <= FEW:
        return _from_subjects(db, keyed, listed, query, limit)
    return _from_keys(db, keyed, seen, query, limit)


def _from_subjects(db: Session, keyed: Keyed, listed: Listed, query: str, limit: int) -> list[int]:
    key, subject = keyed.keys.c.key, keyed.keys.c[keyed.subject]
    # An expression, so that no planner walks all keys of the city that begin like this.
    begins = key.concat("").between(query, query + _LAST)
    wanted = select(subject).where(_among(db, subject, listed), begins).group_by(subject)
    return list(db.scalars(wanted.order_by(func.min(key), subject).limit(limit)))


def _among(db: Session, subject: ColumnElement[int], listed: Listed) -> ColumnElement[bool]:
    """Return the condition that the subject is listed, read from the list's side."""
    if db.get_bind().dialect.name == "sqlite":
        return subject.in_(listed)
    # PostgreSQL might read every key for an IN; an array it looks up in the index.
    return subject == any_(func.array(listed.scalar_subquery(), type_=ARRAY(Integer)))


def _from_keys(db: Session, keyed: Keyed, seen: Select[int], query: str, limit: int) -> list[int]:
    key, subject = keyed.keys.c.key, keyed.keys.c[keyed.subject]
    # A scalar subquery, which planners leave where it stands: keys come in order until enough.
    known = seen.limit(1).scalar_subquery().is_not(None)
    wanted = select(subject).where(key.between(query, query + _LAST), known)
    # One subject has several keys that begin alike.
    found = db.scalars(wanted.order_by(key, subject).limit(4 * limit))
    return list(dict.fromkeys(found))[:limit]


def _holding(db: Session, compounds: list[int], query: str) -> Iterator[int]:
    """Yield the compounds whose name or address really holds a text longer than a key."""
    texts = select(Compound.id, Compound.name, Compound.address).where(Compound.id.in_(compounds))
    holding = {
        number
        for number, *written in db.execute(texts)
        if any(query in plain(text or "") for text in written)
    }
    yield from (number for number in compounds if number in holding)

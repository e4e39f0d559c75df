"""Which compounds a complaint may be about, and the phone that a resident left."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import Actor, Power, Role
from govgrid.cases.models import Case, Receipt
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Level
from govgrid.grid.queries import compounds_seen
from govgrid.grid.queries.directory import Sight, find_compounds, sight_of
from govgrid.grid.queries.realm import held_by, managed_paths

MOST = 8
"""Compounds offered at once: what a phone shows without much scrolling."""


def district_of(db: Session, code: str) -> Area:
    """Return the district of a one-click code. Raise `NotFound`."""
    found = db.scalar(select(Area).where(Area.code == code, Area.level == Level.DISTRICT))
    if found is None:
        raise NotFound("没有这个区（市）县的一键响应页面，请重新扫描公示牌上的二维码。")
    return found


def compounds_named(db: Session, district: Area, text: str) -> list[Compound]:
    """Return the compounds of the district that a few typed characters may mean."""
    managed = managed_paths(db, [district.path]).get(district.path, ())
    return _offered(db, Sight((district.path, *managed)), text, held_by(district))


def own_compounds_named(db: Session, actor: Actor, text: str) -> list[Compound]:
    """Return those for which the actor may take a complaint in."""
    return _offered(db, sight_of(db, actor), text, compounds_seen(actor, Power.RECEIVE))


def compound_of(db: Session, code: str, where: ColumnElement[bool]) -> Compound | None:
    """Return the compound of that code, with its community, where the condition holds."""
    return next(iter(_rows(db, Compound.code == code, where)), None)


def in_district(district: Area) -> ColumnElement[bool]:
    """Return the condition that a compound is the district's."""
    return held_by(district)


def own(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may take in a complaint about a compound."""
    return compounds_seen(actor, Power.RECEIVE)


def receipt_seen(db: Session, actor: Actor, case: Case) -> Receipt:
    """Return the receipt of a case that the actor handles. Raise `NotFound`."""
    company = {Role.PROJECT_MANAGER, Role.HEAD_OFFICE}
    managed = [post.compound_id for post in actor.posts if post.role in company]
    handled = Compound.id.in_(managed) | own(actor)
    found = db.scalar(
        select(Receipt)
        .join(Receipt.case)
        .join(Case.compound)
        .join(Area, Area.id == Compound.community_id)
        .where(Receipt.case_id == case.id, Receipt.phone.is_not(None), handled)
    )
    if found is None:
        raise NotFound("居民没有留下电话，或不由您办理。")
    return found


def _offered(db: Session, sight: Sight, text: str, where: ColumnElement[bool]) -> list[Compound]:
    ids = find_compounds(db, sight, text, MOST) if text else []
    found = {one.id: one for one in _rows(db, Compound.id.in_(ids), where)} if ids else {}
    return [found[number] for number in ids if number in found]


def _rows(db: Session, *where: ColumnElement[bool]) -> Sequence[Compound]:
    return db.scalars(
        select(Compound)
        .join(Area, Area.id == Compound.community_id)
        .where(*where)
        .options(contains_eager(Compound.community))
    ).all()

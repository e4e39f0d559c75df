"""The recorded periods of many compounds as values, for those who rewrite histories."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.grid.models import Area, Compound, Organization, OrganizationKind
from govgrid.oldcompounds.models import Act, ActKind, Coverage, Version
from govgrid.oldcompounds.rules import Link, Terms

PLAIN = (
    "mode",
    "since",
    "until",
    "agreement",
    "fee",
    "fee_unit",
    "fee_model",
    "collection_rate",
    "package",
    "scan",
)
CHUNK = 5000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """A period as it stands: its row, its place in the chain, its operator's kind."""

    id: int
    version: int
    act_id: int | None
    recorded_at: datetime
    operator_id: int | None
    kind: OrganizationKind | None
    link: Link

    @property
    def terms(self) -> Terms:
        """Return what was recorded."""
        return self.link.terms


History = dict[date, Kept]  # by first day


def stored(db: Session, compound_ids: Iterable[int]) -> dict[int, History]:
    """Return the periods by compound and first day."""
    rows = (
        select(
            Coverage.compound_id,
            Coverage.id,
            Coverage.version,
            Coverage.act_id,
            Coverage.recorded_at,
            Coverage.operator_id,
            Coverage.follows,
            Coverage.gap,
            Coverage.services,
            Organization.kind,
            Organization.name,
            *(getattr(Coverage, name) for name in PLAIN),
        )
        .outerjoin(Coverage.operator)
        .order_by(Coverage.compound_id, Coverage.since)
    )
    found: dict[int, History] = {}
    for chunk in chunks(compound_ids):
        for row in db.execute(rows.where(Coverage.compound_id.in_(chunk))):
            kept = _kept(row)
            found.setdefault(row[0], {})[kept.terms.since] = kept
    return found


def _kept(row: Any) -> Kept:
    _, id_, version, act, recorded_at, operator_id, follows, gap, services, kind, name, *rest = row
    plain = dict(zip(PLAIN, rest, strict=True))
    terms = Terms(operator=name, services=tuple(services), **plain)
    link = Link(terms, follows, gap)
    return Kept(id_, version, act, recorded_at, operator_id, kind, link)


def last_act(db: Session, compound_id: int) -> int:
    """Return the number of the latest act upon the compound's history, 0 before the first."""
    wrote = select(func.max(Coverage.act_id)).where(Coverage.compound_id == compound_id)
    replaced = select(func.max(Version.replaced_by)).where(Version.compound_id == compound_id)
    return max(db.scalar(wrote) or 0, db.scalar(replaced) or 0)


def touched(db: Session, act_id: int) -> dict[int, str]:
    """Return the compounds whose history the act changed, with their communities' paths."""
    wrote = select(Coverage.compound_id).where(Coverage.act_id == act_id)
    rewrote = select(Version.compound_id).where(Version.act_id == act_id)
    replaced = select(Version.compound_id).where(Version.replaced_by == act_id)
    rows = (
        select(Compound.id, Area.path)
        .join(Area, Area.id == Compound.community_id)
        .where(Compound.id.in_(wrote.union(rewrote, replaced)))
        .order_by(Compound.code)
    )
    return {number: path for number, path in db.execute(rows)}  # noqa: C416  # a row is no pair to mypy


def built_upon(db: Session, act_id: int) -> str | None:
    """Return the name of a compound whose history somebody changed after the act, if any.

    What was itself undone since, and the undoing, does not count.
    """
    undone = select(Act.undoes).where(Act.undoes.is_not(None))
    later = select(Act.id).where(Act.id > act_id, Act.kind != ActKind.UNDONE, Act.id.not_in(undone))
    wrote = select(Coverage.compound_id).where(Coverage.act_id.in_(later))
    replaced = select(Version.compound_id).where(Version.replaced_by.in_(later))
    mine = select(Coverage.compound_id).where(Coverage.act_id == act_id)
    mine_too = select(Version.compound_id).where(Version.replaced_by == act_id)
    return db.scalar(
        select(Compound.name)
        .where(Compound.id.in_(mine.union(mine_too)), Compound.id.in_(wrote.union(replaced)))
        .order_by(Compound.code)
        .limit(1)
    )


def chunks(items: Iterable[T]) -> Iterator[Sequence[T]]:
    """Yield the items a few thousand at a time."""
    all_items = list(items)
    for start in range(0, len(all_items), CHUNK):
        yield all_items[start : start + CHUNK]

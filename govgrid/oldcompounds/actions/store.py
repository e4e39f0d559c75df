"""Writing histories: the one place where periods change; what an act replaces stays as versions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.grid.imports.store import dry, insert_rows
from govgrid.grid.models import Compound
from govgrid.journal import SYSTEM
from govgrid.oldcompounds.models import Act, ActKind, Coverage, Version
from govgrid.oldcompounds.queries.stored import PLAIN, History, Kept, chunks
from govgrid.oldcompounds.rules import Link

Chain = Sequence[tuple[Link, int | None]]  # each period in its place, with its operator's id


def open_act(db: Session, actor: Actor | None, kind: ActKind, *, at: datetime, **told: Any) -> Act:
    """Begin an act: what is written under it can be undone as a whole.

    `told` are the act's reason, file and counts.
    """
    act = Act(
        kind=kind,
        at=at,
        by_id=actor.account_id if actor else None,
        by_name=actor.name if actor else SYSTEM,
        **told,
    )
    if not dry(db):
        db.add(act)
        db.flush()
    return act


def hold(db: Session, compound_ids: Iterable[int]) -> None:
    """Let nobody else change these histories before this transaction ends."""
    if dry(db):
        return
    # Locked in one order; SQLite has one writer anyway.
    columns = select(Compound.id).order_by(Compound.id).with_for_update()
    for chunk in chunks(sorted(compound_ids)):
        db.execute(columns.where(Compound.id.in_(chunk)))


@dataclass(slots=True)
class _Work:
    gone: list[int] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)

    def replace(self, compound_id: int, kept: Kept, act: Act, *, relinked: bool = False) -> None:
        self.gone.append(kept.id)
        self.versions.append(
            {
                **_facts(kept.link, kept.operator_id),
                "compound_id": compound_id,
                "act_id": kept.act_id,
                "replaced_by": act.id,
                "recorded_at": kept.recorded_at,
                "version": kept.version,
                "relinked": relinked,
            }
        )


def rewrite(
    db: Session,
    act: Act,
    chains: Mapping[int, Chain],
    kept: Mapping[int, History],
    *,
    at: datetime,
) -> None:
    """Make each compound's history the chain given; the periods that stay are not touched."""
    work = _Work()
    for compound_id, chain in chains.items():
        before = dict(kept.get(compound_id, {}))
        for link, operator_id in chain:
            old = before.pop(link.terms.since, None)
            if old and (old.link, old.operator_id) == (link, operator_id):
                continue
            if old is not None:
                same = (old.terms, old.operator_id) == (link.terms, operator_id)
                work.replace(compound_id, old, act, relinked=same)
            work.new.append(
                {
                    **_facts(link, operator_id),
                    "compound_id": compound_id,
                    "act_id": act.id,
                    "recorded_at": at,
                    "version": old.version + 1 if old else 1,
                }
            )
        for old in before.values():
            work.replace(compound_id, old, act)
    _put(db, work)


def _put(db: Session, work: _Work) -> None:
    if dry(db):
        return
    insert_rows(db, Version, work.versions)
    # Away before anything is written, so that no moment has two periods of one day.
    for chunk in chunks(work.gone):
        db.execute(delete(Coverage).where(Coverage.id.in_(chunk)))
    insert_rows(db, Coverage, work.new)
    for row in [one for one in db.identity_map.values() if isinstance(one, Coverage)]:
        db.expunge(row)


def restore(db: Session, act: Act, undone: Act) -> None:
    """Make every history again what it was before the act `undone`."""
    before = list(db.scalars(select(Version).where(Version.replaced_by == undone.id)))
    again = {(one.compound_id, one.since): one for one in before}
    work = _Work(new=[_copied(one) for one in before])
    for row in db.scalars(select(Coverage).where(Coverage.act_id == undone.id)):
        same = again.get((row.compound_id, row.since))
        relinked = same is not None and all(
            getattr(row, name) == getattr(same, name)
            for name in (*PLAIN, "operator_id", "services")
        )
        work.gone.append(row.id)
        work.versions.append({**_copied(row), "replaced_by": act.id, "relinked": relinked})
    _put(db, work)


def _copied(row: Coverage | Version) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COPIED}


_COPIED = (
    *PLAIN,
    "operator_id",
    "services",
    "follows",
    "gap",
    "compound_id",
    "act_id",
    "recorded_at",
    "version",
)


def _facts(link: Link, operator_id: int | None) -> dict[str, Any]:
    terms = link.terms
    return {
        **{name: getattr(terms, name) for name in PLAIN},
        "services": list(terms.services),
        "operator_id": operator_id,
        "follows": link.follows,
        "gap": link.gap,
    }

"""Tell communities and streets what their old compounds are watched for, each stage once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import and_
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Role
from govgrid.grid.models import Post
from govgrid.grid.queries import Holder
from govgrid.grid.queries.officers import find_holders
from govgrid.oldcompounds.letters import about_watched
from govgrid.oldcompounds.models import CoverageCall, CoverageTurn
from govgrid.oldcompounds.queries import Marked, Signals, untold, watch_everywhere
from govgrid.oldcompounds.queries.stored import chunks
from govgrid.oldcompounds.rules import Watched, told_to
from govgrid.outbox.actions import queue_all
from govgrid.settings import Settings
from govgrid.web import language, provisional
from govgrid.workdays import local_day

TOLD = (Role.SECRETARY, Role.LIAISON)
T = TypeVar("T", bound=Marked)


def tell_watched(db: Session, signals: Signals, *, at: datetime) -> int:
    """Take the day's turn, unless it was taken: queue the letters and return how many."""
    on = local_day(at)
    if db.get(CoverageTurn, on) is not None:
        return 0
    new = untold(db, watch_everywhere(db, at, signals))
    settings: Settings = db.info["settings"]
    with language.speaking(settings.locale), provisional.consulting(db):
        drafts = [
            (about_watched(settings, who, watched, on), at)
            for who, watched in readers(db, _wanted(new), on)
        ]
    queue_all(db, drafts, at=at)
    db.add_all(CoverageCall(mark=one.mark, at=at) for one in new)
    db.add(CoverageTurn(day=on, at=at, letters=len(drafts)))
    if new:
        journal.record(
            db, None, "watch_coverage", "coverage", on, items=len(new), letters=len(drafts)
        )
    return len(drafts)


def _wanted(watched: Sequence[Watched]) -> dict[tuple[Role, int], list[Watched]]:
    wanted: dict[tuple[Role, int], list[Watched]] = defaultdict(list)
    for one in watched:
        for role in told_to(one):
            place = one.community_id if role is Role.SECRETARY else one.street_id
            if place is not None:
                wanted[role, place].append(one)
    return wanted


def readers(
    db: Session, wanted: Mapping[tuple[Role, int], list[T]], on: date
) -> Iterator[tuple[Holder, list[T]]]:
    """Yield who is written to, each person once, with what concerns that person's places."""
    people: dict[int, Holder] = {}
    theirs: dict[int, dict[str, T]] = defaultdict(dict)
    for chunk in chunks({place for _role, place in wanted}):
        where = and_(Post.role.in_(TOLD), Post.area_id.in_(chunk))
        for holder in find_holders(db, where, on):
            found = wanted.get((holder.role, holder.post.area_id or 0), [])
            if found and holder.officer.email:
                people.setdefault(holder.officer.id, holder)
                theirs[holder.officer.id] |= {one.mark: one for one in found}
    for number, holder in people.items():
        yield holder, list(theirs[number].values())

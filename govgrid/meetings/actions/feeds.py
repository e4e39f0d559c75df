"""A person's calendar addresses: given, renewed, revoked; events kept for all feeds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.grid.models import Area
from govgrid.meetings import links
from govgrid.meetings.models import FeedEvent, FeedLink, Unit
from govgrid.meetings.queries.feeds import own_link


def renew_feed(db: Session, actor: Actor) -> None:
    """Give the actor an address of their own meetings; the one before stops working."""
    found = own_link(db, actor)
    if found is None:
        _add(db, FeedLink(officer_id=actor.officer_id))
    else:
        _set(db, found)
    journal.record(db, actor, "renew_feed", "officer", actor.officer_id)


def subscribe(db: Session, actor: Actor, place: Area | Unit) -> None:
    """Give the actor an address of the meetings of an area or unit that they see."""
    made = FeedLink(officer_id=actor.officer_id)
    if isinstance(place, Area):
        made.area_id = place.id
    else:
        made.unit_id = place.id
    _add(db, made)
    journal.record(db, actor, "subscribe", "officer", actor.officer_id, **_place(made))


def renew(db: Session, actor: Actor, link: FeedLink) -> None:
    """Give another address in place of this one, which stops working."""
    _set(db, link)
    journal.record(db, actor, "renew_feed", "officer", actor.officer_id, **_place(link))


def revoke(db: Session, actor: Actor, link: FeedLink) -> None:
    """Take the address away."""
    db.delete(link)
    journal.record(db, actor, "revoke_feed", "officer", actor.officer_id, **_place(link))


def keep_events(db: Session, events: Sequence[FeedEvent]) -> None:
    """Keep the events in place of those of the same meetings."""
    numbers = sorted(event.meeting_id for event in events)
    db.execute(
        delete(FeedEvent).where(FeedEvent.meeting_id.in_(numbers)),
        execution_options={"synchronize_session": False},
    )
    db.add_all(events)


def _add(db: Session, made: FeedLink) -> None:
    _set(db, made)
    db.add(made)
    db.flush()


def _set(db: Session, link: FeedLink) -> None:
    link.nonce = links.new_nonce()
    link.link = links.lookup(links.token(db.info["settings"].secret, link.nonce))


def _place(link: FeedLink) -> dict[str, Any]:
    return {"area": link.area_id, "unit": link.unit_id}

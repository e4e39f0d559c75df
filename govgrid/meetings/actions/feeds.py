"""A person's calendar address: given once, renewed on wish."""

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.meetings import links
from govgrid.meetings.models import CalendarLink


def renew_feed(db: Session, actor: Actor) -> None:
    """Give the actor a calendar address; the one before stops working."""
    found = db.get(CalendarLink, actor.officer_id)
    nonce = links.new_nonce()
    link = links.lookup(links.token(db.info["settings"].secret, nonce))
    if found is None:
        db.add(CalendarLink(officer_id=actor.officer_id, nonce=nonce, link=link))
    else:
        found.nonce, found.link = nonce, link
    journal.record(db, actor, "renew_feed", "officer", actor.officer_id)

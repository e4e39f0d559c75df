"""A meeting that people were asked to twice (SEQUENCE 2), and mails that answer it."""

import base64
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Role
from govgrid.grid.models import Officer
from govgrid.meetings import links
from govgrid.meetings.actions import plan
from govgrid.meetings.models import Attendee, Meeting, Stage, Unit, Venue
from govgrid.meetings.queries.people import due_at_unit
from govgrid.meetings.queries.seen import load_meeting
from govgrid.workdays import calendar
from tests import build
from tests.almanac import world
from tests.build import City
from tests.journeys.conftest import Site

MAILS = Path(__file__).parent / "mails"  # all of them made up after what clients write
UID = "0b1f6c1e-8a52-4a6e-9a0e-6f6b0f6f1c11"
BREAK = "\r\n"


def meeting(db: Session, *, asked: int = 2) -> tuple[City, Meeting]:
    """Add the confirmed meeting with the leader, the police officer and the manager."""
    city = build.small_city(db)
    unit = world.unit(db, city.community, city.compound)
    made = world.meeting(db, city, unit, "2026-12-08 09:30", Stage.CONFIRMED)
    made.uid, made.sequence = UID, asked
    for holder in (city.grid_leader, city.police, city.manager):
        nonce = links.new_nonce()
        db.add(
            Attendee(
                meeting_id=made.id, officer_id=holder.id, role=Role.POLICE, nonce=nonce,
                link=links.lookup(links.token(db.info["settings"].secret, nonce)), asked=asked,
            )
        )  # fmt: skip
    db.flush()
    return city, made


def reply(
    status: str = "ACCEPTED", *, by: str = "wang@example.cn", sender: str = "", uid: str = UID,
    sequence: int = 2, stamp: datetime | None = None, method: str = "REPLY", **more: Any,
) -> bytes:  # fmt: skip
    """Return a plain answer as mail bytes; `more` are properties of the event, or `headers`."""
    headers = more.pop("headers", "")
    stamped = f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}" if stamp else "DTSTAMP:20261123T020000Z"
    event = [
        "BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid}", stamped,
        f"SEQUENCE:{sequence}", f"ATTENDEE;PARTSTAT={status}:mailto:{by}",
        *(f"{name.upper()}:{value}" for name, value in more.items()),
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    coded = base64.encodebytes(BREAK.join(event).encode("utf-8", "surrogatepass"))
    head = (
        f"From: <{sender or by}>\r\n{headers}MIME-Version: 1.0\r\n"
        f"Content-Type: text/calendar; charset=utf-8; method={method}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + coded


def invited(site: Site) -> str:
    """Let the secretary plan and confirm 锦和苑's meeting on 2026-12-08; return its number.

    Nothing else has happened.
    """
    return site.again("invited", invite)


def invite(site: Site) -> str:
    """Do the same in the city as it stands."""
    with site.database.writing() as db:
        unit = db.scalars(
            select(Unit)
            .where(Unit.compound_id.is_not(None))
            .options(joinedload(Unit.community), joinedload(Unit.compound))
        ).one()
        secretary = db.scalars(select(Officer).where(Officer.name == "周书记")).one()
        actor = build.actor(db, secretary, Role.SECRETARY, unit.community)
        room = db.scalars(select(Venue)).one()
        place = plan.Place(build.clock("2026-12-08 09:00"), room)
        holders = due_at_unit(db, unit, date(2026, 12, 1))
        number = plan.schedule(db, actor, unit, place, holders, calendar(db), at=site.at).id
        db.flush()
        db.expunge_all()
        plan.confirm(db, actor, load_meeting(db, number), at=site.at)
    return str(number)

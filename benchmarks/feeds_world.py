"""Communities of 100 and of 1,000 meetings to subscribe to, and a person due at 100."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks.engines import SECRET, analyze
from govgrid.access import Role
from govgrid.accounts.models import Account
from govgrid.db import Database
from govgrid.grid.models import Area, Level, Officer
from govgrid.meetings import links
from govgrid.meetings.models import Attendee, FeedLink, Meeting, Stage, Unit, Venue
from tests import build

MONTHS = 10  # meetings of a unit
DUE = 8  # people at a meeting
UNIT, HUNDRED, THOUSAND, OWN = "unit of 10", "area of 100", "area of 1,000", "own 100"


@dataclass(frozen=True, slots=True)
class World:
    """Paths of feeds by what they show, and tokens of private links to meetings ahead."""

    feeds: dict[str, list[str]]
    replies: list[str]


def lay(database: Database, subscribers: int = 1) -> World:
    """Put the communities into the database, with as many addresses of each kind of feed."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with database.writing() as db:
        street = build.small_city(db).street
        people = [build.officer(db, f"参会人{n}") for n in range(1, 41)]
        replies: list[str] = []
        areas = [
            _community(db, street, "百会社区", 10, people[:DUE], now, replies),
            _community(db, street, "千会社区", 100, people[DUE:], now, replies),
        ]
        feeds = {
            UNIT: _addresses(db, areas[0], subscribers, unit=True),
            HUNDRED: _addresses(db, areas[0], subscribers),
            THOUSAND: _addresses(db, areas[1], subscribers),
            OWN: [_address(db, people[0])] * subscribers,
        }
    analyze(database)
    return World(feeds, replies)


def _community(
    db: Session, street: Area, name: str, compounds: int, people: Sequence[Officer],
    now: datetime, replies: list[str],
) -> Area:  # fmt: skip
    area = build.area(db, f"510107001{compounds:03d}", name, Level.COMMUNITY, street)
    room = Venue(community_id=area.id, name=f"{name}党群服务中心会议室", address="江桥街88号附12号")
    db.add(room)
    db.flush()
    for n in range(compounds):
        home = build.compound(db, area, f"{name}第{n + 1}小区")
        unit = Unit(community_id=area.id, compound_id=home.id)
        db.add(unit)
        db.flush()
        for month in range(MONTHS):
            start = now + timedelta(days=28 * (month - 2), hours=n % 9)
            due = [people[(n + k) % len(people)] for k in range(DUE)]
            replies += _meeting(db, unit, room, f"{home.name}联席会议", start, due)
    return area


def _meeting(
    db: Session, unit: Unit, room: Venue, title: str, start: datetime, due: Sequence[Officer]
) -> list[str]:
    """Add a meeting; return the tokens of its links where it lies ahead."""
    values: dict[str, Any] = {
        "uid": str(uuid.uuid4()), "unit_id": unit.id, "community_id": unit.community_id,
        "month": date(start.year, start.month, 1), "title": title, "start": start,
        "end": start + timedelta(minutes=90), "venue_id": room.id, "convenor_id": due[0].id,
        "invited_at": start - timedelta(days=10), "sequence": 0, "version": 1,
        "stage": Stage.CONFIRMED,
    }  # fmt: skip
    while db.scalar(select(Meeting.id).filter_by(unit_id=unit.id, month=values["month"])):
        values["month"] = (values["month"] + timedelta(days=32)).replace(day=1)
    number = db.execute(insert(Meeting).values(**values).returning(Meeting.id)).scalar_one()
    nonces = [links.new_nonce() for _ in due]
    tokens = [links.token(SECRET, nonce) for nonce in nonces]
    db.execute(
        insert(Attendee),
        [
            {"meeting_id": number, "officer_id": one.id, "role": Role.GRID_LEADER, "nonce": nonce,
             "link": links.lookup(token)}
            for one, nonce, token in zip(due, nonces, tokens, strict=True)
        ],
    )  # fmt: skip
    return tokens if start > datetime.now(UTC) + timedelta(hours=2) else []


def _addresses(db: Session, area: Area, count: int, *, unit: bool = False) -> list[str]:
    """Give secretaries of the community an address each; return the paths."""
    found = []
    for n in range(count):
        person = build.officer(db, f"订阅人{n + 1}", Role.SECRETARY, area)
        now = datetime.now(UTC)
        db.add(Account(officer_id=person.id, login=f"login-{person.id}", created_at=now))
        first = db.scalar(select(Unit.id).filter_by(community_id=area.id).limit(1))
        subject = {"unit_id": first} if unit else {"area_id": area.id}
        found.append(_address(db, person, **subject))
    return found


def _address(db: Session, person: Officer, **subject: int | None) -> str:
    nonce = links.new_nonce()
    token = links.token(SECRET, nonce)
    db.add(FeedLink(officer_id=person.id, nonce=nonce, link=links.lookup(token), **subject))
    db.flush()
    return f"/feeds/{token}.ics"

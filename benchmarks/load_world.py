"""A city's year in bulk rows: 120,000 meetings, 1.2 million attendances, 720,000 cases."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.engines import SECRET, analyze
from benchmarks.rates import MONTHS, lay_ground, month_of_cases
from govgrid.access import Role
from govgrid.accounts.models import Account, SignIn
from govgrid.accounts.queries import token_hash
from govgrid.cases.models import Case
from govgrid.db import Database
from govgrid.grid.imports.store import insert_rows
from govgrid.grid.models import Area, Compound, Level, Officer, Post
from govgrid.meetings import links
from govgrid.meetings.models import (
    Attendance,
    Attendee,
    FeedLink,
    Kind,
    Meeting,
    Reply,
    Stage,
    Unit,
    Venue,
)

DUE = 10  # people at a meeting
YEAR = 12  # months; the last of them lies ahead
SUBSCRIBERS = 400
SIZES = (Level.COMMUNITY, Level.STREET, Level.DISTRICT, Level.CITY)
ROLES = {
    Level.COMMUNITY: Role.SECRETARY,
    Level.STREET: Role.LIAISON,
    Level.DISTRICT: Role.HOUSING_OFFICER,
    Level.CITY: Role.HOUSING_OFFICER,
}
CAME = (Attendance.PRESENT, Attendance.PRESENT, Attendance.PRESENT, Attendance.EXCUSED)


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who signed in, and the area, a compound and a meeting of theirs."""

    session: str
    area: str
    compound: str
    meeting: int


@dataclass(frozen=True, slots=True)
class World:
    """Who reads pages by the size of their area, paths of feeds, tokens of private links."""

    desks: dict[str, list[Desk]]
    feeds: list[str]
    replies: list[str]
    month: str

    def keep(self, file: Path) -> None:
        """Write it beside the database."""
        file.write_text(json.dumps(asdict(self)))

    @classmethod
    def kept(cls, file: Path) -> "World":
        """Read what `keep` wrote."""
        held = json.loads(file.read_text())
        desks = {name: [Desk(**one) for one in some] for name, some in held.pop("desks").items()}
        return cls(desks=desks, **held)


def lay(database: Database, months: int = YEAR, cases: int = MONTHS) -> World:
    """Put the year into the empty database."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    lay_ground(database)
    with database.writing() as db:
        homes = db.execute(select(Compound.id, Compound.community_id).order_by(Compound.id)).all()
        _people(db, sorted({community for _home, community in homes}))
        insert_rows(
            db,
            Unit,
            [
                {"id": n, "community_id": community, "compound_id": home, "kind": Kind.JOINT}
                for n, (home, community) in enumerate(homes, 1)
            ],
        )
    for back in reversed(range(cases)):
        with database.writing() as db:
            insert_rows(db, Case, list(month_of_cases(db, back)))
    ahead = _month(now, 1)
    for back in reversed(range(months)):
        with database.writing() as db:
            _meetings(db, homes, _month(now, 1 - back), back * len(homes), now)
    with database.writing() as db:
        world = _world(db, now, ahead)
    analyze(database)
    return world


def _month(now: datetime, ahead: int) -> date:
    number = now.year * 12 + now.month - 1 + ahead
    return date(number // 12, number % 12 + 1, 1)


def _people(db: Session, communities: list[int]) -> None:
    """Give each community a room and ten people, of whom the first is its secretary."""
    count = len(communities) * DUE
    insert_rows(
        db,
        Officer,
        [{"id": n, "code": f"RY{n:06d}", "name": f"人员{n}"} for n in range(1, count + 1)],
    )
    insert_rows(
        db,
        Venue,
        [{"id": area, "community_id": area, "name": "党群服务中心会议室"} for area in communities],
    )
    insert_rows(
        db,
        Post,
        [
            {"officer_id": n * DUE + k + 1, "role": role, "area_id": area}
            for n, area in enumerate(communities)
            for k, role in enumerate((Role.SECRETARY, Role.POLICE))
        ],
    )


def _meetings(db: Session, homes: Any, month: date, first: int, now: datetime) -> None:
    chance = Random(first)
    first_of = {area: n * DUE for n, area in enumerate(sorted({area for _home, area in homes}))}
    rows, due = [], []
    for number, (_home, area) in enumerate(homes, first + 1):
        start = datetime(month.year, month.month, chance.randint(1, 27), 1, tzinfo=UTC)
        start += timedelta(hours=chance.randint(0, 8), minutes=number % 60)
        held = start < now
        rows.append(
            {
                "id": number, "uid": f"load-{number}", "unit_id": number - first, "month": month,
                "community_id": area, "stage": Stage.HELD if held else Stage.CONFIRMED,
                "title": "联席会议", "start": start, "end": start + timedelta(hours=1),
                "venue_id": area, "convenor_id": first_of[area] + 1, "sequence": 0, "version": 1,
                "invited_at": start - timedelta(days=10),
                "held_at": start + timedelta(hours=1) if held else None,
            }
        )  # fmt: skip
        due += _attendees(number, first_of[area], chance, held=held)
    insert_rows(db, Meeting, rows)
    insert_rows(db, Attendee, due)


def _attendees(number: int, before: int, chance: Random, *, held: bool) -> Iterator[dict[str, Any]]:
    for k in range(DUE):
        nonce = f"load-{number}-{k}"
        yield {
            "meeting_id": number, "officer_id": before + k + 1,
            "role": (Role.SECRETARY, Role.POLICE)[k] if k < 2 else Role.MICRO_GRID_MEMBER,
            "required": k < 4, "observer": False, "nonce": nonce,
            "link": links.lookup(links.token(SECRET, nonce)), "reply": Reply.ACCEPTED,
            "attendance": chance.choice(CAME) if held else None,
        }  # fmt: skip


def _world(db: Session, now: datetime, month: date) -> World:
    officers = db.scalars(select(Officer.id).order_by(Officer.id.desc()).limit(1)).one()
    desks: dict[str, list[Desk]] = {}
    for size in SIZES:
        found = db.scalars(select(Area).where(Area.level == size).order_by(Area.id).limit(8)).all()
        desks[size.value] = []
        for n, area in enumerate(found):
            officers += 1
            desks[size.value].append(_desk(db, officers, area, f"{size.value}-{n}", now, month))
    ahead = (
        select(Attendee.nonce)
        .join(Meeting)
        .where(Meeting.start > now + timedelta(days=5))
        .order_by(Attendee.id)
        .limit(2000)
    )
    replies = [links.token(SECRET, nonce) for nonce in db.scalars(ahead)]
    feeds = []
    communities = db.scalars(
        select(Post).where(Post.role == Role.SECRETARY).order_by(Post.id).limit(SUBSCRIBERS)
    ).all()
    for n, post in enumerate(communities):
        nonce = f"feed-{n}"
        token = links.token(SECRET, nonce)
        subject = post.area_id if n % 2 else None  # half subscribe to their own meetings
        insert_rows(
            db,
            FeedLink,
            [{"officer_id": post.officer_id, "area_id": subject, "nonce": nonce,
              "link": links.lookup(token)}],
        )  # fmt: skip
        feeds.append(f"/feeds/{token}.ics")
    return World(desks, feeds, replies, f"{month:%Y-%m}")


def _desk(db: Session, number: int, area: Area, session: str, now: datetime, month: date) -> Desk:
    insert_rows(db, Officer, [{"id": number, "code": f"RY{number:06d}", "name": f"干部{number}"}])
    db.add(Post(officer_id=number, role=ROLES[area.level], area_id=area.id))
    account = Account(officer_id=number, login=session, created_at=now)
    db.add(account)
    db.flush()
    db.add(
        SignIn(token_hash=token_hash(session), account_id=account.id, started_at=now, seen_at=now)
    )
    inside = select(Area.id).where(Area.path.startswith(area.path))
    compound = db.scalars(
        select(Compound.code)
        .where(Compound.community_id.in_(inside))
        .order_by(Compound.id)
        .limit(1)
    ).one()
    meeting = db.scalars(
        select(Meeting.id).where(Meeting.community_id.in_(inside), Meeting.month == month).limit(1)
    ).one()
    return Desk(session, area.code, compound, meeting)


def awaken(database: Database) -> None:
    """Begin every sign-in anew: sessions end by themselves after half a day."""
    now = datetime.now(UTC)
    with database.writing() as db:
        for one in db.scalars(select(SignIn)):
            one.started_at = one.seen_at = now

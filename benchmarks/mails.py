"""Confirm meetings and deliver every invitation, beside icalendar and smtplib in a plain loop.

`python -m benchmarks mails [--meetings N] [--people N] [--engine sqlite|postgresql]`. Both send to
a server in another process and take turns, a stretch of meetings each, so that a busy machine slows
both. The loop makes each meeting's calendar once, keeps one connection, and stores nothing.
"""

import argparse
import smtplib
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import NamedTuple

import icalendar
from sqlalchemy import Table, insert

from benchmarks.engines import ENGINES, opened
from benchmarks.usage import peaks
from govgrid.access import Actor, Role
from govgrid.clock import HERE
from govgrid.db import Base, Database
from govgrid.grid.models import Compound, CompoundKind, Officer
from govgrid.meetings import letters, links
from govgrid.meetings.actions import plan
from govgrid.meetings.models import (
    AgendaItem,
    AgendaKind,
    Attendee,
    Kind,
    Meeting,
    Reply,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.queries.seen import load_meeting
from govgrid.outbox.actions import deliver
from govgrid.outbox.worker import Worker
from govgrid.settings import Settings
from tests import build
from tests.outbox import sink

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
STRETCH = 50  # meetings before the other takes its turn
POOL = 1000
TITLES = ("部门要求", "诉求办理", "双晒")


class Used(NamedTuple):
    """Seconds on the clock and of CPU."""

    wall: float = 0.0
    cpu: float = 0.0

    def plus(self, start: "Used") -> "Used":
        now = Used.now()
        return Used(self.wall + now.wall - start.wall, self.cpu + now.cpu - start.cpu)

    @classmethod
    def now(cls) -> "Used":
        return cls(time.perf_counter(), time.process_time())


class Shown(NamedTuple):
    """A meeting as the plain loop needs it."""

    uid: str
    title: str
    start: datetime
    end: datetime
    room: str
    people: list[tuple[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meetings", type=int, default=300)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    given = parser.parse_args()
    with opened(given.engine) as database, sink.apart() as (place, arrived):
        database.settings = replace(database.settings, smtp_url=f"smtp://{place}")
        actor = lay(database, given.meetings, given.people)
        measure(database, actor, given.meetings, place)
        print(f"arrived {arrived.value}, due {2 * given.meetings * given.people}")


def measure(database: Database, actor: Actor, meetings: int, place: str) -> None:
    queued = sent = plain = Used()
    peak: dict[int, float] = {}
    mails = 0
    with smtplib.SMTP(place) as smtp:
        for first in range(1, meetings + 1, STRETCH):
            stretch = range(first, min(first + STRETCH, meetings + 1))
            start = Used.now()
            for number in stretch:
                with database.writing() as db:
                    mails += plan.confirm(db, actor, load_meeting(db, number), at=AT)
            queued = queued.plus(start)
            start = Used.now()
            worker = Worker(database, lambda: AT, [deliver])
            while worker.once():
                pass
            sent = sent.plus(start)
            if first == 1 or len(peak) <= 4 * first // meetings:
                peak[first + STRETCH - 1] = peaks()[0]
            shown = [show(database, number) for number in stretch]
            start = Used.now()
            for one in shown:
                send_plainly(smtp, one, database.settings)
            plain = plain.plus(start)
    report(queued, sent, plain, mails)
    grown = ", ".join(f"{mib:.0f} after {number}" for number, mib in peak.items())
    print(f"peak memory in MiB, by meetings: {grown}, {peaks()[0]:.0f} at the end")


def report(queued: Used, sent: Used, plain: Used, mails: int) -> None:
    ours = Used(queued.wall + sent.wall, queued.cpu + sent.cpu)
    rows = {"queued": queued, "sent": sent, "ours, both": ours, "icalendar and smtplib": plain}
    for name, used in rows.items():
        print(
            f"{name:22} {mails / used.wall:7.0f} mails/s, {used.cpu / mails * 1000:.2f} ms CPU each"
        )
    print(
        f"ours / loop: {plain.wall / ours.wall:.2f} on the clock, {plain.cpu / ours.cpu:.2f} by CPU"
    )


def lay(database: Database, meetings: int, people: int) -> Actor:
    """Lay out planned meetings, numbered from 1; return who confirms them."""
    with database.writing() as db:
        city = build.small_city(db)
        actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        room = Venue(community_id=city.community.id, name="锦江社区会议室", address="江桥街1号")
        db.add(room)
        db.flush()
        known, home, convenor = 1000, city.community.id, city.secretary.id
        _insert(db, Officer, [
            {"id": known + n, "code": f"P{n:05d}", "name": f"人员{n}", "email": f"p{n}@example.cn"}
            for n in range(POOL)
        ])  # fmt: skip
        units = [known + n for n in range(meetings // 12 + 1)]
        _insert(db, Compound, [
            {"id": u, "code": f"XQ{u}", "name": f"小区{u}", "kind": CompoundKind.COMMODITY,
             "community_id": home} for u in units
        ])  # fmt: skip
        _insert(db, Unit, [
            {"id": u, "community_id": home, "compound_id": u, "kind": Kind.JOINT,
             "venue_id": room.id} for u in units
        ])  # fmt: skip
        seats, rows, items = count(1), [], []
        made = []
        for n in range(meetings):
            month = date(2026 + (12 + n % 12) // 13, (11 + n % 12) % 12 + 1, 1)
            start = datetime(month.year, month.month, 9, 1, 30, tzinfo=UTC)
            made.append({
                "id": n + 1, "uid": f"uid-{n}", "unit_id": units[n // 12], "community_id": home,
                "month": month, "stage": Stage.PLANNED, "title": f"小区{n // 12}{month:%m}月联席会议",
                "start": start, "end": start + timedelta(hours=1), "venue_id": room.id,
                "convenor_id": convenor,
            })  # fmt: skip
            for k in range(people):
                nonce = f"{n:08x}{k:08x}"
                rows.append({
                    "id": next(seats), "meeting_id": n + 1,
                    "officer_id": known + (n * people + k) % POOL, "role": Role.POLICE,
                    "nonce": nonce, "link": links.lookup(nonce), "reply": Reply.NEEDS_ACTION,
                })  # fmt: skip
            items += [
                {"meeting_id": n + 1, "position": p, "kind": AgendaKind.PROPOSAL, "title": title,
                 "brief": "", "notes": ""} for p, title in enumerate(TITLES, 1)
            ]  # fmt: skip
        _insert(db, Meeting, made)
        _insert(db, Attendee, rows)
        _insert(db, AgendaItem, items)
    return actor


def _insert(db: object, kind: type[Base], rows: list[dict[str, object]]) -> None:
    table: Table = kind.__table__  # type: ignore[assignment]
    db.execute(insert(table), rows)  # type: ignore[attr-defined]


def show(database: Database, number: int) -> Shown:
    with database.reading() as db:
        m = load_meeting(db, number)
        people = [(a.officer.name, a.officer.email or "") for a in m.attendees]
        return Shown(m.uid, m.title, m.start, m.end, letters.place(m), people)


def send_plainly(smtp: smtplib.SMTP, meeting: Shown, settings: Settings) -> None:
    calendar = plain_calendar(meeting, settings.mailbox)
    agenda = "\n".join(f"{n}. {title}" for n, title in enumerate(TITLES, 1))
    for name, address in meeting.people:
        text = (
            f"{name}：\n\n会议：{meeting.title}\n时间：{meeting.start.astimezone(HERE)}\n"
            f"地点：{meeting.room}\n\n议程：\n{agenda}\n\n{settings.public_url}/r/{'x' * 43}\n"
        )
        mail = EmailMessage(policy=SMTP)
        mail["From"] = mail["Reply-To"] = f"周书记 <{settings.mailbox}>"
        mail["To"] = f"{name} <{address}>"
        mail["Subject"] = f"会议通知：{meeting.title}"
        mail["Message-ID"] = f"<{meeting.uid}.{address}>"
        mail.set_content(text, cte="base64")
        page = f"<!doctype html><html><body><p>{text}</p>{'<td></td>' * 60}</body></html>"
        mail.add_alternative(page, subtype="html", cte="base64")
        mail.add_alternative(
            calendar.decode(), subtype="calendar", cte="base64", params={"method": "REQUEST"}
        )
        mail.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")
        smtp.sendmail(settings.mailbox, [address], mail.as_bytes())


def plain_calendar(meeting: Shown, mailbox: str) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//plain//")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    event = icalendar.Event()
    event.add("uid", meeting.uid)
    event.add("sequence", 0)
    event.add("dtstamp", AT)
    event.add("dtstart", meeting.start.astimezone(HERE))
    event.add("dtend", meeting.end.astimezone(HERE))
    event.add("summary", meeting.title)
    event.add("location", meeting.room)
    event.add("description", "\n".join(TITLES))
    event.add("status", "CONFIRMED")
    event.add("organizer", icalendar.vCalAddress(f"mailto:{mailbox}"))
    for name, address in meeting.people:
        who = icalendar.vCalAddress(f"mailto:{address}")
        who.params.update({"CN": name, "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"})
        event.add("attendee", who)
    calendar.add_component(event)
    calendar.add_missing_timezones(first_date=date(2026, 1, 1))
    return bytes(calendar.to_ical())


if __name__ == "__main__":
    main()

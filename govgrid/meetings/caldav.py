"""The worker's step that keeps a community's collection on a CalDAV server as our meetings are.

Only times, place and title leave; nobody's name but the convenor's. What we wrote last is kept with
its ETag, so that a turn writes what changed and a kill repeats at most one request of the same bytes.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

import httpx2
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.errors import Invalid, Unavailable
from govgrid.grid.models import Area, Officer
from govgrid.meetings import calendar, feeds
from govgrid.meetings.models import CalendarCopy, Meeting, Stage, Venue
from govgrid.meetings.queries.feed_events import FUTURE, LISTED, PAST, Listed
from govgrid.settings import Settings
from govgrid.trust import trusted
from govgrid.web import language, provisional
from govgrid.words import N_

BATCH = 50
TIMEOUT = 20.0  # seconds
TRIES = 4
LONGEST = timedelta(hours=1)
WRITTEN = (Stage.CONFIRMED, Stage.HELD)
HERE_HOSTS = {"127.0.0.1", "::1", "localhost"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """Where collections lie; `path` holds `{code}` in place of the community's code."""

    base: str
    path: str
    user: str
    password: str = field(repr=False)

    def collection(self, code: str) -> str:
        """Return the path of a community's collection, with a slash at its end."""
        return self.path.replace("{code}", quote(code, safe="")).rstrip("/") + "/"


class Due(NamedTuple):
    """A meeting whose copy is not as it should be."""

    id: int
    version: int
    room_version: int
    code: str
    community: str
    shown: Listed
    copy: CalendarCopy | None


class Refused(Exception):
    """The server does not take one meeting; the others are not held up."""


def server_of(url: str) -> Server:
    """Return the server of `https://user:password@host/path/{code}/`. Raise `Invalid`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _unusable() from error
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE_HOSTS)
    if not secure or not parts.hostname or "{code}" not in parts.path:
        raise _unusable()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    base = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return Server(base, parts.path, unquote(parts.username or ""), unquote(parts.password or ""))


def _unusable() -> Invalid:
    # The address is not repeated: it may hold a password.
    return Invalid(
        N_(
            "GOVGRID_CALDAV_URL 无法识别，请写成 https://用户:密码@主机/路径/{code}/，"
            "{code} 代表社区编号。"
        )
    )


def write_calendars(database: Database, at: datetime) -> int:
    """Write what changed since the last turn; return how many meetings.

    Raise `Unavailable` where the server does not answer.
    """
    server = server_of(database.settings.caldav_url)
    with database.reading() as db:
        due = _due(db, at)
    if not due:
        return 0
    done = 0
    with _client(server) as client:
        for one in due:
            try:
                copy = _write(client, server, database, one)
            except Refused as refused:
                _log.warning("meeting %s not written by CalDAV: %s", one.id, refused)
                copy = _later(one, at)
            except httpx2.HTTPError as error:
                why = type(error).__name__
                raise Unavailable("无法连接日历服务器：%(why)s", why=why) from error
            else:
                done += 1
            with database.writing() as db:
                db.merge(copy)
    return done


def _due(db: Session, at: datetime) -> Sequence[Due]:
    copy = CalendarCopy
    differs = or_(
        copy.version != Meeting.version,
        copy.room_version != Venue.version,
        copy.code != Area.code,
    )
    rows = db.execute(
        select(
            Meeting.id, Meeting.version, Venue.version, Area.code, Area.name, *LISTED, copy
        )
        .join(Area, Area.id == Meeting.community_id)
        .join(Venue, Venue.id == Meeting.venue_id)
        .join(Officer, Officer.id == Meeting.convenor_id)
        .outerjoin(copy, copy.meeting_id == Meeting.id)
        .where(
            Meeting.invited_at.is_not(None),
            Meeting.start.between(at - PAST, at + FUTURE),
            or_(
                and_(copy.meeting_id.is_(None), Meeting.stage.in_(WRITTEN)),
                and_(differs, or_(copy.retry_after.is_(None), copy.retry_after <= at)),
            ),
        )
        .order_by(Meeting.start, Meeting.id)
        .limit(BATCH)
    ).all()  # fmt: skip
    db.expunge_all()
    return [Due(*row[:5], Listed._make(row[5:15]), row[15]) for row in rows]


def _write(client: httpx2.Client, server: Server, database: Database, one: Due) -> CalendarCopy:
    """Make the server hold the meeting as it is, and return what it holds."""
    old = one.copy
    etag = old.etag if old else ""
    path = server.collection(one.code) + quote(one.shown.uid, safe="") + ".ics"
    if old and old.href and (old.href != path or one.shown.stage not in WRITTEN):
        _delete(client, old.href, old.etag)
        etag = ""
    if one.shown.stage in WRITTEN:
        etag = _put(client, server, one, path, _bytes(database, one.shown), etag)
    else:
        path = ""
    return CalendarCopy(
        meeting_id=one.id, version=one.version, room_version=one.room_version, code=one.code,
        href=path, etag=etag, failures=0, retry_after=None,
    )  # fmt: skip


def _later(one: Due, at: datetime) -> CalendarCopy:
    failures = (one.copy.failures if one.copy else 0) + 1
    wait = min(timedelta(minutes=2 ** min(failures, 10)), LONGEST)
    return CalendarCopy(
        meeting_id=one.id, version=0, room_version=0, code=one.code,
        href=one.copy.href if one.copy else "", etag=one.copy.etag if one.copy else "",
        failures=failures, retry_after=at + wait,
    )  # fmt: skip


def _bytes(database: Database, shown: Listed) -> bytes:
    settings: Settings = database.settings
    with (
        database.reading() as db,
        language.speaking(settings.locale),
        provisional.consulting(db),
    ):
        unsettled = bool(provisional.mark(shown.start))
        return calendar.stored(feeds.block(settings.mailbox, shown, provisional=unsettled))


def _put(client: httpx2.Client, server: Server, one: Due, path: str, data: bytes, etag: str) -> str:
    """Put the bytes over what we know to be there; our database decides where others changed it."""
    for _attempt in range(TRIES):
        known = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **known}
        answer = client.put(path, content=data, headers=headers)
        if answer.status_code in {200, 201, 204}:
            return answer.headers.get("etag") or _etag(client, path)
        if answer.status_code == 412:
            etag = _etag(client, path)
        elif answer.status_code in {404, 409}:
            _make(client, server.collection(one.code), one.community)
        else:
            break
    raise Refused(f"PUT {answer.status_code}")


def _delete(client: httpx2.Client, path: str, etag: str) -> None:
    for _attempt in range(TRIES):
        answer = client.delete(path, headers={"If-Match": etag} if etag else {})
        if answer.status_code in {200, 204, 404, 410}:
            return
        if answer.status_code != 412:
            break
        etag = _etag(client, path)
        if not etag:
            return  # somebody took it away
    raise Refused(f"DELETE {answer.status_code}")


def _etag(client: httpx2.Client, path: str) -> str:
    """Return the ETag of what lies there now; nothing where nothing does."""
    answer = client.get(path)
    if answer.status_code in {404, 410}:
        return ""
    if answer.status_code != 200:
        raise Refused(f"GET {answer.status_code}")
    return str(answer.headers.get("etag", ""))


def _make(client: httpx2.Client, path: str, name: str) -> None:
    body = (
        '<?xml version="1.0" encoding="utf-8"?><C:mkcalendar xmlns:D="DAV:"'
        ' xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>'
        f"{escape(name)}</D:displayname></D:prop></D:set></C:mkcalendar>"
    )
    answer = client.request(
        "MKCALENDAR", path, content=body.encode(), headers={"Content-Type": "application/xml"}
    )
    if answer.status_code not in {201, 405, 409}:  # 405, 409: it is there
        raise Refused(f"MKCALENDAR {answer.status_code}")


@contextmanager
def _client(server: Server) -> Iterator[httpx2.Client]:
    auth = httpx2.BasicAuth(server.user, server.password) if server.user else None
    with httpx2.Client(
        base_url=server.base, auth=auth, timeout=TIMEOUT, trust_env=False, verify=trusted()
    ) as client:
        yield client

"""Calendars outside: add and drop an address, read each again every hour, only from the worker."""

import http.client
import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from govgrid import journal
from govgrid.access import Actor
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid, NotFound, Refusal
from govgrid.grid.actions.absences import may_keep, replace_busy
from govgrid.grid.imports.busy import CAP, Busy, Ours, busy_times, without_ours
from govgrid.grid.models import Absence, BusyFeed, Officer
from govgrid.outbox.worker import Step
from govgrid.trust import trusted
from govgrid.words import N_

AGAIN = timedelta(hours=1)
MOST = 3  # calendars of one officer
HOPS = 3
SECONDS = 20.0
_HEADERS = {"Accept": "text/calendar", "User-Agent": "govgrid"}
_log = logging.getLogger(__name__)
UNREACHABLE = N_("无法连接日历服务器，将在一小时后重试。")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: the checked address of the host, so that a second look-up changes nothing."""

    host: str
    port: int
    path: str
    ip: str


def add_feed(
    db: Session, actor: Actor, officer: Officer, address: str, *, at: datetime, today: date
) -> BusyFeed:
    """Take an address; the worker reads it at its next turn."""
    may_keep(db, actor, officer, today)
    address = https(address)
    known = db.scalars(select(BusyFeed).where(BusyFeed.officer_id == officer.id)).all()
    if any(feed.address == address for feed in known):
        raise Conflict("这个日历地址已经添加过。")
    if len(known) >= MOST:
        raise Invalid("每人最多订阅 %(most)s 个日历，请先删除不用的。", most=MOST)
    host = urlsplit(address).hostname or ""
    made = BusyFeed(officer_id=officer.id, address=address, host=host, added_at=at, read_after=at)
    db.add(made)
    db.flush()
    journal.record(db, actor, "add_feed", "officer", officer.code, host=host)
    return made


def delete_feed(db: Session, actor: Actor, officer: Officer, number: int, *, today: date) -> None:
    """Drop an address and the times that came from it."""
    may_keep(db, actor, officer, today)
    feed = db.get(BusyFeed, number)
    if feed is None or feed.officer_id != officer.id:
        raise NotFound("该日历订阅已不存在，请刷新页面。")
    db.execute(delete(Absence).where(Absence.feed_id == feed.id))
    db.delete(feed)
    journal.record(db, actor, "delete_feed", "officer", officer.code, host=feed.host)


def reading(ours: Ours) -> Step:
    """Return the worker's step that reads one calendar whose hour has come."""

    def read_feed(database: Database, at: datetime) -> int:
        feed = _lease(database, at)
        if feed is None:
            return 0
        try:
            data = fetch(feed.address, database.settings.feed_hosts)
            found, failure = busy_times(data, at), None
        except Refusal as refusal:
            found, failure = [], str(refusal)[:200]
        except (OSError, http.client.HTTPException, ValueError) as error:
            _log.warning("calendar %s at %s not read: %s", feed.id, feed.host, type(error).__name__)
            found, failure = [], UNREACHABLE
        with database.writing() as db:
            _store(db, feed.id, found, failure, ours, at)
        return 1

    return read_feed


def _lease(database: Database, at: datetime) -> BusyFeed | None:
    with database.reading() as db:
        if db.scalar(select(BusyFeed.id).where(BusyFeed.read_after <= at).limit(1)) is None:
            return None
    with database.writing() as db:
        feed = db.scalar(
            select(BusyFeed)
            .where(BusyFeed.read_after <= at)
            .order_by(BusyFeed.read_after)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if feed is not None:
            feed.read_after = at + AGAIN
            db.flush()
            db.expunge(feed)
    return feed


def _store(
    db: Session, number: int, found: list[Busy], failure: str | None, ours: Ours, at: datetime
) -> None:
    feed = db.get(BusyFeed, number, options=[joinedload(BusyFeed.officer)])
    if feed is None:
        return  # dropped meanwhile
    feed.failure = failure
    if failure is None:
        feed.read_at = at
        spans = without_ours(db, found, ours)
        if replace_busy(db, feed.officer_id, feed.id, spans, at):
            journal.record(db, None, "read_feed", "officer", feed.officer.code, times=len(spans))


def https(address: str) -> str:
    """Return the address as one that may be fetched. Raise `Invalid`."""
    address = address.strip()
    if address.lower().startswith("webcal://"):
        address = "https://" + address[len("webcal://") :]
    try:
        parts = urlsplit(address)
        fits = parts.scheme == "https" and bool(parts.hostname) and parts.port in {None, 443, 8443}
    except ValueError:
        fits = False
    if (
        not fits
        or not address.isascii()
        or len(address) > 1000
        or not address.isprintable()
        or " " in address
    ):
        raise Invalid("请填写以 https:// 开头的日历订阅地址。")
    if parts.username or parts.password:
        raise Invalid("日历地址中不能含有用户名和密码；请使用日历服务提供的私密订阅地址。")
    return address


def fetch(address: str, allowed: Collection[str] = ()) -> bytes:
    """Return what stands at the address, following a few redirects, each checked anew.

    Raise `Invalid` where it is not allowed or not there, `OSError` where it does not answer.
    `allowed` are host names that may have private addresses.
    """
    until = time.monotonic() + SECONDS
    for _hop in range(HOPS + 1):
        answer = _ask(target_of(https(address), allowed), until)
        if isinstance(answer, bytes):
            return answer
        address = urljoin(address, answer)
    raise Invalid("日历地址转向次数过多，请填写最终的订阅地址。")


def target_of(address: str, allowed: Collection[str]) -> Target:
    """Return where to connect. Raise `Invalid` where the host is not in the public network."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 443
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ips = [str(entry[4][0]) for entry in found]
    if host not in allowed and not all(_public(ip) for ip in ips):
        raise Invalid(
            "日历地址指向内部网络，未读取；如确需使用，请由管理员设置 GOVGRID_FEED_HOSTS。"
        )
    path = parts.path or "/"
    return Target(host, port, f"{path}?{parts.query}" if parts.query else path, ips[0])


def _public(text: str) -> bool:
    ip = ipaddress.ip_address(text.partition("%")[0])
    # 64:ff9b::/96 and 2002::/16 carry an IPv4 address of anybody's choice inside.
    tunnels = isinstance(ip, ipaddress.IPv6Address) and (
        ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in ipaddress.ip_network("64:ff9b::/96")
    )
    return ip.is_global and not ip.is_multicast and not tunnels


class _Pinned(http.client.HTTPSConnection):
    """Connects to the address that was checked, and wants the certificate of the host."""

    def __init__(self, target: Target, seconds: float) -> None:
        self._target, self._context_ = target, trusted()
        super().__init__(target.host, target.port, timeout=seconds, context=self._context_)

    def connect(self) -> None:
        raw = socket.create_connection((self._target.ip, self._target.port), self.timeout)
        self.sock = self._context_.wrap_socket(raw, server_hostname=self._target.host)

    def cut(self) -> None:
        """End whatever is being read."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _ask(target: Target, until: float) -> bytes | str:
    """Return the body, or the address of a redirect."""
    left = max(1.0, until - time.monotonic())
    connection = _Pinned(target, min(10.0, left))
    # Each read has its own limit; a server that sends a byte a second needs one over all.
    alarm = threading.Timer(left, connection.cut)
    alarm.start()
    try:
        connection.request("GET", target.path, headers=_HEADERS)
        answer = connection.getresponse()
        if answer.status in {301, 302, 303, 307, 308}:
            return answer.getheader("Location") or ""
        if answer.status != http.client.OK:
            raise Invalid(
                "日历服务器拒绝了请求（%(status)s），请核对订阅地址。", status=answer.status
            )
        return _body(answer)
    finally:
        alarm.cancel()
        connection.close()


def _body(answer: http.client.HTTPResponse) -> bytes:
    data = answer.read(CAP + 1)
    if len(data) > CAP:
        raise Invalid("日历文件超过 1 MB，请只导出近期的日程。")
    return data

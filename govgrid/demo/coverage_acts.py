"""Made-up acts upon coverage: a scan, a correction, and a wrong sheet that was taken back."""

import struct
import zlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import ActingPost, Actor, Role
from govgrid.demo.divisions import SHOWCASE_STREET
from govgrid.demo.seed import chance
from govgrid.demo.table import csv_bytes
from govgrid.demo.ways import ways
from govgrid.grid.models import OLD_KINDS, Area, Compound, Officer
from govgrid.oldcompounds.actions import correct_coverage, keep_scan, undo_act
from govgrid.oldcompounds.imports import load
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.queries import last_act
from govgrid.oldcompounds.queries.acts import latest_acts
from govgrid.oldcompounds.queries.stored import stored

_HEADINGS = "小区编号 管理方式 管理单位 起始日期 截止日期 协议编号"
_LIAISON = 6  # whose place among the demo's sign-ins
WIDTH, HEIGHT = 620, 877  # a page at 75 dots an inch


def add_coverage_acts(db: Session, today: date, at: datetime) -> None:
    """Let the street's liaison scan agreements, mend a date, and take a wrong sheet back."""
    street = db.scalars(select(Area).where(Area.code == SHOWCASE_STREET)).one()
    person = ways(today)[_LIAISON].person
    officer = db.scalars(select(Officer).where(Officer.code == person.code)).one()
    post = ActingPost(Role.LIAISON, street.id, street.path, street.name)
    actor = Actor(officer.id, officer.id, officer.name, (post,))
    homes = _old_compounds(db, street)
    _take_back_a_sheet(db, actor, homes, today, at)
    histories = stored(db, [home.id for home in homes])
    agreed = [
        (home, kept.terms)
        for home in homes
        for kept in histories.get(home.id, {}).values()
        if kept.terms.agreement and kept.terms.until and kept.terms.until > today
    ]
    for number, (home, terms) in enumerate(agreed[:4]):
        rng = chance("scan", home.code)
        scan = keep_scan(db, actor, f"{terms.agreement}.png", page(rng), at=at)
        wanted, reason = replace(terms, scan=scan), "补传协议扫描件"
        if number == 0 and terms.until:
            wanted = replace(wanted, until=terms.until + timedelta(days=1))
            reason = "协议原件截止日为次日，原登记少一天"
        correct_coverage(
            db, actor, home, terms.since, wanted, seen=last_act(db, home.id), reason=reason, at=at
        )


def _old_compounds(db: Session, street: Area) -> list[Compound]:
    rows = (
        select(Compound)
        .join(Compound.community)
        .where(Area.parent_id == street.id, Compound.kind.in_(OLD_KINDS))
        .order_by(Compound.code)
    )
    return list(db.scalars(rows))


def _take_back_a_sheet(
    db: Session, actor: Actor, homes: list[Compound], today: date, at: datetime
) -> None:
    since = today - timedelta(days=3650)
    rows = [
        (home.code, Mode.SELF_MANAGED.word, None, since, since + timedelta(days=364), None)
        for home in homes[:6]
    ]
    outcome = load(db, actor, csv_bytes(_HEADINGS, rows), "十年前的管理方式.csv", at=at)
    if outcome.created:
        act, _undone = latest_acts(db, 1)[0]
        reason = "年份录错，应为二十年前，核实后重新导入"
        undo_act(db, actor, act.id, reason=reason, at=at)


def page(rng: Random) -> bytes:
    """Return a page that looks like a scanned agreement from afar, as PNG in grey."""
    white, rows = bytes([0]) + bytes([250]) * WIDTH, []
    y = 0
    while y < HEIGHT:
        tall, gap = (14, 26) if y < 120 else (7, 13)
        wide = rng.randint(140, 220) if y < 120 else rng.randint(360, WIDTH - 140)
        left = (WIDTH - wide) // 2 if y < 120 else 70
        inked = 80 < y < HEIGHT - 110 and rng.random() < 0.93
        line = bytearray(white)
        if inked:
            for x in range(left, left + wide, 12):
                line[1 + x : 1 + x + 9] = bytes([rng.randint(60, 120)]) * 9
        rows += [bytes(line)] * tall + [white] * gap
        y += tall + gap
    pixels = zlib.compress(b"".join(rows[:HEIGHT]), 6)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

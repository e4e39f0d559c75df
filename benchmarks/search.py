"""The archive of a city's year searched: `python -m benchmarks search [sqlite|postgresql]`.

120,000 signed minutes of 10,000 units; every question is asked as the page asks it, warm, by
somebody of the city, a street and a community, with words that stand in all, some and few of them.
"""

import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks.engines import ENGINES, analyze, opened
from benchmarks.rates import lay_ground
from govgrid.access import ActingPost, Actor, Role
from govgrid.db import Database
from govgrid.grid.imports.store import insert_rows
from govgrid.grid.models import Area, Compound, Officer
from govgrid.meetings.models import (
    Meeting,
    Minutes,
    MinutesStage,
    MinutesText,
    Retention,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.queries.texts import Wanted, search, texts_of
from govgrid.meetings.rules.minutes import excerpt, pairs
from tests.meetings.papers.seeded import name_of, text_of

MONTHS, PAGE, TIMES = 12, 21, 7
PARAGRAPHS = 4000
EACH = 14
RARE = "龘靐"
QUESTIONS = (
    ("two characters, in nearly all", ("电梯",)),
    ("one character", ("梯",)),
    ("four characters, in some", ("消防通道",)),
    ("eight characters, in few", ("社区电梯停车消防",)),
    ("two words", ("充电", "漏水")),
    ("a name", ("赵彧犇",)),
    ("a number", ("GD-004321",)),
    ("two rare characters", (RARE,)),
    ("what stands nowhere", ("鼋鼍蛟龙",)),
    ("no word: the newest", ()),
)


def main() -> None:
    for engine in sys.argv[1:] or ENGINES:
        with opened(engine) as database:
            began = time.perf_counter()
            lay(database)
            analyze(database)
            print(f"{engine}: laid in {time.perf_counter() - began:.0f} s, {_size(database)} MiB")
            with database.reading() as db:
                for who, actor in actors(db).items():
                    ask(db, who, actor)


def actors(db: Session) -> dict[str, Actor]:
    """Return somebody of the city, and of the first street and community with a meeting."""
    home = db.scalars(
        select(Area).join(Meeting, Meeting.community_id == Area.id).order_by(Area.id).limit(1)
    ).one()
    codes = home.path.strip("/").split("/")
    found = {}
    for who, role, code in (
        ("the city", Role.HOUSING_OFFICER, codes[0]),
        ("a district", Role.HOUSING_OFFICER, codes[1]),
        ("a street", Role.LIAISON, codes[2]),
        ("a community", Role.SECRETARY, codes[3]),
    ):
        area = db.scalars(select(Area).where(Area.code == code)).one()
        found[who] = Actor(0, 0, who, (ActingPost(role, area.id, area.path, area.name),))
    return found


def ask(db: Session, who: str, actor: Actor) -> None:
    for what, words in QUESTIONS:
        took, found = [], []
        for _ in range(TIMES):
            begun = time.perf_counter()
            found = search(db, actor, Wanted(words), PAGE)
            said = texts_of(db, found) if words else {}
            for one in found:
                excerpt(said.get(one.id, ""), words)
            took.append(time.perf_counter() - begun)
            db.expunge_all()
        print(f"  {who:12} {what:30} {1000 * statistics.median(took):7.1f} ms"
              f" (at most {1000 * max(took):.1f}), {len(found)} found", flush=True)  # fmt: skip


def lay(database: Database) -> None:
    """Lay units, meetings and minutes; texts share paragraphs, whose pairs are cut once."""
    lay_ground(database)
    rng = random.Random(1)
    pool = [text_of(rng, 60) for _ in range(PARAGRAPHS)]
    cut = [pairs(one) for one in pool]
    names = [name_of(rng) for _ in range(500)]
    with database.writing() as db:
        insert_rows(db, Officer, [{"id": 1, "code": "RY1", "name": "召集人"}])
        homes = db.execute(select(Compound.id, Compound.community_id)).all()
        rooms = sorted({home for _id, home in homes})
        insert_rows(db, Venue, [{"id": h, "community_id": h, "name": "会议室"} for h in rooms])
        insert_rows(db, Unit, [
            {"id": n, "compound_id": n, "community_id": home, "venue_id": home} for n, home in homes
        ])  # fmt: skip
    for month in range(MONTHS):
        with database.writing() as db:
            lay_month(db, month, homes, rng, pool, cut, names)


def lay_month(
    db: Session, month: int, homes: Any, rng: random.Random, pool: list[str],
    cut: list[list[str]], names: list[str],
) -> None:  # fmt: skip
    first = date(2025 + (month + 10) // 12, (month + 10) % 12 + 1, 1)
    start = datetime(first.year, first.month, 10, 1, tzinfo=UTC)
    numbers = [(month * len(homes) + n, *home) for n, home in enumerate(homes, 1)]
    insert_rows(db, Meeting, [
        {
            "id": n, "uid": f"m{n}", "unit_id": unit, "community_id": home, "month": first,
            "stage": Stage.HELD, "title": f"小区{unit}联席会议", "start": start,
            "end": start + timedelta(hours=1), "venue_id": home, "convenor_id": 1,
        }
        for n, unit, home in numbers
    ])  # fmt: skip
    insert_rows(db, Minutes, [
        {
            "id": n, "meeting_id": n, "number": 1, "issue": month + 1, "drafted_by": "召集人",
            "stage": MinutesStage.SIGNED, "signed_at": start + timedelta(days=2),
            "archived_at": start + timedelta(days=2), "retention": Retention.THIRTY,
            "record": {"title": f"小区{unit}"}, "record_hash": "0" * 64, "paper": f"{n:064}",
            "code": f"{n:010}", "signer_id": 1, "version": 1,
        }
        for n, unit, _home in numbers
    ])  # fmt: skip
    texts, grams = [], []
    for n, unit, home in numbers:
        chosen = rng.sample(range(PARAGRAPHS), EACH)
        head = f"小区{unit}联席会议 工单GD-{n:06} {rng.choice(names)}" + (
            RARE if n % 40000 == 7 else ""
        )
        texts.append({"minutes_id": n, "text": "\n".join((head, *(pool[c] for c in chosen)))})
        found = {f"xc{home}", f"xy{first.year}", *pairs(head), *(p for c in chosen for p in cut[c])}
        grams.append({"id": n, "grams": found})
    insert_rows(db, MinutesText, texts)
    index(db, grams)


def index(db: Session, grams: list[dict[str, Any]]) -> None:
    if db.get_bind().dialect.name == "sqlite":
        rows: Iterator[Any] = ({"id": g["id"], "grams": " ".join(g["grams"])} for g in grams)
        statement = "INSERT INTO minutes_fts (rowid, grams) VALUES (:id, :grams)"
    else:
        rows = ({"id": g["id"], "grams": list(g["grams"])} for g in grams)
        statement = "INSERT INTO minutes_fts (id, grams) VALUES (:id, array_to_tsvector(:grams))"
    db.execute(text(statement), list(rows))


def _size(database: Database) -> int:
    if database.sqlite:
        path = Path(str(database.engine.url.database))
        return sum(p.stat().st_size for p in path.parent.glob(path.name + "*")) // 2**20
    with database.reading() as db:
        return int(db.scalar(text("SELECT pg_database_size(current_database())")) or 0) // 2**20


if __name__ == "__main__":
    main()

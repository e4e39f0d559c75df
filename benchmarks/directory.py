"""The directory with a city loaded, next to a LIKE scan of the same tables: `make bench`."""

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from benchmarks.engines import ENGINES, analyze, opened
from govgrid.access import ActingPost, Actor, Role, under
from govgrid.db import Database
from govgrid.grid.imports.store import insert_coded, insert_rows
from govgrid.grid.models import (
    Area,
    AreaKey,
    Compound,
    CompoundKey,
    CompoundKind,
    Level,
    Officer,
    OfficerKey,
    Post,
)
from govgrid.grid.queries.directory import MOST, find, sight_of

ON = date(2026, 11, 24)
DISTRICTS, STREETS, COMMUNITIES, GRIDS, MICRO_GRIDS = 20, 261, 3047, 14_020, 126_449
COMPOUNDS, OFFICERS = 10_000, 130_000
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉梅兰红文辉建国志海波飞鹏宇欣怡子涵梓轩浩然晨曦雨嘉乐重行"
PLACE = "锦江青竹棕树望平玉林桂溪金沙草堂浣花百花双楠芳草肖家牛市东光龙舟莲新盐道春熙督院红星三圣成华龙潭跳蹬"
HOMES = ("苑", "花园", "小区", "公寓", "家园", "院", "雅居", "新村")
QUERIES = (
    "王",
    "wangfang",
    "w",
    "zhangwei",
    "lzj",
    "锦江",
    "竹苑",
    "51010700",
    "ry0001",
    "锦江路12号",
    "cql",
    "王芳 锦江",
    "没有这个人",
)


def main() -> None:
    for engine in ENGINES:
        with opened(engine) as database:
            measure(engine, database)


def measure(engine: str, database: Database) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    with database.writing() as db:
        load(db)
    print(
        f"{engine}: city loaded in {time.perf_counter() - wall:.1f} s wall, {time.process_time() - cpu:.1f} s CPU"
    )
    analyze(database)
    with database.reading() as db:
        for table in (OfficerKey, CompoundKey, AreaKey):
            print(
                f"  {table.__tablename__}: {db.scalar(select(func.count()).select_from(table)):,}"
            )
        for level in (Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID):
            compare(db, level, actor_at(db, level))


def compare(db: Session, level: Level, actor: Actor) -> None:
    ours = [timed(lambda q=q: find(db, sight_of(db, actor), q, ON)) for q in QUERIES]
    peers = [timed(lambda q=q: like_scan(db, actor, q), 1) for q in QUERIES]
    worst = max(range(len(ours)), key=lambda n: ours[n])
    ratio = statistics.median(peer / own for own, peer in zip(ours, peers, strict=True))
    print(
        f"  {level.value}: median {statistics.median(ours):.1f} ms, worst {ours[worst]:.1f} ms "
        f"({QUERIES[worst]}); LIKE scan median {statistics.median(peers):.1f} ms, "
        f"{ratio:.0f} times as long"
    )


def timed(call: Callable[[], Any], times: int = 3) -> float:
    """Return the median milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def like_scan(db: Session, actor: Actor, query: str) -> list[int]:
    """Find the same without keys: names, numbers and addresses that hold the text."""
    paths, community = actor.paths(), aliased(Area)
    people = (
        select(Officer.id)
        .join(Post, Post.officer_id == Officer.id)
        .outerjoin(Area, Area.id == Post.area_id)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .outerjoin(community, community.id == Compound.community_id)
        .where(or_(Officer.name.contains(query), func.lower(Officer.code).contains(query)))
        .where(or_(under(Area.path, paths), under(community.path, paths)))
    )
    homes = (
        select(Compound.id)
        .join(Area, Area.id == Compound.community_id)
        .where(or_(Compound.name.contains(query), Compound.address.contains(query)))
        .where(under(Area.path, paths))
    )
    areas = select(Area.id).where(
        or_(Area.name.contains(query), Area.code.contains(query)), under(Area.path, paths)
    )
    return [n for wanted in (people, homes, areas) for n in db.scalars(wanted.limit(MOST))]


def actor_at(db: Session, level: Level) -> Actor:
    area = db.scalars(select(Area).where(Area.level == level).order_by(Area.path).limit(1)).one()
    post = ActingPost(Role.HOUSING_OFFICER, area.id, area.path, area.name)
    return Actor(1, 1, "x", (post,))


@dataclass(frozen=True, slots=True)
class Node:
    id: int
    code: str
    name: str
    path: str


def load(db: Session) -> None:
    """Load the whole city: about 290,000 areas, compounds and officers with their posts."""
    chance = random.Random(7)
    city = Node(
        *_one(db, {"code": "5101", "name": "锦里市", "level": Level.CITY, "path": "/5101/"}),
        "锦里市",
        "/5101/",
    )
    districts = _below(db, [city], DISTRICTS, Level.DISTRICT, "区", 2, chance)
    streets = _below(db, districts, STREETS, Level.STREET, "街道", 3, chance)
    communities = _below(db, streets, COMMUNITIES, Level.COMMUNITY, "社区", 3, chance)
    grids = _below(db, communities, GRIDS, Level.GRID, "网格", 3, chance)
    micro_grids = _below(db, grids, MICRO_GRIDS, Level.MICRO_GRID, "微网格", 3, chance)
    homes = _compounds(db, communities, chance)
    _officers(db, [
        *((Role.LIAISON, s.id, None) for s in streets),
        *((Role.SECRETARY, c.id, None) for c in communities),
        *((Role.GRID_LEADER, g.id, None) for g in grids),
        *((Role.MICRO_GRID_MEMBER, m.id, None) for m in micro_grids),
        *((Role.PROJECT_MANAGER, None, n) for n in homes),
    ], chance)  # fmt: skip


def _one(db: Session, values: dict[str, Any]) -> tuple[int, str]:
    empty = {"parent_id": None, "external_code": None, "managing_area_id": None, "version": 1}
    (found,) = insert_coded(db, Area, [{**empty, **values}]).items()
    return found[1], found[0]


def _below(
    db: Session,
    above: list[Node],
    number: int,
    level: Level,
    word: str,
    digits: int,
    chance: random.Random,
) -> list[Node]:
    counts = [number // len(above) + (n < number % len(above)) for n in range(len(above))]
    rows = []
    for parent, many in zip(above, counts, strict=True):
        for serial in range(1, many + 1):
            code = f"{parent.code}{serial:0{digits}d}"
            named = (
                f"第{serial}{word}"
                if word.endswith("网格")
                else "".join(chance.sample(PLACE, 2)) + word
            )
            if level is Level.GRID:
                named = parent.name + named
            rows.append({
                "code": code, "name": named, "level": level, "parent_id": parent.id,
                "path": f"{parent.path}{code}/", "external_code": None,
                "managing_area_id": None, "version": 1,
            })  # fmt: skip
    ids = insert_coded(db, Area, rows)
    return [Node(ids[row["code"]], row["code"], row["name"], row["path"]) for row in rows]


def _compounds(db: Session, communities: list[Node], chance: random.Random) -> list[int]:
    rows = []
    for number, home in zip(range(COMPOUNDS), itertools.cycle(communities), strict=False):
        name = "".join(chance.sample(PLACE, 2)) + chance.choice(HOMES)
        street = "".join(chance.sample(PLACE, 2))
        rows.append({
            "code": f"XQ{number:06d}", "name": name, "kind": CompoundKind.COMMODITY,
            "community_id": home.id, "grid_id": None, "version": 1,
            "address": f"锦里市{home.name}{street}路{chance.randint(1, 400)}号",
            "longitude": None, "latitude": None, "households": 300, "floor_area": None,
            "buildings": None, "built_year": None, "company_id": None, "contract_until": None,
        })  # fmt: skip
    return list(insert_coded(db, Compound, rows).values())


def _officers(
    db: Session, seats: list[tuple[Role, int | None, int | None]], chance: random.Random
) -> None:
    names = list(itertools.islice(_names(chance), OFFICERS))
    rows = [
        {"code": f"RY{n:06d}", "name": name, "organization_id": None, "phone": None, "email": None, "version": 1}
        for n, name in enumerate(names)
    ]  # fmt: skip
    ids = list(insert_coded(db, Officer, rows).values())
    insert_rows(db, Post, [
        {"officer_id": holder, "role": role, "area_id": area, "compound_id": home, "since": None, "until": None}
        for holder, (role, area, home) in zip(itertools.cycle(ids), seats, strict=False)
    ])  # fmt: skip


def _names(chance: random.Random) -> Iterator[str]:
    while True:
        yield chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


if __name__ == "__main__":
    main()

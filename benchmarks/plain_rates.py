"""A made-up city in sheets, and its four rates counted by hand: nothing of govgrid is imported.

The days off of 2025 are written out from the State Council's notice for that year.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

CHINA = timezone(timedelta(hours=8))
OFF = {
    *(date(2025, 1, 28) + timedelta(n) for n in range(8)),
    *(date(2025, 10, 1) + timedelta(n) for n in range(8)),
    date(2025, 1, 1),
}
MADE_UP = {date(2025, 1, 26), date(2025, 2, 8), date(2025, 9, 28), date(2025, 10, 11)}
MONTHS = ("2025-01", "2025-02", "2025-09", "2025-10")
CATEGORIES = ("停车", "漏水", "噪音", "电梯故障", "物业收费")
COUNTS = (
    "received", "replied_in_time", "closed", "closed_in_48h", "rated", "satisfied",
    "outside_remit", "reported",
)  # fmt: skip
RATES = {
    "response_rate": ("replied_in_time", "received"),
    "completion_rate": ("closed", "received"),
    "closed_48h_rate": ("closed_in_48h", "received"),
    "satisfaction_rate": ("satisfied", "rated"),
    "report_rate": ("reported", "outside_remit"),
}
CITY = "5101"
BESIDE = "510109"  # a district without a tree of its own, which manages a street elsewhere
MANAGED = "510102001"
HEADINGS = (
    "工单编号", "来源", "诉求类别", "小区编号", "受理时间", "响应时间", "办结时间", "反馈时间",
    "满意度", "物业职责内", "报告时间", "诉求内容",
)  # fmt: skip
Row = dict[str, str]
MINUTE = timedelta(minutes=1)


class Home(NamedTuple):
    """A compound."""

    code: str
    community: str
    grid: str
    company: str


@dataclass(slots=True)
class Life:
    """A case and its closings: each from when, until when (None: it holds), and what was said."""

    number: str
    home: Home
    category: str
    received: datetime
    replied: datetime | None
    outside: bool | None
    reported: datetime | None
    closings: list[tuple[datetime, datetime | None, bool | None]] = field(default_factory=list)


class Question(NamedTuple):
    """What the command line is asked."""

    month: str
    area: str
    by: str
    as_of: datetime


def make(folder: Path, seed: int, cases: int) -> list[Life]:
    """Write areas, compounds, cases, reopenings and the cases a second time; return the lives."""
    chance = random.Random(seed)
    write(folder / "areas.csv", areas())
    homes = list(compounds(chance))
    names = ("小区编号", "社区代码", "网格代码", "物业企业")
    rows = [dict(zip(names, home, strict=True)) for home in homes]
    write(
        folder / "compounds.csv",
        [{"小区名称": f"小区{r['小区编号']}", "小区类型": "商品房小区"} | r for r in rows],
    )
    lives = [life(chance, number, homes) for number in range(cases)]
    write(folder / "first.csv", [as_row(one, one.closings[:1]) for one in lives])
    again = [one for one in lives if one.closings and one.closings[0][1]]
    reopened = [{"number": one.number, "at": stamp(one.closings[0][1])} for one in again]
    write(folder / "reopened.csv", reopened)
    # Whoever has not closed it again sends the old closing once more: it must not count.
    write(folder / "second.csv", [as_row(one, one.closings[-1:]) for one in again])
    return lives


def write(file: Path, rows: list[Row]) -> None:
    names = HEADINGS if rows and "工单编号" in rows[0] else tuple(rows[0]) if rows else ("number",)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def areas() -> list[Row]:
    found = [area(CITY, "市", "")]
    for district in ("510101", "510102", "510103"):
        found.append(area(district, "区县", CITY))
        for street in ("001", "002"):
            found.append(area(district + street, "街道", district))
            for community in ("001", "002"):
                home = f"{district}{street}{community}"
                found.append(area(home, "社区", district + street))
                found += [area(home + grid, "网格", home) for grid in ("001", "002")]
    found.append(area(BESIDE, "区县", CITY))
    for row in found:
        row["管理单位代码"] = BESIDE if row["代码"] == MANAGED else ""
    return found


def area(code: str, level: str, parent: str) -> Row:
    return {"代码": code, "名称": f"{level}{code}", "层级": level, "上级代码": parent}


def compounds(chance: random.Random) -> Iterator[Home]:
    communities = [row["代码"] for row in areas() if row["层级"] == "社区"]
    for number in range(60):
        community = chance.choice(communities)
        grid = chance.choice(("001", "002", ""))
        company = chance.choice((*(f"物业{n}" for n in range(7)), ""))
        yield Home(f"XQ{number:03}", community, community + grid if grid else "", company)


def life(chance: random.Random, number: int, homes: list[Home]) -> Life:
    """Return a case; its moments lie on the edges more often than not."""
    first = chance.choice(
        [datetime(2025, m, d, tzinfo=CHINA) for m, d in ((1, 1), (1, 25), (2, 1), (2, 7), (9, 25),
         (9, 30), (10, 8), (10, 11), (10, 30))]
    )  # fmt: skip
    edge = chance.choice((0, 1, 1438, 1439))
    minutes = edge if chance.random() < 0.3 else chance.randrange(1440)
    received = first + timedelta(days=chance.randrange(3), minutes=minutes)
    due = reply_due(received)
    replied = chance.choice((None, due - MINUTE, due, due + MINUTE, between(chance, received, 600)))
    outside = chance.choice((True, True, False, None))
    reported = chance.choice((None, between(chance, received, 40_000)))
    made = Life(
        f"GD{number:06}", chance.choice(homes), chance.choice(CATEGORIES), received, replied,
        outside, reported,
    )  # fmt: skip
    solved = received + timedelta(hours=48)
    closed = chance.choice(
        (None, solved - MINUTE, solved, solved + MINUTE, between(chance, received, 50_000))
    )
    while closed is not None:
        undone = between(chance, closed, 30_000) if chance.random() < 0.2 else None
        said = chance.choice((True, True, False, None))
        made.closings.append((closed, undone, said))
        if undone is None or len(made.closings) == 2 or chance.random() < 0.3:
            break
        closed = between(chance, undone, 20_000) + MINUTE
    if len(made.closings) == 2:  # the second one holds
        made.closings[1] = (made.closings[1][0], None, made.closings[1][2])
    return made


def between(chance: random.Random, since: datetime, minutes: int) -> datetime:
    return since + timedelta(minutes=chance.randrange(minutes))


def reply_due(received: datetime) -> datetime:
    day = received.date()
    works = day in MADE_UP or (day.weekday() < 5 and day not in OFF)
    return received + timedelta(hours=2 if works else 4)


def stamp(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def as_row(one: Life, closings: list[tuple[datetime, datetime | None, bool | None]]) -> Row:
    closed, _undone, said = closings[0] if closings else (None, None, None)
    return {
        "工单编号": one.number, "来源": "12345", "诉求类别": one.category,
        "小区编号": one.home.code, "受理时间": stamp(one.received), "响应时间": stamp(one.replied),
        "办结时间": stamp(closed), "满意度": {True: "满意", False: "不满意", None: ""}[said],
        "物业职责内": {True: "否", False: "是", None: ""}[one.outside],
        "报告时间": stamp(one.reported),
    }  # fmt: skip


def questions() -> Iterator[Question]:
    """Yield every kind of row in every kind of area, at moments on and beside the edges."""
    # Outside a district's own tree lies what it manages; below a street nothing is managed.
    above = (CITY, "510101", "510102", BESIDE, MANAGED, "510103002")
    places = {
        "area": (*above, "510102001001", "510103002002"),
        "manager": above,
        "company": (*above, "510102001001", "510102001001001"),
        "compound": (*above, "510102001001", "510102001001001"),
        "category": (*above, "510102001001", "510102001001001"),
    }
    for month in MONTHS:
        year, number = map(int, month.split("-"))
        end = datetime(year, number + 1, 1, tzinfo=CHINA)
        moments = (end, end - MINUTE, end + timedelta(days=9, minutes=7), end + timedelta(days=90))
        for by, codes in places.items():
            for code in codes:
                for at in moments:
                    yield Question(month, code, by, at)


def answer(lives: Iterable[Life], asked: Question) -> tuple[dict[str, list[int]], list[int]]:
    """Return the counts of each row with a case by its key, and of the whole area."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    for one in lives:
        if f"{one.received:%Y-%m}" != asked.month or one.received > asked.as_of:
            continue
        key = row_of(one.home, one.category, asked)
        if key is not None:
            for place, number in enumerate(facts(one, asked.as_of)):
                rows[key][place] += number
    return dict(rows), [sum(column) for column in zip(*rows.values(), strict=True)]


def facts(one: Life, at: datetime) -> tuple[bool, ...]:
    """Return what each count says of one case at that moment, in their order."""
    held = [
        (closed, said)
        for closed, undone, said in one.closings
        if closed <= at and (undone is None or at < undone)
    ]
    closed, said = held[0] if held else (None, None)
    replied = one.replied is not None and one.replied <= at
    outside = one.outside is True
    return (
        True,
        replied and one.replied is not None and one.replied <= reply_due(one.received),
        closed is not None,
        closed is not None and closed - one.received <= timedelta(hours=48),
        said is not None,
        said is True,
        outside,
        outside and one.reported is not None and one.reported <= at,
    )


def row_of(home: Home, category: str, asked: Question) -> str | None:
    """Return the key of the row to which the case counts, None where it lies elsewhere."""
    code = asked.area
    managed = home.community.startswith(MANAGED)
    inside = home.grid == code if len(code) == 15 else home.community.startswith(code)
    if not inside and not (code == BESIDE and managed):
        return None
    if asked.by in {"company", "compound", "category"}:
        return {"company": home.company, "compound": home.code, "category": category}[asked.by]
    if len(code) == 12:
        return home.grid
    return _area_row(home, managed, asked)


def _area_row(home: Home, managed: bool, asked: Question) -> str | None:  # noqa: FBT001
    code = asked.area
    below = {4: 6, 6: 9, 9: 12}[len(code)]
    if code == BESIDE:
        return MANAGED
    if asked.by == "manager" and managed:
        return BESIDE if code == CITY else None
    return home.community[:below]


def rates_of(counts: list[int]) -> dict[str, float | None]:
    """Return the five rates; over nothing there is none."""
    named = dict(zip(COUNTS, counts, strict=True))
    return {
        name: named[part] / named[whole] if named[whole] else None
        for name, (part, whole) in RATES.items()
    }

"""Made-up complaint cases: the last three months and this one up to yesterday."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from govgrid.cases.models import Source
from govgrid.clock import HERE
from govgrid.demo.case_texts import TEXTS, complaint
from govgrid.demo.compounds import compounds
from govgrid.demo.months import months_before
from govgrid.demo.seed import chance, weighted
from govgrid.demo.table import csv_bytes

_SOURCES = (
    (Source.HOTLINE, 0.38),
    (Source.ONE_CLICK, 0.22),
    (Source.SMART_PROPERTY, 0.18),
    (Source.DIRECT, 0.08),
    (Source.OWNERS_GROUP, 0.12),
    (Source.OTHER, 0.02),
)
_PREFIX = {
    Source.HOTLINE: "RX",
    Source.ONE_CLICK: "YJ",
    Source.SMART_PROPERTY: "ZH",
    Source.DIRECT: "ZP",
    Source.OWNERS_GROUP: "YQ",
    Source.OTHER: "QT",
}
_CATEGORIES = [(name, share) for name, (share, _) in TEXTS.items()]
_A_DAY = 26


@dataclass(frozen=True, slots=True)
class DemoCase:
    """One case in the order of the sheet's columns; what has not happened yet is None."""

    number: str
    source: str
    category: str
    compound: str
    received: datetime
    replied: datetime | None
    closed: datetime | None
    fed_back: datetime | None
    satisfied: str | None
    in_remit: bool
    reported: datetime | None
    content: str


def cases_csv(today: date) -> bytes:
    """Return the import sheet of cases as known when `today` begins in Chengdu."""
    headings = (
        "工单编号 来源 诉求类别 小区编号 受理时间 响应时间 办结时间 反馈时间 满意度"
        " 物业职责内 报告时间 诉求内容"
    )
    return csv_bytes(headings, (_row(case) for case in cases(today)))


def cases(today: date) -> Iterator[DemoCase]:
    """Yield the cases day by day; a day's cases are the same seen from any later day."""
    day = months_before(today, 3)
    now = datetime.combine(today, time(), HERE)
    while day < today:
        yield from _of_day(day, now)
        day += timedelta(days=1)


def _row(it: DemoCase) -> tuple[object, ...]:
    return (
        it.number,
        it.source,
        it.category,
        it.compound,
        it.received,
        it.replied,
        it.closed,
        it.fed_back,
        it.satisfied,
        it.in_remit,
        it.reported,
        it.content,
    )


def _of_day(day: date, now: datetime) -> Iterator[DemoCase]:
    rng = chance("cases", day.isoformat())
    count = max(8, round(rng.gauss(_A_DAY if day.weekday() < 5 else _A_DAY - 5, 4)))
    places = rng.choices(compounds(), cum_weights=_weights(), k=count)
    clock = sorted(rng.triangular(6.5, 23, 10.5) for _ in range(count))
    for number, (place, hour) in enumerate(zip(places, clock, strict=True), 1):
        received = datetime.combine(day, time(), HERE) + timedelta(minutes=round(hour * 60))
        yield _case(f"{day:%Y%m%d}{number:04}", place.code, received, now, rng)


def _weights() -> list[float]:
    return list(accumulate(60 + each.households for each in compounds()))


def _case(number: str, compound: str, received: datetime, now: datetime, rng: Random) -> DemoCase:
    source, category = weighted(rng, _SOURCES), weighted(rng, _CATEGORIES)
    replied, closed, fed_back, reported = _course(received, rng)
    rated = weighted(rng, (("满意", 0.80), ("不满意", 0.08), (None, 0.12)))
    in_remit = rng.random() < 0.82
    return DemoCase(
        number=_PREFIX[source] + number,
        source=source.word,
        category=category,
        compound=compound,
        received=received,
        replied=_by(replied, now),
        closed=_by(closed, now),
        fed_back=_by(fed_back, now),
        satisfied=rated if _by(fed_back, now) else None,
        in_remit=in_remit,
        reported=None if in_remit else _by(reported, now),
        content=complaint(category, rng),
    )


def _course(received: datetime, rng: Random) -> tuple[datetime | None, ...]:
    """Draw replied, closed, fed back and reported, whether or not they have happened yet."""

    def later(start: datetime, least: float, most: float) -> datetime:
        return start + timedelta(minutes=round(rng.uniform(least, most)))

    in_time, pace = rng.random() < 0.9, rng.random()
    replied = later(received, 3, 110) if in_time else later(received, 130, 700)
    reported = later(replied, 5, 240) if rng.random() < 0.8 else None
    if pace > 0.95:
        return replied, None, None, reported
    closed = later(replied, 30, 2100) if pace < 0.87 else later(replied, 3000, 14000)
    return replied, closed, later(closed, 5, 600), reported


def _by(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and moment < now else None

"""The State Council's notices of three years, as they were announced, and files in the open form."""

import json
from collections.abc import Iterable
from datetime import date, timedelta

# 国办发明电〔2023〕7号, 国办发明电〔2024〕12号, and the notice for 2026: rest days by month.
OFF = {
    2024: {
        1: (1,), 2: range(10, 18), 4: (4, 5, 6), 5: range(1, 6), 6: (10,), 9: (15, 16, 17),
        10: range(1, 8),
    },
    2025: {
        1: (1, 28, 29, 30, 31), 2: range(1, 5), 4: (4, 5, 6), 5: (1, 2, 3, 4, 5, 31),
        6: (1, 2), 10: range(1, 9),
    },
    2026: {
        1: (1, 2, 3), 2: range(15, 24), 4: (4, 5, 6), 5: range(1, 6), 6: (19, 20, 21),
        9: (25, 26, 27), 10: range(1, 8),
    },
}  # fmt: skip
MADE_UP = {
    2024: {(2, 4), (2, 18), (4, 7), (4, 28), (5, 11), (9, 14), (9, 29), (10, 12)},
    2025: {(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)},
    2026: {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)},
}
STATUTORY_2027 = {
    (1, 1), (2, 5), (2, 6), (2, 7), (2, 8), (4, 5), (5, 1), (5, 2), (6, 9), (9, 15),
    (10, 1), (10, 2), (10, 3),
}  # fmt: skip


def off_days(year: int) -> set[date]:
    """Return the decreed rest days of the year."""
    return {date(year, month, day) for month, days in OFF[year].items() for day in days}


def made_up_days(year: int) -> set[date]:
    """Return the make-up working days of the year."""
    return {date(year, *day) for day in MADE_UP[year]}


def every_day(year: int) -> list[date]:
    """Return the days of the year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def notice(
    year: int, *days: tuple[str, bool], name: str = "元旦", papers: Iterable[str] = ()
) -> bytes:
    """Return a notice's file: day and whether it is off."""
    entries = [{"name": name, "date": day, "isOffDay": off} for day, off in days]
    return json.dumps({"year": year, "papers": list(papers), "days": entries}).encode()


# What the notice for 2027 might say: the file that tests bring into force.
NEXT_YEAR = notice(
    2027,
    ("2026-12-31", True), ("2027-01-01", True), ("2027-01-02", True), ("2027-01-03", False),
    *((f"2027-02-{day:02d}", True) for day in range(5, 13)), ("2027-02-14", False),
    name="春节", papers=["https://www.gov.cn/zhengce/2027.htm"],
)  # fmt: skip

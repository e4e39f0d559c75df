"""What a deadline is as people write it: a day, or so many working days from the meeting."""

import re
from datetime import date

from govgrid.errors import Invalid
from govgrid.workdays import Calendar

MOST_DAYS = 250  # working days: a year
_COUNTED = re.compile(r"(\d{1,3})\s*个?\s*(?:工作日|working days?)(?:内|之内)?")


def deadline_of(written: str, since: date, calendar: Calendar) -> date:
    """Return the working day that is meant; a rest day passes to the next working day.

    That is article 203 of the Civil Code. Raise `Invalid` where it is no day or lies before `since`.
    """
    text = written.strip()
    if counted := _COUNTED.fullmatch(text):
        return _after(since, int(counted[1]), calendar)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            "“%(value)s”不是日期，请写成 2026-12-20，或“5 个工作日”。", value=text[:20]
        ) from None
    if day < since:
        raise Invalid("完成时限不能早于会议日期。")
    return day if calendar.is_workday(day) else calendar.next_workday(day)


def _after(since: date, days: int, calendar: Calendar) -> date:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("工作日数应为 1—%(most)s。", most=MOST_DAYS)
    day = since
    for _ in range(days):
        day = calendar.next_workday(day)
    return day

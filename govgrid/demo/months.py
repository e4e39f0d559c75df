"""Months as their first days."""

from datetime import date, timedelta


def months_before(day: date, count: int) -> date:
    """Return the first day of the month so many months before a day's."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def month_end(month: date) -> date:
    """Return the last day of a month."""
    return months_before(month, -1) - timedelta(days=1)

"""Statutory days of years without a notice: the rule of 2024 over dates of the lunar calendar."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from govgrid.words import N_

# Spring Festival, Tomb-sweeping Day, Dragon Boat, Mid-Autumn as month and day. Worked out from the
# new moons and the solar longitude in Beijing time; beyond them only the fixed dates are known.
_FESTIVALS = {
    2027: ((2, 6), (4, 5), (6, 9), (9, 15)),
    2028: ((1, 26), (4, 4), (5, 28), (10, 3)),
    2029: ((2, 13), (4, 4), (6, 16), (9, 22)),
    2030: ((2, 3), (4, 5), (6, 5), (9, 12)),
    2031: ((1, 23), (4, 5), (6, 24), (10, 1)),
    2032: ((2, 11), (4, 4), (6, 12), (9, 19)),
    2033: ((1, 31), (4, 4), (6, 1), (9, 8)),
    2034: ((2, 19), (4, 5), (6, 20), (9, 27)),
    2035: ((2, 8), (4, 5), (6, 10), (9, 16)),
}


@cache
def statutory(year: int) -> Mapping[date, str]:
    """Return the statutory days of a year with their names.

    State Council decree 795 (2024): New Year 1, Spring Festival 4 from the eve on, Tomb-sweeping 1,
    Labour Day 2, Dragon Boat 1, Mid-Autumn 1, National Day 3.
    """
    days = {
        date(year, 1, 1): N_("元旦"),
        **_run(date(year, 5, 1), 2, N_("劳动节")),
        **_run(date(year, 10, 1), 3, N_("国庆节")),
    }
    if year in _FESTIVALS:
        spring, tombs, boats, moon = (date(year, *day) for day in _FESTIVALS[year])
        days |= _run(spring - timedelta(days=1), 4, N_("春节"))
        days |= {tombs: N_("清明"), boats: N_("端午")}
        days.setdefault(moon, N_("中秋"))
    return days


def _run(first: date, days: int, name: str) -> dict[date, str]:
    return {first + timedelta(days=n): name for n in range(days)}

"""Cells of import sheets: what each reader takes, and what it refuses."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from govgrid.access import Role
from govgrid.errors import Invalid
from govgrid.grid.models import Level
from govgrid.sheets import (
    cells,
    code,
    day,
    decimal,
    listed,
    moment,
    month,
    number,
    text,
    whole,
    word,
    yes_no,
)

# Date cells carry no zone.
MORNING = datetime(2026, 10, 8, 9, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("reader", "cell", "value"),
    [
        (code(), 510107.0, "510107"),
        (code(), "５１０１０７", "510107"),
        (code(), 510107001001001.0, "510107001001001"),
        (text(5), 12.5, "12.5"),
        (text(5), True, "是"),
        (text(20), date(2026, 10, 8), "2026-10-08"),
        (whole(0), "1,200", 1200),
        (whole(), 3.0, 3),
        (number(), "１２.５", 12.5),
        (decimal(4, 0, 1), "93.5%", Decimal("0.9350")),
        (decimal(2), 0.1 + 0.2, Decimal("0.30")),
        (day, MORNING, date(2026, 10, 8)),
        (day, "2026年10月8日", date(2026, 10, 8)),
        (day, "2026/10/8", date(2026, 10, 8)),
        (day, "20261008", date(2026, 10, 8)),
        (moment, "2026-10-08 09:30", datetime(2026, 10, 8, 1, 30, tzinfo=UTC)),
        (moment, "2026-10-08T9:30:15", datetime(2026, 10, 8, 1, 30, 15, tzinfo=UTC)),
        (moment, MORNING - timedelta(microseconds=100), datetime(2026, 10, 8, 1, 30, tzinfo=UTC)),
        (month, "2026-10", date(2026, 10, 1)),
        (month, "2026年10月", date(2026, 10, 1)),
        (month, date(2026, 10, 1), date(2026, 10, 1)),
        (yes_no, "是", True),
        (yes_no, "否", False),
        (word(Role), "网格长", Role.GRID_LEADER),
        (word(Role), "grid_leader", Role.GRID_LEADER),
        (listed(code()), "a；b; a ;", ("a", "b")),
        (listed(code()), 5101.0, ("5101",)),
    ],
)  # fmt: skip
def test_a_cell_is_read(reader: cells.Reader, cell: object, value: object) -> None:
    found = reader(cell)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("reader", "cell"),
    [
        (code(), 510107001001001001),
        (code(), 5.10107001001001e17),
        (code(), "51 01"),
        (code(), "51/01"),
        (code(3), "5101"),
        (text(2), "三个字"),
        (whole(), "1.5"),
        (whole(0), "-1"),
        (whole(0, 9), "10"),
        (number(), "很多"),
        (number(), "1e9"),
        (number(), float("nan")),
        (number(), float("inf")),
        (decimal(2), "1.234"),
        (day, "2026-13-01"),
        (day, "8/10/2026"),
        (day, 46303.0),
        (moment, "2026-10-08"),
        (moment, "2026-10-08 24:00"),
        (month, "2026-13"),
        (yes_no, "也许"),
        (word(Level), "火星"),
    ],
)
def test_a_wrong_cell_is_refused(reader: cells.Reader, cell: object) -> None:
    with pytest.raises(Invalid):
        reader(cell)


def test_a_refusal_names_the_choices() -> None:
    with pytest.raises(Invalid) as caught:
        word(Level)("乡")
    assert "市、区县、街道、社区、网格、微网格、专属网格" in str(caught.value)

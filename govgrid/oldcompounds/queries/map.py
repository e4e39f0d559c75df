"""Where old compounds lie, and who managed each month by month: what the map with its slider shows."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govgrid.grid.models import OLD_KINDS, Area, Compound
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries.scope import within
from govgrid.oldcompounds.rules import MONTHS, sample_days

LETTERS = {
    Mode.PROFESSIONAL: "p",
    Mode.CUSTODIAL: "c",
    Mode.DELEGATED: "d",
    Mode.SELF_MANAGED: "s",
    Mode.NONE: "n",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A compound with its position; `runs` has the letter of its mode for each month."""

    code: str
    name: str
    longitude: float
    latitude: float
    runs: str


def modes_by_month(
    db: Session, area: Area, as_of: date, count: int = MONTHS
) -> tuple[list[Placed], int]:
    """Return the area's placed old compounds as of each month's last day, and how many have no place."""
    days = [on for _first, on in sample_days(as_of, count)]
    homes = db.execute(
        select(Compound.id, Compound.code, Compound.name, Compound.longitude, Compound.latitude)
        .where(within(area, OLD_KINDS))
        .order_by(Compound.code)
    ).all()
    runs = {home.id: [LETTERS[Mode.NONE]] * count for home in homes}
    periods = (
        select(Coverage.compound_id, Coverage.mode, Coverage.since, Coverage.until)
        .join(Compound, Compound.id == Coverage.compound_id)
        .where(
            within(area, OLD_KINDS),
            Coverage.mode != Mode.NONE,
            Coverage.since <= as_of,
            or_(Coverage.until.is_(None), Coverage.until >= days[0]),
        )
    )
    for compound_id, mode, since, until in db.execute(periods):
        held = runs[compound_id]
        for place, on in enumerate(days):
            if since <= on and (until is None or on <= until):
                held[place] = LETTERS[mode]
    placed = [
        Placed(home.code, home.name, home.longitude, home.latitude, "".join(runs[home.id]))
        for home in homes
        if home.longitude is not None and home.latitude is not None
    ]
    return placed, len(homes) - len(placed)

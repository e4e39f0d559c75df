"""The league table: companies by a rate, equal ones on the same place, small ones apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from govgrid.cases.rules.rates import Counts

PARTS = {
    "response": ("replied_in_time", "received"),
    "completion": ("closed", "received"),
    "satisfaction": ("satisfied", "rated"),
    "report": ("reported", "outside_remit"),
}
PROMISED = {  # shown beside them where something was promised
    "promise": ("promise_kept", "promised"),
    "on_site": ("on_site_in_time", "on_site_promised"),
}
OVERALL = "overall"
ORDERS = (OVERALL, *PARTS)


@dataclass(frozen=True, slots=True)
class Place:
    """A company's place from 1; places after equal ones are left out (1, 2, 2, 4)."""

    number: int
    name: str
    counts: Counts
    score: float


@dataclass(frozen=True, slots=True)
class League:
    """Those placed, and those not compared: too few cases, or nothing to divide by."""

    placed: tuple[Place, ...]
    apart: tuple[tuple[str, Counts], ...]


def ranked(rows: Iterable[tuple[str, Counts]], least: int, order: str = OVERALL) -> League:
    """Return the table of those with at least so many cases, the best first, then by name."""
    placed: list[tuple[Fraction, str, Counts]] = []
    apart = []
    for name, counts in rows:
        score = _score(counts, order)
        if score is None or counts.received < least:
            apart.append((name, counts))
        else:
            placed.append((score, name, counts))
    placed.sort(key=lambda one: (-one[0], one[1]))
    first: dict[Fraction, int] = {}
    for number, (score, _, _) in enumerate(placed, 1):
        first.setdefault(score, number)
    places = (Place(first[score], name, counts, float(score)) for score, name, counts in placed)
    return League(tuple(places), tuple(sorted(apart, key=lambda one: one[0])))


def _score(counts: Counts, order: str) -> Fraction | None:
    """Return the exact share, or the mean of those shares that have a denominator."""
    wanted = PARTS.values() if order == OVERALL else (PARTS[order],)
    pairs = ((getattr(counts, part), getattr(counts, whole)) for part, whole in wanted)
    shares = [Fraction(part, whole) for part, whole in pairs if whole]
    return sum(shares, Fraction()) / len(shares) if shares else None

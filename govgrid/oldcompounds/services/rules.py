"""What a plan earns and costs a month, and the fee that closes its gap: pure, in yuan.

No official unit costs were found: the catalogue's are to be set by area.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from govgrid.oldcompounds.models import FeeUnit
from govgrid.oldcompounds.services.models import Basis, Service
from govgrid.words import N_, Term

CENT = Decimal("0.01")
NAMES = (N_("基础型"), N_("标准型"), N_("提升型"))
USUAL_COLLECTION = Decimal("0.80")


@dataclass(frozen=True, slots=True)
class Position:
    """A line of the catalogue: what a unit is, what one costs, how much each variant has at first."""

    basis: Basis
    cost: Decimal
    measure: Term
    usual: tuple[str, str, str]


CATALOGUE: Mapping[Service, Position] = {
    Service.CLEANING: Position(Basis.HOUSEHOLD, Decimal("6.00"), N_("每日次数"), ("0.5", "1", "2")),
    Service.WASTE: Position(Basis.HOUSEHOLD, Decimal("3.50"), N_("每日次数"), ("1", "1", "1")),
    Service.GUARD: Position(Basis.POST, Decimal("3200.00"), N_("岗位数"), ("0", "1", "3")),
    Service.REPAIR: Position(Basis.AREA, Decimal("0.12"), N_("标准倍数"), ("0.5", "1", "1.5")),
    Service.GREEN: Position(Basis.AREA, Decimal("0.05"), N_("标准倍数"), ("0.5", "1", "1.5")),
    Service.LIGHTING: Position(Basis.HOUSEHOLD, Decimal("1.20"), N_("标准倍数"), ("1", "1", "1.5")),
    Service.FIRE: Position(Basis.AREA, Decimal("0.04"), N_("标准倍数"), ("1", "1", "1.5")),
    Service.LIFT: Position(Basis.MACHINE, Decimal("600.00"), N_("电梯台数"), ("0", "0", "0")),
    Service.DESK: Position(Basis.POST, Decimal("3500.00"), N_("人数"), ("0", "0.5", "1")),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """Unit costs in yuan by service, and the share that management and taxes add to all."""

    costs: Mapping[Service, Decimal] = field(
        default_factory=lambda: {service: line.cost for service, line in CATALOGUE.items()}
    )
    overhead: Decimal = Decimal("0.10")

    def stored(self) -> dict[str, str]:
        """Return the unit costs as they are kept."""
        return {service.value: str(cost) for service, cost in self.costs.items()}

    @classmethod
    def of(cls, stored: Mapping[str, str], overhead: Decimal) -> "Prices":
        """Return what was kept; a service that is new since costs what the catalogue says."""
        costs = {
            service: Decimal(stored.get(service.value, line.cost))
            for service, line in CATALOGUE.items()
        }
        return cls(costs, overhead)


@dataclass(frozen=True, slots=True)
class Size:
    """What fees and costs are counted by; floor area in square metres."""

    households: int
    floor_area: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant: what residents pay and what they get for it; `collection_rate` is 0 to 1."""

    name: str
    fee: Decimal
    fee_unit: FeeUnit
    collection_rate: Decimal
    other_income: Decimal
    quantities: Mapping[Service, Decimal]


@dataclass(frozen=True, slots=True)
class Figures:
    """A month of a variant in yuan; a negative gap is a surplus.

    `closing_fee` is the least fee in whole cents at which the gap is gone.
    """

    costs: Mapping[Service, Decimal]
    overhead: Decimal
    fees: Decimal
    other_income: Decimal
    closing_fee: Decimal

    @property
    def cost(self) -> Decimal:
        return sum(self.costs.values(), self.overhead)

    @property
    def income(self) -> Decimal:
        return self.fees + self.other_income

    @property
    def gap(self) -> Decimal:
        return self.cost - self.income


def figures(size: Size, offer: Offer, prices: Prices) -> Figures:
    """Return what the variant earns and costs a month."""
    costs = {
        service: _cents(prices.costs[service] * quantity * _units(CATALOGUE[service].basis, size))
        for service, quantity in offer.quantities.items()
    }
    direct = sum(costs.values(), Decimal(0))
    overhead = _cents(direct * prices.overhead)
    charged = charged_units(size, offer.fee_unit) * offer.collection_rate
    owed = max(direct + overhead - offer.other_income, Decimal(0))
    closing = (owed / charged).quantize(CENT, ROUND_CEILING)
    # The income is itself rounded to cents, so that a lower fee may do.
    while closing >= CENT and _cents((closing - CENT) * charged) >= owed:
        closing -= CENT
    return Figures(costs, overhead, _cents(offer.fee * charged), offer.other_income, closing)


def charged_units(size: Size, unit: FeeUnit) -> Decimal:
    """Return how many units pay the fee."""
    return size.floor_area if unit is FeeUnit.AREA_MONTH else Decimal(size.households)


def first_offers(size: Size, prices: Prices) -> list[Offer]:
    """Return the three variants to begin with, each at the fee that closes its gap."""
    offers = []
    for n, name in enumerate(NAMES):
        quantities = {service: Decimal(line.usual[n]) for service, line in CATALOGUE.items()}
        bare = Offer(name, Decimal(0), FeeUnit.AREA_MONTH, USUAL_COLLECTION, Decimal(0), quantities)
        fee = figures(size, bare, prices).closing_fee
        offers.append(Offer(name, fee, bare.fee_unit, bare.collection_rate, Decimal(0), quantities))
    return offers


def _units(basis: Basis, size: Size) -> Decimal:
    match basis:
        case Basis.HOUSEHOLD:
            return Decimal(size.households)
        case Basis.AREA:
            return size.floor_area
        case _:
            return Decimal(1)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)

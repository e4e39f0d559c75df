"""Made-up histories of who manages each compound: several periods, some ending, some over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from govgrid.demo.companies import (
    PROPERTY_COMPANIES,
    SOCIAL_ORGANIZATIONS,
    residents_committee,
)
from govgrid.demo.compounds import DemoCompound, compounds, contract_until
from govgrid.demo.divisions import SHOWCASE_STREET, division
from govgrid.demo.seed import chance, weighted
from govgrid.demo.table import csv_bytes
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode

_PACKAGES = {
    SHOWCASE_STREET: ("锦樾和居物业服务有限公司", 5),
    "510107014": ("天府禾邻物业服务有限公司", 6),
}
# Who manages an old compound today, and how long still: (least, most) days, None for no end.
_Left = tuple[int, int] | None
_FATES: tuple[tuple[tuple[Mode, _Left] | None, float], ...] = (
    ((Mode.PROFESSIONAL, (120, 900)), 0.32),
    ((Mode.CUSTODIAL, (120, 900)), 0.12),
    ((Mode.CUSTODIAL, None), 0.08),
    ((Mode.DELEGATED, (120, 900)), 0.10),
    ((Mode.SELF_MANAGED, None), 0.12),
    ((Mode.PROFESSIONAL, (3, 85)), 0.09),
    ((Mode.CUSTODIAL, (-110, -4)), 0.07),
    ((Mode.NONE, None), 0.06),
    (None, 0.04),
)
_EARLIER = (
    (Mode.SELF_MANAGED, 0.4),
    (Mode.NONE, 0.3),
    (Mode.CUSTODIAL, 0.2),
    (Mode.DELEGATED, 0.1),
)
_SERVICES = {
    Mode.PROFESSIONAL: "保洁；门卫；维修；绿化；消防设施巡查",
    Mode.CUSTODIAL: "保洁；门卫；公共照明",
    Mode.DELEGATED: "保洁；维修；绿化",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operator is paid, and the share of households that pay."""

    fee: str | None = None
    unit: FeeUnit | None = None
    model: FeeModel | None = None
    collected: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """One dated period of a compound's history; `until` is the last covered day."""

    compound: DemoCompound
    mode: Mode
    operator: str | None
    since: date
    until: date | None
    agreement: str | None
    terms: Terms
    package: str | None = None


def coverage_csv(today: date) -> bytes:
    """Return the import sheet of coverage."""
    headings = (
        "小区编号 管理方式 管理单位 起始日期 截止日期 协议编号"
        " 收费标准 收费单位 收费方式 收缴率 整体承接编号 服务内容"
    )
    return csv_bytes(headings, map(_row, periods(today)))


@cache
def periods(today: date) -> tuple[Period, ...]:
    """Return all histories, oldest period of each compound first."""
    return tuple(period for compound in compounds() for period in _history(compound, today))


def managed_by(today: date) -> dict[str, str]:
    """Return the property company at work today, by compound code."""
    return {
        period.compound.code: period.operator
        for period in periods(today)
        if period.mode is Mode.PROFESSIONAL
        and period.operator
        and period.since <= today
        and (period.until is None or period.until >= today)
    }


def _row(it: Period) -> tuple[object, ...]:
    return (
        it.compound.code,
        it.mode.word,
        it.operator,
        it.since,
        it.until,
        it.agreement,
        it.terms.fee,
        it.terms.unit and it.terms.unit.word,
        it.terms.model and it.terms.model.word,
        it.terms.collected,
        it.package,
        _SERVICES.get(it.mode),
    )


def _history(compound: DemoCompound, today: date) -> Iterator[Period]:
    rng = chance("coverage", compound.code)
    current: Period | None
    if not compound.old:
        yield from _contract(compound, today, rng)
        return
    if compound is _old_in(SHOWCASE_STREET)[0]:
        current = _lapsed(compound, today, rng)
    elif compound.code in _packaged():
        current = _taken_over(compound, today, rng)
    else:
        current = _today(compound, today, rng)
    if current:
        yield from _before(current, rng)
        yield current


@cache
def _packaged() -> frozenset[str]:
    """Return the compounds that one company took over together, street by street."""
    return frozenset(
        compound.code
        for street, (_, count) in _PACKAGES.items()
        for compound in _old_in(street)[1::2][:count]
    )


@cache
def _old_in(street: str) -> tuple[DemoCompound, ...]:
    return tuple(each for each in compounds() if each.old and each.street == street)


def _lapsed(compound: DemoCompound, today: date, rng: Random) -> Period:
    """Return an agreement that is over: the demo's secretary has one to renew."""
    ended = today - timedelta(days=20)
    return _period(compound, Mode.CUSTODIAL, ended - timedelta(days=729), ended, rng)


def _taken_over(compound: DemoCompound, today: date, rng: Random) -> Period:
    operator, _ = _PACKAGES[compound.street]
    since = date(today.year - 1, 3 if compound.street == SHOWCASE_STREET else 7, 1)
    number = f"{division(compound.street).short}整体承接〔{since.year}〕1号"
    until = date(since.year + 3, since.month, 1) - timedelta(days=1)
    terms = _terms(Mode.PROFESSIONAL, rng)
    return Period(compound, Mode.PROFESSIONAL, operator, since, until, number, terms, number)


def _contract(compound: DemoCompound, today: date, rng: Random) -> Iterator[Period]:
    if compound.company:
        since = date(max(compound.built, today.year - rng.randint(1, 6)), rng.randint(1, 9), 1)
        until = contract_until(compound, today)
        fee = Terms(
            f"{rng.uniform(1.2, 3.8):.2f}",
            FeeUnit.AREA_MONTH,
            weighted(
                rng, ((FeeModel.LUMP, 0.8), (FeeModel.FEE_BASED, 0.12), (FeeModel.TRUST, 0.08))
            ),
            f"{rng.uniform(0.7, 0.98):.4f}",
        )
        agreement = _agreement(compound, since)
        yield Period(compound, Mode.PROFESSIONAL, compound.company, since, until, agreement, fee)


def _today(compound: DemoCompound, today: date, rng: Random) -> Period | None:
    """Return the last period of an old compound: running, ending soon, over, or none known."""
    fate = weighted(rng, _FATES)
    if fate is None:
        return None
    mode, left = fate
    since = today - timedelta(days=rng.randint(130, 900))
    until = today + timedelta(days=rng.randint(*left)) if left else None
    return _period(compound, mode, since, until, rng)


def _before(current: Period, rng: Random) -> list[Period]:
    """Return up to three earlier periods, now and then with a gap."""
    found: list[Period] = []
    start = current.since
    for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
        gap = rng.randint(20, 90) if rng.random() < 0.25 else 0
        until = start - timedelta(days=1 + gap)
        start = until - timedelta(days=rng.randint(330, 800))
        found.append(_period(current.compound, weighted(rng, _EARLIER), start, until, rng))
    return found[::-1]


def _period(
    compound: DemoCompound, mode: Mode, since: date, until: date | None, rng: Random
) -> Period:
    managed = mode in (Mode.PROFESSIONAL, Mode.CUSTODIAL, Mode.DELEGATED)
    agreement = _agreement(compound, since) if managed else None
    operator = _operator(compound, mode, rng)
    return Period(compound, mode, operator, since, until, agreement, _terms(mode, rng))


def _operator(compound: DemoCompound, mode: Mode, rng: Random) -> str | None:
    match mode:
        case Mode.PROFESSIONAL:
            return rng.choice(PROPERTY_COMPANIES)
        case Mode.CUSTODIAL:
            return residents_committee(division(compound.community))
        case Mode.DELEGATED:
            return rng.choice(SOCIAL_ORGANIZATIONS)
        case _:
            return None


def _terms(mode: Mode, rng: Random) -> Terms:
    collected = f"{rng.uniform(0.45, 0.95):.4f}"
    match mode:
        case Mode.PROFESSIONAL:
            model = rng.choice((FeeModel.LUMP, FeeModel.LUMP, FeeModel.FEE_BASED, FeeModel.TRUST))
            return Terms(f"{rng.uniform(0.35, 1.1):.2f}", FeeUnit.AREA_MONTH, model, collected)
        case Mode.CUSTODIAL | Mode.DELEGATED:
            fee = str(rng.choice((10, 12, 15, 18, 20, 25, 30)))
            return Terms(fee, FeeUnit.HOUSEHOLD_MONTH, FeeModel.LUMP, collected)
        case Mode.SELF_MANAGED:
            fee = str(rng.choice((5, 8, 10, 12, 15)))
            return Terms(fee, FeeUnit.HOUSEHOLD_MONTH, None, collected)
        case _:
            return Terms()


def _agreement(compound: DemoCompound, since: date) -> str:
    return f"WH-{since:%Y%m}-{compound.code[6:]}"

"""Who manages a compound on a day, the coverage rates, and what a period must satisfy."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from govgrid.errors import Invalid, Refusal
from govgrid.grid.models import OrganizationKind
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode
from govgrid.words import N_

SOON = timedelta(days=90)  # an agreement that ends within this time is to be renewed now
DAY = timedelta(days=1)


class Period(Protocol):
    """A stretch of a compound's history; `until` is the last covered day."""

    @property
    def mode(self) -> Mode: ...
    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


def covers(period: Period, day: date) -> bool:
    """Tell whether the period holds on that day: its last day counts, the next one does not."""
    return period.since <= day and (period.until is None or day <= period.until)


def overlap(one: Period, other: Period) -> bool:
    """Tell whether two periods share a day."""
    first, second = sorted((one, other), key=lambda period: period.since)
    return first.until is None or second.since <= first.until


def period_on(history: Iterable[Period], day: date) -> Period | None:
    """Return the period that holds on that day."""
    return next((period for period in history if covers(period, day)), None)


def mode_on(history: Iterable[Period], day: date) -> Mode:
    """Return who manages on that day: nobody where no period holds."""
    period = period_on(history, day)
    return period.mode if period else Mode.NONE


def uncovered_since(history: Iterable[Period], day: date) -> date | None:
    """Return the first day of the uncovered time that includes `day`.

    None where that day is covered, and where nothing recorded tells when it began.
    """
    past = [period for period in history if period.since <= day]
    if mode_on(past, day) is not Mode.NONE:
        return None
    ends = [p.until for p in past if p.mode is not Mode.NONE and p.until is not None]
    if ends:
        return max(ends) + DAY
    return min((period.since for period in past), default=None)


def ends_soon(until: date | None, day: date) -> bool:
    """Tell whether a running period ends within the next 90 days."""
    return until is not None and day <= until <= day + SOON


@dataclass(frozen=True, slots=True)
class Share:
    """One measure (compounds, households or square metres) divided by mode."""

    by_mode: Mapping[Mode, float] = field(default_factory=dict)

    def of(self, mode: Mode) -> float:
        """Return the part in that mode."""
        return self.by_mode.get(mode, 0)

    @property
    def total(self) -> float:
        return sum(self.by_mode.values())

    @property
    def managed(self) -> float:
        """Return the part in any mode but none."""
        return sum(part for mode, part in self.by_mode.items() if mode is not Mode.NONE)

    @property
    def professional_rate(self) -> float | None:
        """Return 专业物业覆盖率, 0 to 1; None where there is nothing to divide by."""
        return self.of(Mode.PROFESSIONAL) / self.total if self.total else None

    @property
    def management_rate(self) -> float | None:
        """Return 管理全覆盖率, 0 to 1; None where there is nothing to divide by."""
        return self.managed / self.total if self.total else None

    def json(self) -> dict[str, float | None]:
        """Return the measure in the form of the coverage answer."""
        return {
            "total": _tidy(self.total),
            **{mode.value: _tidy(self.of(mode)) for mode in Mode},
            "professional_rate": self.professional_rate,
            "management_rate": self.management_rate,
        }


def _tidy(number: float) -> float:
    return number if isinstance(number, int) else round(number, 6)


@dataclass(frozen=True, slots=True)
class Tally:
    """An area's coverage by compounds, by households and by square metres of floor area.

    An unknown household count or floor area adds 0.
    """

    compounds: Share = field(default_factory=Share)
    households: Share = field(default_factory=Share)
    floor_area: Share = field(default_factory=Share)


@dataclass(frozen=True, slots=True)
class Terms:
    """A period as it is to be recorded; `collection_rate` is 0 to 1, `fee` in yuan."""

    mode: Mode
    since: date
    until: date | None = None
    operator: str | None = None
    agreement: str | None = None
    fee: Decimal | None = None
    fee_unit: FeeUnit | None = None
    fee_model: FeeModel | None = None
    collection_rate: Decimal | None = None
    package: str | None = None


Wrong = tuple[str, Refusal]
CONDITIONS = ("operator", "agreement", "fee", "fee_model", "collection_rate", "package")


def contradictions(terms: Terms, kind: OrganizationKind | None) -> Iterator[Wrong]:
    """Yield what cannot be so, by field. `kind` is the operator's, None without one."""
    if terms.until is not None and terms.until < terms.since:
        yield (
            "until",
            Invalid("截止日期早于起始日期 %(since)s，请核对。", since=terms.since.isoformat()),
        )
    if terms.fee is not None and terms.fee_unit is None:
        yield "fee_unit", Invalid("填写了收费标准，请同时填写收费单位。")
    if terms.collection_rate is not None and not 0 <= terms.collection_rate <= 1:
        yield "collection_rate", Invalid("收缴率应在 0 至 100% 之间。")
    yield from _unmanaged(terms) if terms.mode is Mode.NONE else _managed(terms, kind)


def _unmanaged(terms: Terms) -> Iterator[Wrong]:
    for name in CONDITIONS:
        if getattr(terms, name) is not None:
            yield name, Invalid("管理方式为“无管理”时，此项应为空。")


def _managed(terms: Terms, kind: OrganizationKind | None) -> Iterator[Wrong]:
    if terms.mode is Mode.PROFESSIONAL and kind is None:
        yield "operator", Invalid("管理方式为“专业化物业”时，必须填写物业企业。")
    elif terms.mode is Mode.PROFESSIONAL and kind is not OrganizationKind.PROPERTY_COMPANY:
        yield (
            "operator",
            Invalid(
                "“%(name)s”不是物业企业，不能作为专业化物业的管理单位。请核对单位名称或管理方式。",
                name=terms.operator,
            ),
        )
    elif terms.agreement is not None and kind is None:
        yield "operator", Invalid("填写了协议编号，请同时填写管理单位。")


def omissions(terms: Terms) -> Iterator[Wrong]:
    """Yield what an office knows when it records a change, though an old record may lack it."""
    if terms.mode in {Mode.CUSTODIAL, Mode.DELEGATED} and terms.operator is None:
        yield "operator", Invalid("请填写管理单位。只有“居民自管”和“无管理”可以不填。")
    if terms.package is not None and terms.agreement is None:
        yield "agreement", Invalid("整体承接须有协议，请填写协议编号。")


_NAMED: tuple[tuple[OrganizationKind, tuple[str, ...]], ...] = (
    (
        OrganizationKind.RESIDENTS_COMMITTEE,
        ("居委会", "居民委员会", "村委会", "村民委员会", "社区"),
    ),
    (OrganizationKind.OWNERS_COMMITTEE, ("业委会", "业主委员会")),
    (OrganizationKind.STREET_OFFICE, ("街道办", "街道办事处", "镇人民政府", "乡人民政府")),
)
_USUAL = {
    Mode.PROFESSIONAL: OrganizationKind.PROPERTY_COMPANY,
    Mode.CUSTODIAL: OrganizationKind.RESIDENTS_COMMITTEE,
    Mode.DELEGATED: OrganizationKind.SOCIAL_ORGANIZATION,
    Mode.SELF_MANAGED: OrganizationKind.OWNERS_COMMITTEE,
    Mode.NONE: OrganizationKind.OTHER,
}


def kind_by_name(name: str, modes: Iterable[Mode]) -> OrganizationKind:
    """Return what kind of organization a new name is, from itself, else from what it manages."""
    for kind, endings in _NAMED:
        if name.endswith(endings):
            return kind
    if "物业" in name:
        return OrganizationKind.PROPERTY_COMPANY
    return _USUAL[next(mode for mode in Mode if mode in set(modes))]


def fitting_kind(
    name: str, modes: Iterable[Mode], known: Iterable[OrganizationKind]
) -> OrganizationKind:
    """Return which of the kinds known under the name is meant, or the kind of a new name."""
    wanted, held = kind_by_name(name, modes), list(known)
    if wanted in held or not held:
        return wanted
    return min(held, key=list(OrganizationKind).index)


def period_text(period: Period) -> str:
    """Return `2025-01-01～2025-12-31`; a running period has no end."""
    return f"{period.since}～{period.until or ''}"


def clashes(periods: Iterable[Period]) -> Iterator[tuple[Period, Period]]:
    """Yield overlapping pairs of one compound, each period with the longest one before it."""
    longest: Period | None = None
    for period in sorted(periods, key=lambda p: p.since):
        if longest is not None and overlap(longest, period):
            yield longest, period
        if longest is None or _end(longest) < _end(period):
            longest = period


def _end(period: Period) -> date:
    return period.until or date.max


GAP = N_(
    "上一段管理到 %(until)s 为止，与新的起始日期 %(since)s 之间有 %(days)s 天无人管理。"
    "请将起始日期改为 %(next)s，或勾选“空档补记为无管理”。"
)


@dataclass(frozen=True, slots=True)
class Succession:
    """What recording a period does to the history: the running one ends, a gap is filled."""

    close_on: date | None
    gap: tuple[date, date] | None


def succeed(last: Period | None, terms: Terms, *, fill: bool) -> Succession:
    """Return how the new period follows the last one. Raise `Invalid` on overlap or gap."""
    if last is None:
        return Succession(None, None)
    if terms.since <= last.since:
        raise Invalid(
            "起始日期须晚于 %(since)s：该日起已登记为“%(mode)s”。",
            since=last.since.isoformat(),
            mode=last.mode.word,
        )
    before = terms.since - DAY
    if last.until is None or last.until > before:
        if last.mode is Mode.NONE and terms.mode is Mode.NONE:
            raise Invalid("该小区已登记为“无管理”，无需重复登记。")
        return Succession(before, None)
    if last.until == before:
        return Succession(None, None)
    if not fill:
        raise Invalid(
            GAP,
            until=last.until.isoformat(),
            since=terms.since.isoformat(),
            days=(before - last.until).days,
            next=(last.until + DAY).isoformat(),
        )
    return Succession(None, (last.until + DAY, before))


@dataclass(frozen=True, slots=True)
class Change:
    """What a form asks for: new terms, the version of the history it showed, gap allowed."""

    terms: Terms
    seen: int
    fill: bool = False

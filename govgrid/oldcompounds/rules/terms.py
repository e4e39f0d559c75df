"""What a period's terms must satisfy, and which organization a name means."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from govgrid.errors import Invalid, Refusal
from govgrid.grid.models import OrganizationKind
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode


@dataclass(frozen=True, slots=True)
class Terms:
    """A period as it is to be recorded; `collection_rate` is 0 to 1, `fee` in yuan.

    `scan` is the hash of the agreement's scan, `services` what the agreement names.
    """

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
    services: tuple[str, ...] = ()
    scan: str | None = None


Wrong = tuple[str, Refusal]
CONDITIONS = (
    "operator",
    "agreement",
    "fee",
    "fee_model",
    "collection_rate",
    "package",
    "services",
    "scan",
)


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
        if getattr(terms, name) not in {None, ()}:
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

"""Ask for packages, and sign one: the coverage of all its compounds in one act, or of none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from govgrid.grid.models import Area, Compound, Level
from govgrid.oldcompounds.actions import open_act, record_coverage
from govgrid.oldcompounds.actions.operators import operator_of
from govgrid.oldcompounds.models import Act, ActKind, FeeModel, FeeUnit, Mode
from govgrid.oldcompounds.pipeline.actions.advance import taken_in_package
from govgrid.oldcompounds.rules import Terms, contradictions
from govgrid.oldcompounds.takeover.models import Package, PackageRun, RunState
from govgrid.oldcompounds.takeover.queries import count_free, run_under_way
from govgrid.workdays import local_day

LEVELS = (Level.STREET, Level.COMMUNITY)
MOST = 150
"""Compounds of one search: what a large street has."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What packages must be, and what compounds without a plan are reckoned with."""

    least_households: int
    reach: int
    fee: Decimal
    collection_rate: Decimal
    seconds: int = 20
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Contract:
    """What is signed for all compounds of a package."""

    number: str
    operator: str
    since: date
    until: date | None
    fee: Decimal | None
    fee_unit: FeeUnit | None
    fee_model: FeeModel | None


def ask(db: Session, actor: Actor, area: Area, wish: Wish, *, at: datetime) -> PackageRun:
    """Queue a search. Raise `Invalid` where there is nothing or too much to search."""
    if not actor.may(Power.COVER, area.path):
        raise Forbidden("您没有办理该区域老旧小区事务的权限，请联系社区书记或街道联络员。")
    if area.level not in LEVELS:
        raise Invalid("整体承接按街道或社区测算，请选择一个街道或社区。")
    db.execute(select(Area.id).where(Area.id == area.id).with_for_update())
    if run_under_way(db, area) is not None:
        raise Conflict("该区域正在测算整体承接方案，请等其完成。")
    free = count_free(db, area, local_day(at))
    if free < 2:
        raise Invalid(
            "“%(name)s”只有 %(n)s 个可承接的老旧小区（无管理、过渡性管理或 90 天内到期），不能组成承接包。",
            name=area.name,
            n=free,
        )
    if free > MOST:
        raise Invalid(
            "“%(name)s”有 %(n)s 个可承接的小区，一次最多测算 %(most)s 个，请按社区测算。",
            name=area.name,
            n=free,
            most=MOST,
        )
    run = PackageRun(
        area_id=area.id,
        area=area,
        least_households=wish.least_households,
        reach=wish.reach,
        fee=wish.fee,
        collection_rate=wish.collection_rate,
        seconds=wish.seconds,
        seed=wish.seed,
        asked_by=actor.name,
        asked_at=at,
        state=RunState.WAITING,
        progress={},
    )
    db.add(run)
    db.flush()
    after = journal.image(run, "least_households", "reach", "fee", "collection_rate")
    journal.record(db, actor, "ask_packages", "package_run", run.id, area=area.code, after=after)
    return run


def sign(
    db: Session,
    actor: Actor,
    run: PackageRun,
    package: Package,
    contract: Contract,
    chosen: Collection[int],
    version: int,
    *,
    at: datetime,
) -> Package:
    """Record that one company manages the chosen compounds, by their ids, from a day on.

    The whole is refused, naming every compound that cannot be taken over, as soon as there is one.
    """
    _refuse(db, actor, run, package, contract, chosen, version)
    members = [one for one in package.members if one.compound_id in chosen]
    terms = _terms(contract)
    act = open_act(db, actor, ActKind.TAKEN_OVER, at=at, reason=f"整体承接 {contract.number}")
    faults: list[Refusal] = []
    for member in sorted(members, key=lambda one: one.compound_id):
        try:
            _take(db, actor, member.compound, terms, act, at)
        except (Invalid, Conflict, NotFound, Forbidden) as refusal:
            faults.append(
                Invalid("%(name)s：%(why)s", name=member.compound.name, why=_reason(refusal))
            )
    if faults:
        raise Invalid(
            "有 %(n)s 个小区不能承接，全部没有登记：%(faults)s 请取消勾选这些小区，或先更正其管理方式。",
            n=len(faults),
            faults=tuple(faults),
        )
    for member in members:
        member.signed = True
    package.contract, package.operator = contract.number, contract.operator
    package.since, package.until = contract.since, contract.until
    package.signed_at, package.signed_by, package.act_id = at, actor.name, act.id
    db.flush()
    journal.record(
        db,
        actor,
        "sign_package",
        "package_run",
        run.id,
        package=contract.number,
        operator=contract.operator,
        since=contract.since,
        until=contract.until,
        codes=[one.compound.code for one in members],
    )
    return package


def _take(
    db: Session,
    actor: Actor,
    compound: Compound,
    terms: Terms,
    act: Act,
    at: datetime,
) -> None:
    record_coverage(db, actor, compound, terms, at=at, fill=True, act=act)
    taken_in_package(db, actor, compound, terms, at=at)


def _reason(refusal: Refusal) -> Refusal:
    """Return what was wrong: of a form the first field, which says more than how many."""
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    return next(iter(fields.values()), refusal)


def _refuse(
    db: Session,
    actor: Actor,
    run: PackageRun,
    package: Package,
    contract: Contract,
    chosen: Collection[int],
    version: int,
) -> None:
    if not actor.may(Power.COVER, run.area.path):
        raise Forbidden("您没有办理该区域老旧小区事务的权限，请联系社区书记或街道联络员。")
    if package.signed_at is not None:
        raise Conflict("这个承接包已签约（%(contract)s）。", contract=package.contract)
    if package.version != version:
        raise Conflict("这个承接包刚刚被其他人处理，请刷新页面后重试。")
    known = {one.compound_id for one in package.members}
    if len(chosen) < 2 or not set(chosen) <= known:
        raise Invalid("请在这个承接包中至少勾选 2 个小区。")
    other = select(Package.id).where(Package.contract == contract.number)
    if db.scalar(other) is not None:
        wrong: dict[str, Refusal] = {
            "number": Invalid("整体承接编号“%(n)s”已使用，请换一个。", n=contract.number)
        }
    else:
        terms = _terms(contract)
        kind, _known = operator_of(db, terms)
        wrong = dict(contradictions(terms, kind))
    if wrong:
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=wrong, n=len(wrong))


def _terms(contract: Contract) -> Terms:
    return Terms(
        Mode.PROFESSIONAL,
        contract.since,
        contract.until,
        operator=contract.operator,
        agreement=contract.number,
        fee=contract.fee,
        fee_unit=contract.fee_unit,
        fee_model=contract.fee_model,
        package=contract.number,
    )

"""Made-up ways to professional management: a few compounds in each stage, plans, a search asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import ActingPost, Actor, Role
from govgrid.clock import HERE
from govgrid.demo.divisions import SHOWCASE_STREET
from govgrid.grid.models import OLD_KINDS, Area, Compound
from govgrid.meetings.decisions import DECISIONS
from govgrid.oldcompounds.models import Coverage, FeeModel, Mode
from govgrid.oldcompounds.pipeline.actions import ways
from govgrid.oldcompounds.pipeline.actions.advance import Move, advance
from govgrid.oldcompounds.pipeline.models import Pipeline, PipelineStep, Stage
from govgrid.oldcompounds.pipeline.queries import candidates_page, latest, owners_for
from govgrid.oldcompounds.pipeline.rules import RUNNING, Count
from govgrid.oldcompounds.queries.scope import holds
from govgrid.oldcompounds.rules import Terms
from govgrid.oldcompounds.services.actions import choose, save_plan
from govgrid.oldcompounds.services.queries import plan_of, prices_of
from govgrid.oldcompounds.services.rules import Size, first_offers
from govgrid.oldcompounds.takeover.actions import Wish, ask

COMPANY = "锦樾和居物业服务有限公司"
SURVEYED = "入户 86%，常住 7 成；照明、门禁和化粪池清掏是居民最关心的三件事，多数居民愿意每户每月付 20 元左右。"


@dataclass(frozen=True, slots=True)
class _Tale:
    """How far a compound has come, and how many days ago it began."""

    stage: Stage
    days: int
    vote: float | None = None
    chosen: int | None = None


TALES = (
    _Tale(Stage.OPINION, 70, vote=0.58),
    _Tale(Stage.PLAN, 60, vote=0.81),
    _Tale(Stage.SURVEY, 6),
    _Tale(Stage.AGREEMENT, 80, vote=0.77, chosen=2),
    _Tale(Stage.HANDOVER, 90, vote=0.9, chosen=2),
    _Tale(Stage.DROPPED, 100),
)


def add_pipelines(db: Session, today: date, at: datetime) -> None:
    """Walk the street's compounds along, tell of two that arrived, and ask for packages."""
    street = db.scalars(select(Area).where(Area.code == SHOWCASE_STREET)).one()
    post = ActingPost(Role.LIAISON, street.id, street.path, street.name)
    actor = Actor(0, 0, "街道联络员", (post,))
    found, _total = candidates_page(db, actor, street, today, limit=len(TALES))
    homes = {home.code: home for home in _compounds(db, [one.code for one in found])}
    for one, tale in zip(found, TALES, strict=False):
        _Walk(db, actor, homes[one.code], today, tale).go()
    for stage, held in zip((Stage.DONE, Stage.REVIEW), _arrived(db, street, today), strict=False):
        _tell(db, actor, held, stage, today)
    ask(db, actor, street, Wish(300, 1500, Decimal("1.50"), Decimal("0.80")), at=at)


def _compounds(db: Session, codes: list[str]) -> list[Compound]:
    rows = select(Compound).where(Compound.code.in_(codes))
    return list(db.scalars(rows.options(joinedload(Compound.community))))


class _Walk:
    """Takes one compound to its tale's stage, through the verbs."""

    def __init__(self, db: Session, actor: Actor, home: Compound, today: date, tale: _Tale) -> None:
        self.db, self.actor, self.home, self.tale = db, actor, home, tale
        self.day = today - timedelta(days=tale.days)
        steps = RUNNING.index(tale.stage) if tale.stage in RUNNING else 3
        self.pace = timedelta(days=tale.days // (steps + 1))

    def go(self) -> None:
        owners = owners_for(self.db, self.home, self.day)
        if not owners:
            return
        ways.start(self.db, self.actor, self.home, Mode.PROFESSIONAL, owners[0], at=self._at())
        if self.tale.stage is Stage.DROPPED:
            self._drop()
            return
        for stage in RUNNING[: RUNNING.index(self.tale.stage)]:
            self.day += self.pace
            advance(self.db, self.actor, self.home, self._move(stage), self._seen(), at=self._at())
        if self.tale.stage is Stage.OPINION and self.tale.vote is not None:
            self._vote()
        if self.tale.stage is Stage.PLAN:
            self._plan()

    def _at(self) -> datetime:
        return datetime.combine(self.day, time(10), HERE)

    def _seen(self) -> int:
        found = latest(self.db, self.home.id)
        assert found is not None
        return found.version

    def _move(self, stage: Stage) -> Move:
        match stage:
            case Stage.OPINION:
                self._vote()
                return Move()
            case Stage.PLAN:
                self._plan()
                decisions = DECISIONS.found(self.db, self.home)
                heard = [one for one in decisions if one.on and one.on <= self.day]
                return Move("经联席会议审议通过。", decision=(heard or decisions)[0])
            case Stage.AGREEMENT:
                return Move("协议已由双方签字。", terms=self._terms())
            case _:
                return Move(SURVEYED)

    def _vote(self) -> None:
        share = self.tale.vote or 0
        households, area = self.home.households or 100, Decimal(round(self.home.floor_area or 7000))
        voted = round(households * share)
        area_voted = round(area * Decimal(str(share)), 2)
        count = Count(
            self.day,
            "选聘专业化物业企业，通过差异化服务方案",
            households,
            voted,
            round(voted * 0.78),
            area,
            area_voted,
            round(area_voted * Decimal("0.8"), 2),
        )
        ways.record_ballot(self.db, self.actor, self.home, count, self._seen(), at=self._at())

    def _plan(self) -> None:
        size = Size(self.home.households or 100, Decimal(round(self.home.floor_area or 7000)))
        prices, _own, _said_by = prices_of(self.db, self.home.community)
        offers = first_offers(size, prices)
        offers[0] = replace(offers[0], fee=offers[0].fee - Decimal("0.05"))
        offers[1] = replace(offers[1], fee=offers[1].fee + Decimal("0.08"))
        offers[2] = replace(offers[2], other_income=Decimal(1200))
        save_plan(self.db, self.actor, self.home, size, offers, 0, at=self._at())
        plan = plan_of(self.db, self.home.id)
        if plan is not None and self.tale.chosen is not None:
            choose(self.db, self.actor, self.home, self.tale.chosen, plan.version)

    def _terms(self) -> Terms:
        since = self.day + timedelta(days=20)
        plan = plan_of(self.db, self.home.id)
        variant = plan.variants[1] if plan else None
        return Terms(
            Mode.PROFESSIONAL,
            since,
            date(since.year + 3, since.month, 1) - timedelta(days=1),
            operator=COMPANY,
            agreement=f"WH-{since:%Y%m}-{self.home.code[6:]}",
            fee=variant.fee if variant else None,
            fee_unit=variant.fee_unit if variant else None,
            fee_model=FeeModel.LUMP,
        )

    def _drop(self) -> None:
        self.day += self.pace
        reason = "该院落已列入年度征收计划，不再推进选聘物业。"
        ways.drop(self.db, self.actor, self.home, reason, self._seen(), at=self._at())


def _arrived(db: Session, street: Area, today: date) -> Iterator[Coverage]:
    """Return periods of compounds that a company took over, the latest first."""
    rows = (
        select(Coverage)
        .join(Compound, Compound.id == Coverage.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .where(
            Area.parent_id == street.id,
            Coverage.mode == Mode.PROFESSIONAL,
            Coverage.agreement.is_not(None),
            holds(today),
            Compound.kind.in_(OLD_KINDS),
        )
        .order_by(Coverage.since, Coverage.id)
        .options(joinedload(Coverage.operator), joinedload(Coverage.compound))
        .limit(2)
    )
    return iter(db.scalars(rows).all())


def _tell(db: Session, actor: Actor, held: Coverage, stage: Stage, today: date) -> None:
    """Write how a compound came to the period that it has, which the sheet recorded."""
    owners = owners_for(db, held.compound, today)
    if not owners or held.operator is None:
        return
    done = stage is Stage.DONE
    pipeline = Pipeline(
        compound_id=held.compound_id,
        goal=Mode.PROFESSIONAL,
        stage=stage,
        owner_id=owners[0].id,
        deadline=today + timedelta(days=12),
        started_at=_noon(held.since - timedelta(days=110)),
        finished_at=_noon(held.since + timedelta(days=50)) if done else None,
        operator=held.operator.name,
        agreement=held.agreement,
        since=held.since,
        until=held.until,
        fee=held.fee,
        fee_unit=held.fee_unit,
        fee_model=held.fee_model,
    )
    db.add(pipeline)
    db.flush()
    stages = (*RUNNING, Stage.DONE) if done else RUNNING
    for n, (before, after) in enumerate(zip((None, *stages), stages, strict=False)):
        day = held.since - timedelta(days=110 - 22 * n)
        db.add(
            PipelineStep(
                pipeline_id=pipeline.id,
                before=before,
                after=after,
                at=_noon(day),
                by=actor.name,
                owner=owners[0].name,
                deadline=day + timedelta(days=22),
                note=SURVEYED if before is Stage.SURVEY else "",
            )
        )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), HERE)

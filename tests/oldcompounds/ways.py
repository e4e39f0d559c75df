"""A compound walked along its way, stage by stage, for tests."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.grid.models import Compound, Officer
from govgrid.grid.queries import compound_seen
from govgrid.oldcompounds.models import FeeUnit, Mode
from govgrid.oldcompounds.pipeline.actions import ways
from govgrid.oldcompounds.pipeline.actions.advance import Move, advance
from govgrid.oldcompounds.pipeline.actions.ways import Decision
from govgrid.oldcompounds.pipeline.models import Pipeline, Stage
from govgrid.oldcompounds.pipeline.queries import latest
from govgrid.oldcompounds.pipeline.rules import Count
from govgrid.oldcompounds.rules import Terms
from govgrid.oldcompounds.services.actions import choose, save_plan
from govgrid.oldcompounds.services.rules import Prices, Size, first_offers
from tests import build
from tests.build import City

DAY = date(2026, 11, 23)
SIZE = Size(100, Decimal(8000))
DECISION = Decision(1, "同意标准型方案（11月联席会议）")
TERMS = Terms(
    Mode.PROFESSIONAL,
    DAY,
    date(2029, 11, 22),
    operator="新程物业服务有限公司",
    agreement="WY-9",
    fee=Decimal("0.90"),
    fee_unit=FeeUnit.AREA_MONTH,
)


def count(voted: int = 70, agreed: int = 40, area: str = "6000") -> Count:
    """Return a vote of 100 owners with 8,000 m²; as given it carries."""
    return Count(
        DAY, "选聘物业", 100, voted, agreed, Decimal(8000), Decimal(area), Decimal(area) - 2000
    )


class Walker:
    """青石院 (XQ-A, uncovered since July 2025), walked by its secretary."""

    def __init__(self, db: Session, city: City, at: datetime, code: str = "XQ-A") -> None:
        self.db, self.at = db, at
        self.actor: Actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        self.home: Compound = compound_seen(db, self.actor, code)
        self.owner = db.get_one(Officer, city.secretary.id)

    @property
    def way(self) -> Pipeline:
        found = latest(self.db, self.home.id)
        assert found is not None
        return found

    def start(self) -> Pipeline:
        return ways.start(self.db, self.actor, self.home, Mode.PROFESSIONAL, self.owner, at=self.at)

    def move(self, move: Move, version: int | None = None) -> Pipeline:
        seen = self.way.version if version is None else version
        return advance(self.db, self.actor, self.home, move, seen, at=self.at)

    def vote(self, given: Count) -> bool:
        ballot = ways.record_ballot(
            self.db, self.actor, self.home, given, self.way.version, at=self.at
        )
        return ballot.passed

    def plan(self) -> None:
        save_plan(self.db, self.actor, self.home, SIZE, first_offers(SIZE, Prices()), 0, at=self.at)
        choose(self.db, self.actor, self.home, 2, 1)
        self.db.flush()

    def to(self, stage: Stage) -> Pipeline:
        """Begin, and go on until that stage."""
        self.start()
        self.db.flush()
        while self.way.stage is not stage:
            self._one()
        return self.way

    def _one(self) -> None:
        match self.way.stage:
            case Stage.OPINION:
                assert self.vote(count())
                self.move(Move())
            case Stage.PLAN:
                self.plan()
                self.move(Move(decision=DECISION))
            case Stage.AGREEMENT:
                self.move(Move(terms=TERMS))
            case Stage.HANDOVER:
                self.move(Move(handed_on=DAY))
            case _:
                self.move(Move("完成"))


def verbs(db: Session) -> list[str]:
    """Return what the journal holds, in order."""
    from govgrid.journal import Entry  # noqa: PLC0415

    return list(db.scalars(select(Entry.verb).order_by(Entry.id)))

"""Made-up supervision of companies: a street's proposals for last month, one of them decided."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import ActingPost, Actor, Role
from govgrid.cases.actions.supervision import decide, propose, set_threshold
from govgrid.cases.models import Verdict
from govgrid.cases.queries.supervision import step_seen
from govgrid.cases.rules import Bar
from govgrid.demo.divisions import DISTRICT
from govgrid.demo.months import months_before
from govgrid.grid.models import Area

BAR = Bar(least=5, response=86, completion=90, satisfaction=88, report=76)


def add_supervision(db: Session, today: date, at: datetime) -> None:
    """Set thresholds, propose by them, and confirm the first proposal."""
    street = db.scalars(select(Area).where(Area.code == f"{DISTRICT}001")).one()
    post = ActingPost(Role.LIAISON, street.id, street.path, street.name)
    actor = Actor(0, 0, "街道联络员", (post,))
    set_threshold(db, actor, street, BAR, 0)
    made = propose(db, actor, street, months_before(today, 1), at=at)
    if made:
        first = step_seen(db, actor, made[0].id)
        decide(db, actor, first, Verdict.CONFIRMED, "已约谈项目负责人，限期整改。", at=at)

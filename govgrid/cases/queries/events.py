"""What happened to a case, the latest first."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.cases.models import Case, CaseEvent


def events_of(db: Session, case: Case) -> Sequence[CaseEvent]:
    """Return the steps of a case that the actor was shown."""
    found = select(CaseEvent).where(CaseEvent.case_id == case.id)
    return db.scalars(found.order_by(CaseEvent.at.desc(), CaseEvent.id.desc())).all()

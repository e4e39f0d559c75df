"""Tell a company's head office of a case that comes to it, or that its project cannot solve alone."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid.cases.letters import to_head_office
from govgrid.cases.models import Case
from govgrid.grid.queries.officers import head_office
from govgrid.outbox.actions import queue
from govgrid.settings import Settings
from govgrid.web import language, provisional
from govgrid.workdays import local_day


def tell_head_office(db: Session, case: Case, why: str, *, at: datetime) -> int:
    """Queue a letter to everybody in the head office (compound and community loaded); say how many."""
    settings: Settings = db.info["settings"]
    reached = [one for one in head_office(db, case.compound, local_day(at)) if one.officer.email]
    if not reached:
        return 0
    with language.speaking(settings.locale), provisional.consulting(db):
        for one in reached:
            queue(db, to_head_office(settings, case, one, why), at=at)
    return len(reached)

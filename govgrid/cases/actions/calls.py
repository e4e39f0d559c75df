"""Tell the people of a case that a due time comes near or has passed, once for each stage."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Role
from govgrid.cases.letters import about_due
from govgrid.cases.models import Case, CaseCall, DueKind, Stage
from govgrid.cases.models import Holder as CompanyLevel
from govgrid.cases.queries.calls import case_called
from govgrid.cases.rules import TOLD, Leads
from govgrid.grid.queries import Holder, holders
from govgrid.grid.queries.officers import head_office
from govgrid.outbox.actions import give_up, queue
from govgrid.settings import Settings
from govgrid.web import language, provisional
from govgrid.workdays import local_day


def leads_of(settings: Settings) -> Leads:
    """Return the installation's lead times."""
    before = {
        DueKind.REPLY: settings.case_reply_lead,
        DueKind.ON_SITE: settings.case_on_site_lead,
        DueKind.CLOSE: settings.case_close_lead,
    }
    return Leads(before, settings.case_street_after)


def call_people(db: Session, number: int, due: DueKind, stage: Stage, *, at: datetime) -> int:
    """Queue the letters of one stage, unless it was told meanwhile; return how many."""
    settings: Settings = db.info["settings"]
    case = case_called(db, leads_of(settings), number, due, stage, at=at)
    if case is None:
        return 0
    written = [one for one in _people(db, case, stage, at) if one.officer.email]
    with language.speaking(settings.locale), provisional.consulting(db):
        for one in written:
            draft = about_due(settings, case, one, due, stage)
            give_up(db, [draft.thread or ""], at=at)
            queue(db, draft, at=at)
    db.add(CaseCall(case_id=case.id, due=due, stage=stage, at=at, letters=len(written)))
    journal.record(
        db, None, "call_case", "cases", case.number, due=due, stage=stage, letters=len(written)
    )
    return len(written)


def _people(db: Session, case: Case, stage: Stage, at: datetime) -> Iterator[Holder]:
    """Yield who is told at that stage, each person once; above the project the head office first."""
    on, compound = local_day(at), case.compound
    found: list[Holder] = []
    if case.company_level is not CompanyLevel.PROJECT and stage is not Stage.LONG:
        found += head_office(db, compound, on)
    areas = {Role.GRID_LEADER: compound.grid_id, Role.LIAISON: compound.community.parent_id}
    for role in TOLD[stage]:
        area_id = areas.get(role)
        at_compound = compound.id if role is Role.PROJECT_MANAGER else None
        if area_id is not None or at_compound is not None:
            found += holders(db, role, area_id=area_id, compound_id=at_compound, on=on)
    seen = set[int]()
    for one in found:
        if one.officer.id not in seen:
            seen.add(one.officer.id)
            yield one

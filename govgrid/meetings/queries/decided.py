"""What ways to professional management ask of joint meetings, and what those decided on them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from govgrid.grid.models import Compound
from govgrid.meetings.models import AgendaItem, AgendaKind, Meeting, Resolution, Stage, Unit
from govgrid.meetings.queries.engaged import chunks
from govgrid.meetings.queries.unmet import SIGNALS
from govgrid.oldcompounds.letters import proposal_text
from govgrid.oldcompounds.pipeline.actions.ways import Decision
from govgrid.oldcompounds.pipeline.queries import pipeline_for_unit
from govgrid.oldcompounds.queries.watch import watch_for_unit
from govgrid.web.language import day_text, local

MOST = 30


def decisions_of(db: Session, compound: Compound, most: int = MOST) -> list[Decision]:
    """Return the latest resolutions of the compound's meetings and its community's, on coverage first.

    Taken while the meeting runs or after it: of one that was held or is confirmed.
    """
    rows = db.execute(
        select(Resolution.id, Resolution.text, Meeting.title, Meeting.start)
        .join(AgendaItem, AgendaItem.id == Resolution.agenda_item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Unit, Unit.id == Meeting.unit_id)
        .where(
            or_(
                Unit.compound_id == compound.id,
                and_(Unit.community_id == compound.community_id, Unit.compound_id.is_(None)),
            ),
            Meeting.stage.in_((Stage.CONFIRMED, Stage.HELD)),
        )
        .order_by(
            AgendaItem.kind != AgendaKind.COVERAGE, Meeting.start.desc(), Resolution.id.desc()
        )
        .limit(most)
    )
    return [
        Decision(number, f"{text}（{title}，{day_text(day)}）", day)
        for number, text, title, start in rows
        for day in (local(start).date(),)
    ]


def coverage_briefs(db: Session, units: Sequence[Unit], at: datetime) -> dict[int, str]:
    """Return by unit what its compound's way and the watch ask of it, for the item on coverage."""
    of_compound = {unit.compound_id: unit.id for unit in units if unit.compound_id is not None}
    said: dict[int, list[str]] = {}
    for ids in chunks(sorted(of_compound)):
        for step in pipeline_for_unit(db, ids, at):
            said.setdefault(of_compound[step.compound_id], []).append(f"{step.title}。{step.brief}")
        for one in watch_for_unit(db, ids, at, SIGNALS):
            said.setdefault(of_compound[one.compound_id], []).append(proposal_text(one))
    return {unit: "\n".join(texts) for unit, texts in said.items()}

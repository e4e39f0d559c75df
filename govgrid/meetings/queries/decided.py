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
from govgrid.oldcompounds.pipeline.models import Pipeline
from govgrid.oldcompounds.pipeline.queries import Proposal, pipeline_for_unit
from govgrid.oldcompounds.queries.watch import watch_for_unit
from govgrid.web.language import day_text, local

MOST = 30
SAID = 10  # ways in one item; the list has them all


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
    """Return by unit what ways to management and the watch ask of it, for the item on coverage.

    A compound's meeting hears both of its compound; the community's own the ways of all of them.
    """
    of_compound: dict[int, list[int]] = {}
    for unit in units:
        if unit.compound_id is not None:
            of_compound.setdefault(unit.compound_id, []).append(unit.id)
    said: dict[int, list[str]] = {}
    for ids in chunks(sorted(of_compound)):
        for step in pipeline_for_unit(db, ids, at):
            for number in of_compound[step.compound_id]:
                said.setdefault(number, []).append(f"{step.title}。{step.brief}")
        for one in watch_for_unit(db, ids, at, SIGNALS):
            for number in of_compound[one.compound_id]:
                said.setdefault(number, []).append(proposal_text(one))
    for number, steps in _of_communities(db, units, at).items():
        said[number] = [f"{step.title}。{step.brief}" for step in steps[:SAID]]
        if len(steps) > SAID:
            said[number].append(f"另有{len(steps) - SAID}个小区，见老旧小区推进清单。")
    return {unit: "\n".join(texts) for unit, texts in said.items()}


def _of_communities(db: Session, units: Sequence[Unit], at: datetime) -> dict[int, list[Proposal]]:
    """Return what the ways of a community's compounds ask of its own meeting, by unit."""
    own = {unit.community_id: unit.id for unit in units if unit.compound_id is None}
    found: dict[int, list[Proposal]] = {}
    for ids in chunks(sorted(own)):
        rows = select(Pipeline.compound_id, Compound.community_id).join(Pipeline.compound)
        running = rows.where(Compound.community_id.in_(ids), Pipeline.finished_at.is_(None))
        homes = {row[0]: row[1] for row in db.execute(running)}
        for some in chunks(sorted(homes)):
            for step in pipeline_for_unit(db, some, at):
                found.setdefault(own[homes[step.compound_id]], []).append(step)
    return found

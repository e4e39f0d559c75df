"""Write first agendas: standing items by template, open action items, the period's cases and steps."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.cases.models import Case, SupervisionStep, Verdict
from govgrid.cases.queries import cases_for_unit, supervision_for_unit
from govgrid.grid.models import OLD_KINDS, Compound
from govgrid.meetings import rules
from govgrid.meetings.models import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    AgendaPoint,
    Kind,
    Meeting,
    Stage,
    Unit,
)
from govgrid.meetings.queries.agenda import count_owed
from govgrid.meetings.queries.availability import last_held
from govgrid.meetings.queries.decided import coverage_briefs
from govgrid.meetings.queries.engaged import chunks
from govgrid.meetings.queries.settings import setups_of_units
from govgrid.meetings.rules.agenda import CARRY_OVER, COVERAGE
from govgrid.meetings.rules.settings import Setup, Standing

CASES_AT_FIRST = 8
Made = tuple[Unit, Meeting]


def prepare_agenda(db: Session, unit: Unit, meeting: Meeting, *, at: datetime) -> None:
    """Write the first agenda: its template's items, open action items, the period's cases."""
    prepare_agendas(db, [(unit, meeting)], at=at)


def prepare_agendas(db: Session, meetings: Sequence[Made], *, at: datetime) -> None:
    """Write the first agendas of meetings of one month; only units with cases are asked for them."""
    units = [unit for unit, _meeting in meetings]
    setups = setups_of_units(db, units)
    owing = _owing(db, [unit.id for unit in units])
    asked = coverage_briefs(db, units, at)
    items = {
        meeting.id: _items(
            meeting,
            _first(unit, setups[unit.id], owes=unit.id in owing, asked=unit.id in asked),
        )
        for unit, meeting in meetings
    }
    for unit, meeting in meetings:
        if unit.id in asked and (item := _of(items[meeting.id], AgendaKind.COVERAGE)):
            item.brief = asked[unit.id]
    db.add_all(item for some in items.values() for item in some)
    db.flush()
    troubled, watched = _troubled(db, units), _watched(db, units, meetings, at)
    for unit, meeting in meetings:
        place = unit.compound_id or -unit.community_id
        since = _since(db, unit, meeting) if place in troubled | watched else at
        if place in troubled and (item := _of(items[meeting.id], AgendaKind.CASE)):
            db.add_all(_first_cases(db, unit, meeting, item, since, at=at))
        if place in watched:
            db.add_all(_first_steps(db, unit, items[meeting.id], since, at))
    db.flush()


def _first(unit: Unit, setup: Setup, *, owes: bool, asked: bool) -> list[Standing]:
    items = list(setup.agenda)
    if owes:
        items.append(CARRY_OVER)
    old = unit.compound is not None and unit.compound.kind in OLD_KINDS
    held = any(item.kind is AgendaKind.COVERAGE for item in items)
    if (old or asked) and unit.kind is Kind.JOINT and not held:
        items.append(COVERAGE)
    return items


def _items(meeting: Meeting, standing: Iterable[Standing]) -> list[AgendaItem]:
    return [
        AgendaItem(
            meeting_id=meeting.id, position=n, kind=kind, title=title, brief="", notes="",
            allotted=minutes,
        )
        for n, (kind, title, minutes) in enumerate(standing, 1)
    ]  # fmt: skip


def _of(items: Sequence[AgendaItem], *kinds: AgendaKind) -> AgendaItem | None:
    """Return the first item of the first of the kinds that the agenda has."""
    return next((item for kind in kinds for item in items if item.kind is kind), None)


def _since(db: Session, unit: Unit, meeting: Meeting) -> datetime:
    before = last_held(db, unit.id, meeting.start)
    return before.start if before else rules.month_span(rules.last_month(meeting.month))[0]


def _first_cases(
    db: Session, unit: Unit, meeting: Meeting, item: AgendaItem, since: datetime, *, at: datetime
) -> list[AgendaCase]:
    ranked = cases_for_unit(
        db, unit.community_id, unit.compound_id, since, meeting.start, at=at, limit=CASES_AT_FIRST
    )
    return [AgendaCase(agenda_item_id=item.id, case_id=r.case.id) for r in ranked]


def _first_steps(
    db: Session, unit: Unit, items: Sequence[AgendaItem], since: datetime, at: datetime
) -> list[AgendaPoint]:
    item = _of(items, AgendaKind.REQUIREMENT, AgendaKind.SHOWCASE)
    if item is None:
        return []
    steps = supervision_for_unit(db, unit.community_id, unit.compound_id, since, at)
    return [AgendaPoint(agenda_item_id=item.id, step_id=step.id) for step in steps]


def _owing(db: Session, units: Sequence[int]) -> set[int]:
    """Return which of the units have open action items."""
    found: set[int] = set()
    for ids in chunks(units):
        rows = select(ActionItem.unit_id).where(
            ActionItem.unit_id.in_(ids), ActionItem.closed_at.is_(None)
        )
        found |= set(db.scalars(rows.distinct()))
    return found


def _troubled(db: Session, units: Sequence[Unit]) -> set[int]:
    """Return the compounds that ever had a case, and communities, negative, that have such."""
    found: set[int] = set()
    for ids in chunks(sorted({unit.community_id for unit in units})):
        rows = db.execute(
            select(Compound.id, Compound.community_id).where(
                Compound.community_id.in_(ids),
                exists().where(Case.compound_id == Compound.id),
            )
        )
        for compound, community in rows:
            found |= {compound, -community}
    return found


def _watched(
    db: Session, units: Sequence[Unit], meetings: Sequence[Made], at: datetime
) -> set[int]:
    """Return likewise whose companies a step was lately confirmed against."""
    months = [meeting.month for _unit, meeting in meetings]
    if not months:
        return set()
    first = rules.month_span(rules.last_month(rules.last_month(min(months))))[0]
    companies = set(
        db.scalars(
            select(SupervisionStep.company_id)
            .where(
                SupervisionStep.stage == Verdict.CONFIRMED,
                SupervisionStep.decided_at >= first,
                SupervisionStep.decided_at < at,
            )
            .distinct()
        )
    )
    found: set[int] = set()
    for ids in chunks(sorted({unit.community_id for unit in units})) if companies else ():
        rows = select(Compound.id, Compound.community_id, Compound.company_id)
        for compound, community, company in db.execute(rows.where(Compound.community_id.in_(ids))):
            if company in companies:
                found |= {compound, -community}
    return found


def carry_over(db: Session, actor: Actor, meeting: Meeting) -> None:
    """Give the agenda its item about open action items where there are some and it has none."""
    kept = select(AgendaItem.id).where(
        AgendaItem.meeting_id == meeting.id, AgendaItem.kind == AgendaKind.CARRY_OVER
    )
    if db.scalar(kept.limit(1)) is not None or not count_owed(db, meeting):
        return
    last = db.scalar(
        select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)
    )
    (item,) = _items(meeting, [CARRY_OVER])
    item.position = (last or 0) + 1
    db.add(item)
    db.flush()
    after = journal.image(item, "kind", "title", "allotted")
    journal.record(db, actor, "add_item", "meeting", meeting.id, item=item.id, after=after)


def carry_on(db: Session, actor: Actor, meeting: Meeting) -> None:
    """Let the unit's later meetings that are already planned hear what this one left open."""
    later = select(Meeting).where(
        Meeting.unit_id == meeting.unit_id,
        Meeting.start > meeting.start,
        Meeting.stage.in_((Stage.PLANNED, Stage.CONFIRMED)),
    )
    for one in db.scalars(later.order_by(Meeting.start)).all():
        carry_over(db, actor, one)

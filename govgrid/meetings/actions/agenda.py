"""Prepare and change a meeting's agenda before it is held."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.models import Case
from govgrid.cases.queries import cases_for_unit
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import OLD_KINDS, Compound
from govgrid.meetings import rules
from govgrid.meetings.models import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    Kind,
    Meeting,
    Resolution,
    Stage,
    Unit,
)
from govgrid.meetings.queries.availability import last_held
from govgrid.meetings.queries.decided import coverage_briefs
from govgrid.meetings.queries.engaged import chunks

CASES_AT_FIRST = 8
COVERAGE_TITLE = "老旧院落管理覆盖情况"
CARRY_OVER_TITLE = "上次会议督办事项落实情况"


def prepare_agenda(db: Session, unit: Unit, meeting: Meeting, *, at: datetime) -> None:
    """Write the first agenda: three standing items, open action items, the period's cases."""
    prepare_agendas(db, [(unit, meeting)], at=at)


def prepare_agendas(db: Session, meetings: Sequence[tuple[Unit, Meeting]], *, at: datetime) -> None:
    """Write the first agendas of meetings of one month; only units with cases are asked for them."""
    owing = _owing(db, [unit.id for unit, _meeting in meetings])
    proposed = coverage_briefs(db, [unit for unit, _meeting in meetings], at)
    heard: list[tuple[Unit, Meeting, AgendaItem]] = []
    for unit, meeting in meetings:
        for n, (kind, title) in enumerate(_first_items(unit, owes=unit.id in owing), 1):
            brief = proposed.get(unit.id, "") if kind is AgendaKind.COVERAGE else ""
            item = AgendaItem(
                meeting_id=meeting.id, position=n, kind=kind, title=title, brief=brief, notes=""
            )
            db.add(item)
            if kind is AgendaKind.CASE:
                heard.append((unit, meeting, item))
    db.flush()
    troubled = _troubled(db, [unit for unit, _meeting in meetings])
    for unit, meeting, item in heard:
        if (unit.compound_id or -unit.community_id) in troubled:
            db.add_all(_first_cases(db, unit, meeting, item, at=at))
    db.flush()


def _first_cases(
    db: Session, unit: Unit, meeting: Meeting, item: AgendaItem, *, at: datetime
) -> list[AgendaCase]:
    before = last_held(db, unit.id, meeting.start)
    since = before.start if before else rules.month_span(rules.last_month(meeting.month))[0]
    ranked = cases_for_unit(
        db, unit.community_id, unit.compound_id, since, meeting.start, at=at, limit=CASES_AT_FIRST
    )
    return [AgendaCase(agenda_item_id=item.id, case_id=r.case.id) for r in ranked]


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


def _first_items(unit: Unit, *, owes: bool) -> list[tuple[AgendaKind, str]]:
    items = list(rules.STANDING_ITEMS[unit.kind])
    if owes:
        items.append((AgendaKind.CARRY_OVER, CARRY_OVER_TITLE))
    old = unit.compound is not None and unit.compound.kind in OLD_KINDS
    if old and unit.kind is Kind.JOINT:
        items.append((AgendaKind.COVERAGE, COVERAGE_TITLE))
    return items


def fixed_kinds(unit: Unit) -> set[AgendaKind]:
    """Return the kinds of items that must be heard; people's own proposals never are."""
    standing = {kind for kind, _title in rules.STANDING_ITEMS[unit.kind]}
    return standing - {AgendaKind.PROPOSAL} | {AgendaKind.CARRY_OVER}


def add_item(
    db: Session, actor: Actor, meeting: Meeting, kind: AgendaKind, title: str, brief: str
) -> AgendaItem:
    """Add an item at the end."""
    may_write(actor, meeting)
    last = db.scalar(
        select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)
    )
    item = AgendaItem(
        meeting_id=meeting.id,
        position=(last or 0) + 1,
        kind=kind,
        title=title,
        brief=brief,
        notes="",
    )
    db.add(item)
    db.flush()
    after = journal.image(item, "kind", "title", "brief")
    journal.record(db, actor, "add_item", "meeting", meeting.id, item=item.id, after=after)
    return item


def edit_item(
    db: Session, actor: Actor, meeting: Meeting, item: AgendaItem, title: str, brief: str
) -> None:
    """Change what an item says."""
    may_write(actor, meeting)
    before = journal.image(item, "title", "brief")
    item.title, item.brief = title, brief
    after = journal.image(item, "title", "brief")
    journal.record(
        db, actor, "edit_item", "meeting", meeting.id, item=item.id, before=before, after=after
    )


def remove_item(db: Session, actor: Actor, meeting: Meeting, item: AgendaItem) -> None:
    """Take an item off. Raise `Invalid` for what must be heard, `Conflict` once it has notes."""
    may_write(actor, meeting)
    if item.kind in fixed_kinds(meeting.unit):
        raise Invalid("“%(title)s”是固定议题，不能删除。", title=item.title)
    worked_on = db.scalar(
        select(ActionItem.id).where(ActionItem.agenda_item_id == item.id).limit(1)
    )
    if item.notes or item.resolutions or worked_on:
        raise Conflict("“%(title)s”已有会议记录，不能删除。", title=item.title)
    db.execute(delete(AgendaCase).where(AgendaCase.agenda_item_id == item.id))
    db.execute(delete(AgendaItem).where(AgendaItem.id == item.id))
    before = journal.image(item, "kind", "title", "brief")
    journal.record(db, actor, "remove_item", "meeting", meeting.id, item=item.id, before=before)


def shift_item(
    db: Session, actor: Actor, meeting: Meeting, items: list[AgendaItem], item: AgendaItem, by: int
) -> None:
    """Move an item up (-1) or down (+1) in the order."""
    may_write(actor, meeting)
    here = items.index(item)
    there = here + by
    if not 0 <= there < len(items):
        return
    items[here], items[there] = items[there], items[here]
    for position, each in enumerate(items, 1):
        each.position = position
    journal.record(
        db,
        actor,
        "shift_item",
        "meeting",
        meeting.id,
        item=item.id,
        before={"position": here + 1},
        after={"position": there + 1},
    )


def choose_cases(
    db: Session, actor: Actor, meeting: Meeting, item: AgendaItem, cases: set[int]
) -> None:
    """Set which cases of the unit are heard under the item."""
    may_write(actor, meeting)
    unit = meeting.unit
    where = (
        Case.compound_id == unit.compound_id
        if unit.compound_id
        else Case.compound.has(community_id=unit.community_id)
    )
    own = set(db.scalars(select(Case.id).where(Case.id.in_(cases), where)))
    if own != cases:
        raise Invalid("所选诉求不属于该会议单元，请刷新页面后重选。")
    known = {c.case_id for c in item.cases}
    decided = set(
        db.scalars(select(Resolution.case_id).where(Resolution.agenda_item_id == item.id))
    )
    db.execute(
        delete(AgendaCase).where(
            AgendaCase.agenda_item_id == item.id, AgendaCase.case_id.in_(known - cases - decided)
        )
    )
    db.add_all(AgendaCase(agenda_item_id=item.id, case_id=c) for c in sorted(cases - known))
    journal.record(
        db,
        actor,
        "choose_cases",
        "meeting",
        meeting.id,
        item=item.id,
        before={"cases": known},
        after={"cases": cases | (known & decided)},
    )


def may_write(actor: Actor, meeting: Meeting) -> None:
    """Raise `Forbidden` or `Conflict` where the actor cannot change this agenda now."""
    if not actor.may(Power.CONVENE, meeting.community.path):
        raise Forbidden("您的职务没有修改该会议的权限；请联系社区书记或街道联络员。")
    if meeting.stage in {Stage.HELD, Stage.CANCELLED}:
        raise Conflict("会议%(state)s，议程不能再修改。", state=meeting.stage.word)

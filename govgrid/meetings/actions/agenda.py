"""Change a meeting's agenda before it is held: items, order, minutes, what is heard under them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.models import Case
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.meetings.models import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    AgendaPoint,
    Attachment,
    Meeting,
    Proposal,
    ProposalStage,
    Resolution,
    Stage,
    Unit,
)
from govgrid.meetings.queries import material
from govgrid.meetings.queries.agenda import count_owed, order_of
from govgrid.meetings.rules.agenda import MOST_ITEMS, placed
from govgrid.meetings.rules.settings import HEARD

TEXT = ("title", "brief", "allotted")


@dataclass(frozen=True, slots=True)
class Wording:
    """What an item says, and the minutes it is given."""

    title: str
    brief: str = ""
    allotted: int = 10


def fixed_kinds(unit: Unit) -> set[AgendaKind]:
    """Return the kinds of items that must be heard; people's own proposals never are."""
    return {*HEARD[unit.kind], AgendaKind.CARRY_OVER}


def add_item(
    db: Session, actor: Actor, meeting: Meeting, kind: AgendaKind, wording: Wording
) -> AgendaItem:
    """Add an item at the end."""
    may_write(actor, meeting)
    found = select(func.count(AgendaItem.id), func.max(AgendaItem.position))
    count, last = db.execute(found.where(AgendaItem.meeting_id == meeting.id)).one()
    if count >= MOST_ITEMS:
        raise Conflict("一次会议最多 %(n)s 项议题，请合并相近的议题。", n=MOST_ITEMS)
    item = AgendaItem(
        meeting_id=meeting.id,
        position=(last or 0) + 1,
        kind=kind,
        title=wording.title,
        brief=wording.brief,
        allotted=wording.allotted,
        notes="",
    )
    db.add(item)
    db.flush()
    after = journal.image(item, "kind", "title", "brief", "allotted")
    journal.record(db, actor, "add_item", "meeting", meeting.id, item=item.id, after=after)
    return item


def edit_item(
    db: Session, actor: Actor, meeting: Meeting, item: AgendaItem, wording: Wording, version: int
) -> None:
    """Change what an item says. Raise `Conflict` where somebody did since that version."""
    may_write(actor, meeting)
    if item.version != version:
        raise Conflict(
            "议题刚被其他人修改为“%(title)s”（%(n)s 分钟）。您的文字仍在输入框中，请刷新页面核对后再保存。",
            title=item.title,
            n=item.allotted,
        )
    before = journal.image(item, *TEXT)
    item.title, item.brief, item.allotted = wording.title, wording.brief, wording.allotted
    after = journal.image(item, *TEXT)
    journal.record(
        db, actor, "edit_item", "meeting", meeting.id, item=item.id, before=before, after=after
    )


def remove_item(db: Session, actor: Actor, meeting: Meeting, item: AgendaItem) -> None:
    """Take an item off; a proposal taken up there waits again.

    Raise `Invalid` for what must be heard, `Conflict` once it has notes, and where it is about
    tasks that are still open: they end with evidence, not with an agenda.
    """
    may_write(actor, meeting)
    if item.kind is AgendaKind.CARRY_OVER and (owed := count_owed(db, meeting)):
        raise Conflict(
            "还有 %(n)s 项督办事项未办结，“%(title)s”不能删除；请先逐项办结并填写办结情况。",
            n=owed,
            title=item.title,
        )
    if item.kind in HEARD[meeting.unit.kind] and _only_one(db, item):
        raise Invalid("“%(title)s”是固定议题，不能删除。", title=item.title)
    worked_on = db.scalar(
        select(ActionItem.id).where(ActionItem.agenda_item_id == item.id).limit(1)
    )
    if item.notes or item.resolutions or worked_on:
        raise Conflict("“%(title)s”已有会议记录，不能删除。", title=item.title)
    before = journal.image(item, "kind", "title", "brief", "allotted")
    _wait_again(db, item)
    for table in (AgendaCase, AgendaPoint, Attachment):
        db.execute(delete(table).where(table.agenda_item_id == item.id))
    db.execute(delete(AgendaItem).where(AgendaItem.id == item.id))
    journal.record(db, actor, "remove_item", "meeting", meeting.id, item=item.id, before=before)


def _only_one(db: Session, item: AgendaItem) -> bool:
    alike = select(func.count(AgendaItem.id)).where(
        AgendaItem.meeting_id == item.meeting_id, AgendaItem.kind == item.kind
    )
    return db.scalar(alike) == 1


def _wait_again(db: Session, item: AgendaItem) -> None:
    taken = select(Proposal).where(Proposal.agenda_item_id == item.id)
    for proposal in db.scalars(taken):
        proposal.stage, proposal.agenda_item_id = ProposalStage.WAITING, None
        proposal.decided_at = proposal.decided_by = None
    db.flush()


def move_item(db: Session, actor: Actor, meeting: Meeting, item: AgendaItem, to: int) -> int:
    """Move an item to a place in the order, from 1; return where it stands."""
    may_write(actor, meeting)
    before = order_of(db, meeting)
    after = placed(before, item.id, to)
    # By number alone, past the version: whoever writes an item's notes meanwhile is not in the way.
    rows = [{"number": number, "place": place} for place, number in enumerate(after, 1)]
    table = AgendaItem.__table__
    where = table.c.id == bindparam("number")
    db.connection().execute(update(table).where(where).values(position=bindparam("place")), rows)  # type: ignore[arg-type]  # a table
    db.refresh(item, ["position"])
    if after != before:
        journal.record(
            db,
            actor,
            "shift_item",
            "meeting",
            meeting.id,
            item=item.id,
            before={"position": before.index(item.id) + 1},
            after={"position": after.index(item.id) + 1},
        )
    return after.index(item.id) + 1


def choose_cases(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    cases: Collection[int],
    offered: Collection[int],
) -> None:
    """Set which of the offered cases are heard under the item; those decided on stay."""
    may_write(actor, meeting)
    wanted = set(cases)
    unit = meeting.unit
    where = (
        Case.compound_id == unit.compound_id
        if unit.compound_id
        else Case.compound.has(community_id=unit.community_id)
    )
    if set(db.scalars(select(Case.id).where(Case.id.in_(wanted), where))) != wanted:
        raise Invalid("所选诉求不属于该会议单元，请刷新页面后重选。")
    known = {c.case_id for c in item.cases}
    decided = set(
        db.scalars(select(Resolution.case_id).where(Resolution.agenda_item_id == item.id))
    )
    gone = (known & set(offered)) - wanted - decided
    db.execute(
        delete(AgendaCase).where(AgendaCase.agenda_item_id == item.id, AgendaCase.case_id.in_(gone))
    )
    db.add_all(AgendaCase(agenda_item_id=item.id, case_id=c) for c in sorted(wanted - known))
    journal.record(
        db,
        actor,
        "choose_cases",
        "meeting",
        meeting.id,
        item=item.id,
        before={"cases": known},
        after={"cases": (known - gone) | wanted},
    )


def choose_points(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    *,
    steps: Collection[int] | None = None,
    compounds: Collection[int] | None = None,
    at: datetime,
) -> None:
    """Set which supervision steps, or whose showcases, are raised under the item (None: as it is)."""
    may_write(actor, meeting)
    known = db.scalars(select(AgendaPoint).where(AgendaPoint.agenda_item_id == item.id)).all()
    if steps is not None:
        kept = {point.step_id for point in known if point.step_id is not None}
        since = material.since_last(db, meeting)
        offered = {step.id for step in material.steps(db, meeting, since, at=at)} | kept
        _refuse_foreign(set(steps) - offered)
        _set_points(db, actor, meeting, item, known, "step_id", set(steps))
    if compounds is not None:
        _refuse_foreign(set(compounds) - set(material.compounds_of(db, meeting)))
        _set_points(db, actor, meeting, item, known, "compound_id", set(compounds))


def _refuse_foreign(foreign: set[int]) -> None:
    if foreign:
        raise Invalid("所选内容不属于该会议单元，请刷新页面后重选。")


def _set_points(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    known: Collection[AgendaPoint],
    name: str,
    wanted: set[int],
) -> None:
    had = {getattr(point, name): point for point in known if getattr(point, name) is not None}
    if had.keys() == wanted:
        return
    for number in had.keys() - wanted:
        db.delete(had[number])
    db.add_all(
        AgendaPoint(agenda_item_id=item.id, **{name: number}) for number in wanted - had.keys()
    )
    before, after = {"points": sorted(had)}, {"points": sorted(wanted)}
    journal.record(
        db, actor, "choose_points", "meeting", meeting.id, item=item.id, before=before, after=after
    )


def may_write(actor: Actor, meeting: Meeting) -> None:
    """Raise `Forbidden` or `Conflict` where the actor cannot change this agenda now."""
    if not actor.may(Power.CONVENE, meeting.community.path):
        raise Forbidden("您的职务没有修改该会议的权限；请联系社区书记或街道联络员。")
    if meeting.stage in {Stage.HELD, Stage.CANCELLED}:
        raise Conflict("会议%(state)s，议程不能再修改。", state=meeting.stage.word)

"""What agendas are made of: lines and stamps, tasks carried over, files, proposals."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.clock import HERE
from govgrid.errors import NotFound
from govgrid.meetings.models import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaPoint,
    AgendaStamp,
    Attachment,
    Attendee,
    Meeting,
    Proposal,
    ProposalStage,
    Stage,
    Stamp,
)
from govgrid.meetings.rules.agenda import Age, Change, Line, age, changes


@dataclass(frozen=True, slots=True)
class Owed:
    """An open action item of an earlier meeting, owner and meeting loaded, and how old it is."""

    task: ActionItem
    age: Age


@dataclass(frozen=True, slots=True)
class Marks:
    """What changed since the last notice: by item, and the titles of those that are gone."""

    stamp: AgendaStamp | None
    of: dict[int, Change]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.of)


def lines(db: Session, meeting_id: int) -> list[Line]:
    """Return the agenda as a notice shows it."""
    files = defaultdict(list)
    for item, sha256 in db.execute(
        select(Attachment.agenda_item_id, Attachment.sha256)
        .where(Attachment.meeting_id == meeting_id)
        .order_by(Attachment.id)
    ):
        files[item].append(sha256)
    rows = db.execute(
        select(
            AgendaItem.id,
            AgendaItem.kind,
            AgendaItem.title,
            AgendaItem.brief,
            AgendaItem.allotted,
        )
        .where(AgendaItem.meeting_id == meeting_id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    return [
        Line(number, kind.value, title, brief, minutes, tuple(files[number]))
        for number, kind, title, brief, minutes in rows
    ]


def stamp_of(db: Session, meeting_id: int, kind: Stamp) -> AgendaStamp | None:
    """Return the meeting's last stamp of a kind."""
    found = select(AgendaStamp).where(
        AgendaStamp.meeting_id == meeting_id, AgendaStamp.kind == kind
    )
    return db.scalar(found.order_by(AgendaStamp.number.desc()).limit(1))


def marks(db: Session, meeting: Meeting) -> Marks:
    """Return what changed since the last notice; nothing before the first."""
    stamp = stamp_of(db, meeting.id, Stamp.NOTICE) if meeting.invited_at else None
    if stamp is None:
        return Marks(None, {}, ())
    before = [Line.of(line) for line in stamp.stood["lines"]]
    found = changes(before, lines(db, meeting.id))
    gone = tuple(line.title for line in before if found.get(line.item) is Change.REMOVED)
    return Marks(stamp, found, gone)


def owed(
    db: Session, meeting: Meeting, *, at: datetime, offset: int = 0, limit: int | None = None
) -> list[Owed]:
    """Return what earlier meetings of the unit gave to do and is open, the most urgent first."""
    rows = list(
        db.scalars(
            select(ActionItem)
            .join(ActionItem.meeting)
            .where(_open_before(meeting))
            .order_by(ActionItem.deadline, ActionItem.id)
            .offset(offset)
            .limit(limit)
            .options(joinedload(ActionItem.owner), contains_eager(ActionItem.meeting))
        )
    )
    held = _held(db, meeting, (row.meeting.start for row in rows))
    if at >= meeting.start:
        held.append(_day(meeting.start))
    return [Owed(row, age(row, _day(row.meeting.start), held, _day(at))) for row in rows]


def count_owed(db: Session, meeting: Meeting) -> int:
    """Count them."""
    found = select(func.count(ActionItem.id)).join(ActionItem.meeting)
    return db.scalar(found.where(_open_before(meeting))) or 0


def _open_before(meeting: Meeting) -> ColumnElement[bool]:
    return and_(
        ActionItem.unit_id == meeting.unit_id,
        ActionItem.closed_at.is_(None),
        Meeting.start < meeting.start,
    )


def _held(db: Session, meeting: Meeting, given: Iterable[datetime]) -> list[date]:
    first = min(given, default=None)
    if first is None:
        return []
    found = select(Meeting.start).where(
        Meeting.unit_id == meeting.unit_id,
        Meeting.stage == Stage.HELD,
        Meeting.start >= first,
        Meeting.start < meeting.start,
    )
    return [_day(start) for start in db.scalars(found)]


def _day(moment: datetime) -> date:
    return moment.astimezone(HERE).date()


def points_of(db: Session, items: Collection[int]) -> dict[int, list[AgendaPoint]]:
    """Return what is raised beside cases, by item."""
    found: dict[int, list[AgendaPoint]] = defaultdict(list)
    rows = select(AgendaPoint).where(AgendaPoint.agenda_item_id.in_(items))
    for point in db.scalars(rows.order_by(AgendaPoint.id)):
        found[point.agenda_item_id].append(point)
    return found


def page_of_items(db: Session, meeting: Meeting, offset: int, limit: int) -> Sequence[AgendaItem]:
    """Return one stretch of the agenda in order, without what hangs on the items."""
    return db.scalars(
        select(AgendaItem)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
        .offset(offset)
        .limit(limit)
    ).all()


def tally(db: Session, meeting: Meeting) -> tuple[int, int]:
    """Return how many items the agenda has, and their minutes together."""
    found = select(func.count(AgendaItem.id), func.coalesce(func.sum(AgendaItem.allotted), 0))
    count, minutes = db.execute(found.where(AgendaItem.meeting_id == meeting.id)).one()
    return count, minutes


def count_cases(db: Session, items: Collection[int]) -> dict[int, int]:
    """Return how many cases are heard under each item."""
    found = select(AgendaCase.agenda_item_id, func.count(AgendaCase.id))
    grouped = found.where(AgendaCase.agenda_item_id.in_(items)).group_by(AgendaCase.agenda_item_id)
    return {row[0]: row[1] for row in db.execute(grouped)}


def order_of(db: Session, meeting: Meeting) -> list[int]:
    """Return the items' ids in order."""
    found = select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id)
    return list(db.scalars(found.order_by(AgendaItem.position, AgendaItem.id)))


def attachments(db: Session, meeting: Meeting) -> dict[int, list[Attachment]]:
    """Return the meeting's files by agenda item."""
    found: dict[int, list[Attachment]] = defaultdict(list)
    rows = select(Attachment).where(Attachment.meeting_id == meeting.id).order_by(Attachment.id)
    for one in db.scalars(rows):
        found[one.agenda_item_id].append(one)
    return found


def attachment(db: Session, meeting: Meeting, number: int) -> Attachment:
    """Return one file of the meeting. Raise `NotFound`."""
    found = db.get(Attachment, number)
    if found is None or found.meeting_id != meeting.id:
        raise NotFound("该附件已不存在，请刷新页面。")
    return found


def proposals(
    db: Session, meeting: Meeting, *, attendee: Attendee | None = None
) -> Sequence[Proposal]:
    """Return what was proposed, who waits first; of one attendee: theirs, as they came."""
    found = select(Proposal).where(Proposal.meeting_id == meeting.id)
    if attendee is not None:
        found = found.where(Proposal.attendee_id == attendee.id).order_by(Proposal.id)
    else:
        whose = joinedload(Proposal.attendee).joinedload(Attendee.officer)
        waits = Proposal.stage != ProposalStage.WAITING
        found = found.order_by(waits, Proposal.id).options(whose)
    return db.scalars(found).all()


def count_waiting(db: Session, meeting: Meeting) -> int:
    """Count the proposals that nobody has answered."""
    found = select(func.count(Proposal.id)).where(
        Proposal.meeting_id == meeting.id, Proposal.stage == ProposalStage.WAITING
    )
    return db.scalar(found) or 0


def proposal(db: Session, meeting: Meeting, number: int) -> Proposal:
    """Return one proposal for the meeting, with who made it. Raise `NotFound`."""
    found = db.scalar(
        select(Proposal)
        .where(Proposal.id == number, Proposal.meeting_id == meeting.id)
        .options(joinedload(Proposal.attendee).joinedload(Attendee.officer))
    )
    if found is None:
        raise NotFound("该提议已不存在，请刷新页面。")
    return found

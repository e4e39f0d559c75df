"""The meeting itself: attendance, notes, resolutions, action items, and its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.clock import HERE
from govgrid.errors import Conflict, Invalid
from govgrid.grid.models import Officer
from govgrid.meetings import rules
from govgrid.meetings.actions.clock import stop_clock
from govgrid.meetings.actions.follow_up import carry_over
from govgrid.meetings.actions.minutes import open_for_edit
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.actions.preparing import carry_on
from govgrid.meetings.actions.reminders import drop_calls
from govgrid.meetings.actions.stamps import keep_shown
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    Attendee,
    CoOwner,
    Meeting,
    Minutes,
    MinutesStage,
    Resolution,
    Stage,
)
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.meetings.rules.room import Quorum, quorum_of, stale
from govgrid.settings import BLOCK

TASK = ("matter", "owner_id", "co_owners", "deadline")


@dataclass(frozen=True, slots=True)
class Came:
    """One attendee's attendance; a substitute comes with a name. `observer` None: as invited."""

    attendance: Attendance
    substitute: str = ""
    observer: bool | None = None


def take_attendance(
    db: Session, actor: Actor, meeting: Meeting, came: Mapping[int, Came], *, at: datetime
) -> None:
    """Set who came, by attendee id. Raise `Conflict` before the doors open."""
    may_record(db, actor, meeting, at=at)
    before = _who_came(meeting)
    for attendee in attending(meeting):
        if (word := came.get(attendee.id)) is None:
            continue
        if word.attendance is Attendance.SUBSTITUTE and not word.substitute:
            raise Invalid("请填写%(name)s的代会人姓名。", name=attendee.officer.name)
        if word.observer and attendee.required:
            raise Invalid("%(name)s是应到人员，不能登记为列席。", name=attendee.officer.name)
        if word.observer is not None:
            attendee.observer = word.observer
        attendee.attendance = word.attendance
        if word.attendance is Attendance.SUBSTITUTE:
            attendee.substitute = word.substitute
    journal.record(
        db,
        actor,
        "take_attendance",
        "meeting",
        meeting.id,
        before=before,
        after=_who_came(meeting),
    )


def _who_came(meeting: Meeting) -> dict[str, object]:
    """Return attendance by officer, a substitute with the name, for the journal."""
    return {
        str(a.officer_id): [a.attendance, a.substitute] if a.substitute else a.attendance
        for a in attending(meeting)
    }


def write_notes(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    notes: str,
    version: int,
    *,
    at: datetime,
) -> None:
    """Save an item's notes. Raise `Conflict` where somebody saved since that version."""
    may_record(db, actor, meeting, at=at)
    if item.notes == notes:
        return
    if stale(item, notes, version):
        raise Conflict(
            "“%(title)s”的记录刚被其他人修改为：“%(notes)s”。您的文字仍在输入框中，"
            "请合并后刷新页面再保存。",
            title=item.title,
            notes=item.notes,
        )
    was, now = _changed(item.notes, notes)
    item.notes, item.notes_version = notes, item.notes_version + 1
    item.notes_by, item.notes_at = actor.name, at
    journal.record(
        db,
        actor,
        "write_notes",
        "meeting",
        meeting.id,
        item=item.id,
        before={"notes": was},
        after={"notes": now},
    )


def _changed(before: str, after: str) -> tuple[str, str]:
    """Return what differs, without what both begin and end with: notes are saved while written."""
    start = _alike(before, after)
    before, after = before[start:], after[start:]
    end = _alike(before[::-1], after[::-1])
    return before[: len(before) - end], after[: len(after) - end]


def _alike(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def resolve(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    text: str,
    *,
    case_id: int | None = None,
    at: datetime,
) -> Resolution:
    """Add a resolution to an item, about one of its cases where named.

    Without a quorum it is refused or marked, as the installation is set.
    """
    may_record(db, actor, meeting, at=at)
    quorate = _quorate(db, meeting)
    if case_id is not None and case_id not in {c.case_id for c in item.cases}:
        raise Invalid("该诉求不在本议题中，请刷新页面后重选。")
    made = Resolution(
        agenda_item_id=item.id,
        text=text,
        case_id=case_id,
        compound_id=meeting.unit.compound_id,
        quorate=quorate,
    )
    item.resolutions.append(made)
    db.flush()
    after = journal.image(made, "text", "case_id", "quorate")
    journal.record(db, actor, "resolve", "meeting", meeting.id, resolution=made.id, after=after)
    return made


def quorum_now(db: Session, meeting: Meeting) -> Quorum:
    """Return who of those required is there now."""
    # Asked for each decision: one transaction need not look the unit's settings up again.
    shares: dict[int, int] = db.info.setdefault("quorum_shares", {})
    if meeting.unit_id not in shares:
        shares[meeting.unit_id] = setup_of_unit(db, meeting.unit).quorum
    return quorum_of(attending(meeting), shares[meeting.unit_id])


def _quorate(db: Session, meeting: Meeting) -> bool | None:
    """Tell whether a decision has its quorum; None: attendance is taken later."""
    now = quorum_now(db, meeting)
    if now.held:
        return True
    if db.info["settings"].without_quorum == BLOCK:
        raise Conflict(
            "到会未达法定人数（应到 %(required)s 人，须到 %(needed)s 人，已到 %(there)s 人），"
            "不能作出决议。请先登记考勤，或另行召集。",
            required=now.required,
            needed=now.needed,
            there=now.there,
        )
    return False if now.taken else None


def drop_resolution(
    db: Session, actor: Actor, meeting: Meeting, resolution: Resolution, *, at: datetime
) -> None:
    """Take a resolution back before signing. Raise `Conflict` where something rests on it."""
    may_record(db, actor, meeting, at=at)
    if resolution.pipeline_id is not None:
        raise Conflict("这条决议已作为老旧小区推进流程的依据，不能删除。")
    db.execute(delete(Resolution).where(Resolution.id == resolution.id))
    before = journal.image(resolution, "text", "case_id", "quorate")
    journal.record(
        db,
        actor,
        "drop_resolution",
        "meeting",
        meeting.id,
        resolution=resolution.id,
        before=before,
    )


def assign(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    matter: str,
    owner: Officer,
    co_owners: str,
    deadline: date,
    *,
    beside: Sequence[Attendee] = (),
    at: datetime,
) -> ActionItem:
    """Give somebody something to do by a day; `co_owners` are those who are not at the meeting."""
    may_record(db, actor, meeting, at=at)
    if deadline < meeting.start.astimezone(HERE).date():
        raise Invalid("完成时限不能早于会议日期。")
    if owner.id not in {a.officer_id for a in attending(meeting)}:
        raise Invalid("责任人应为本次会议的参会人员；请先将其加入参会名单。")
    made = ActionItem(
        unit_id=meeting.unit_id,
        meeting_id=meeting.id,
        agenda_item_id=item.id,
        matter=matter,
        owner_id=owner.id,
        co_owners=_named(co_owners, beside) or None,
        deadline=deadline,
    )
    db.add(made)
    db.flush()
    db.add_all(CoOwner(action_item_id=made.id, officer_id=a.officer_id) for a in beside)
    after = journal.image(made, *TASK)
    journal.record(db, actor, "assign", "action_item", made.id, meeting=meeting.id, after=after)
    return made


def _named(co_owners: str, beside: Sequence[Attendee]) -> str:
    names = "、".join([*(a.officer.name for a in beside), *([co_owners] if co_owners else [])])
    if len(names) > 200:
        raise Invalid("配合人员过多，合计最多 200 个字。")
    return names


def drop_action_item(
    db: Session, actor: Actor, meeting: Meeting, item: ActionItem, *, at: datetime
) -> None:
    """Take an action item of this meeting back before signing."""
    may_record(db, actor, meeting, at=at)
    drop_calls(db, item, at=at)
    db.execute(delete(ActionItem).where(ActionItem.id == item.id))
    before = journal.image(item, *TASK)
    journal.record(
        db, actor, "drop_action_item", "action_item", item.id, meeting=meeting.id, before=before
    )


def hold(
    db: Session, actor: Actor, meeting: Meeting, items: Sequence[AgendaItem], *, at: datetime,
    tell: bool = True,
) -> Minutes:  # fmt: skip
    """End the meeting and begin its minutes; the street is told of what stays open, if `tell`.

    Raise `Invalid` naming whose attendance or which notes are missing.
    """
    may_convene(actor, meeting.community.path)
    _refuse_early(meeting, at)
    unknown = [a.officer.name for a in attending(meeting) if a.attendance is None]
    if unknown:
        raise Invalid("尚未登记考勤：%(names)s。请登记后再结束会议。", names="、".join(unknown))
    silent = [item.title for item in items if not item.notes and not item.resolutions]
    if silent:
        raise Invalid("议题“%(title)s”尚无记录，请填写记录或决议后再结束会议。", title=silent[0])
    before = journal.image(meeting, "stage")
    rules.move(meeting, Stage.HELD)
    meeting.held_at = at
    stop_clock(db, meeting, at=at)
    keep_shown(db, meeting, items, at=at)
    carry_on(db, actor, meeting)
    quorum = quorum_now(db, meeting)
    for unknown_yet in (r for item in items for r in item.resolutions if r.quorate is None):
        unknown_yet.quorate = quorum.held
    carried = carry_over(db, meeting, at=at, tell=tell)
    minutes = Minutes(
        meeting_id=meeting.id,
        issue=_issue(db, meeting),
        stage=MinutesStage.DRAFT,
        drafted_by=actor.name,
        approvals=[],
    )
    db.add(minutes)
    db.flush()
    journal.record(
        db,
        actor,
        "hold",
        "meeting",
        meeting.id,
        before=before,
        after=journal.image(meeting, "stage"),
        quorum=quorum.held,
        carried=carried,
    )
    return minutes


def may_record(db: Session, actor: Actor, meeting: Meeting, *, at: datetime) -> None:
    """Raise `Forbidden` or `Conflict` where the actor cannot write down this meeting now.

    An edit while the minutes are in review takes them back to draft, and their approvals.
    """
    may_convene(actor, meeting.community.path)
    if meeting.stage is Stage.HELD:
        open_for_edit(db, actor, meeting, at=at)
        return
    if meeting.stage is not Stage.CONFIRMED:
        raise Conflict("会议%(state)s，请先确认会议再做记录。", state=meeting.stage.word)
    _refuse_early(meeting, at)


def _refuse_early(meeting: Meeting, at: datetime) -> None:
    if at < meeting.start - rules.DOORS:
        raise Conflict(
            "会议尚未开始，开始前 2 小时起可以登记考勤和记录（会议时间：%(start)s）。",
            start=rules.spoken(meeting.start),
        )


def _issue(db: Session, meeting: Meeting) -> int:
    """Return the next number of the unit's minutes in that year."""
    first = meeting.month.replace(month=1)
    last = db.scalar(
        select(func.max(Minutes.issue))
        .join(Minutes.meeting)
        .where(
            Meeting.unit_id == meeting.unit_id,
            Meeting.month >= first,
            Meeting.month <= first.replace(month=12),
        )
    )
    return (last or 0) + 1

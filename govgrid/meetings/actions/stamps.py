"""Keep what stood at a notice and at the meeting; tell cases what was said of them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.cases.actions.life import Note, note_meeting
from govgrid.cases.models import Case, CaseEvent
from govgrid.meetings import material
from govgrid.meetings.models import AgendaItem, AgendaStamp, Meeting, Resolution, Stamp
from govgrid.meetings.queries import agenda, seen


def freeze(db: Session, meeting: Meeting, *, at: datetime) -> AgendaStamp:
    """Keep the agenda as the notice that leaves now shows it."""
    shown = [asdict(line) for line in agenda.lines(db, meeting.id)]
    return _stamp(db, meeting, Stamp.NOTICE, {"lines": shown}, at)


def keep_shown(
    db: Session, meeting: Meeting, items: Sequence[AgendaItem], *, at: datetime
) -> AgendaStamp:
    """Keep what the meeting was shown: later changes of cases and figures do not touch it."""
    return _stamp(db, meeting, Stamp.HELD, material.shown(db, meeting, items, at=at), at)


def _stamp(
    db: Session, meeting: Meeting, kind: Stamp, content: dict[str, object], at: datetime
) -> AgendaStamp:
    last = select(func.max(AgendaStamp.number)).where(
        AgendaStamp.meeting_id == meeting.id, AgendaStamp.kind == kind
    )
    number = (db.scalar(last) or 0) + 1
    made = AgendaStamp(meeting_id=meeting.id, kind=kind, number=number, at=at, stood=content)
    db.add(made)
    db.flush()
    return made


def note_cases(db: Session, actor: Actor, meeting: Meeting, *, at: datetime) -> int:
    """Write into the cases that were heard what was decided on them; return into how many.

    A correction writes a further note where it says something else.
    """
    heard = {
        one.case_id: (one.case, item) for item in seen.agenda(db, meeting) for one in item.cases
    }
    noted: dict[int, set[str]] = {}
    rows = select(CaseEvent.case_id, CaseEvent.text).where(
        CaseEvent.case_id.in_(heard), CaseEvent.meeting_id == meeting.id
    )
    for number, text in db.execute(rows):
        noted.setdefault(number, set()).add(text or "")
    count = 0
    for number, (case, item) in heard.items():
        said = _said(meeting, case, item.resolutions)
        if number in noted:
            said = f"更正：{said}"
        if {said, said.removeprefix("更正：")} & noted.get(number, set()):
            continue
        when = min(max(meeting.start, case.received_at), at)
        note_meeting(db, actor, case, Note(when, said, meeting_id=meeting.id), at=at)
        count += 1
    return count


def _said(meeting: Meeting, case: Case, resolutions: Iterable[Resolution]) -> str:
    """Return what the meeting decided: on the case, else under its item as a whole."""
    rows = list(resolutions)
    own = [row.text for row in rows if row.case_id == case.id]
    texts = own or [row.text for row in rows if row.case_id is None]
    if not texts:
        return f"{meeting.title}听取了办理情况，未另作决议。"
    return f"{meeting.title}决议：{'；'.join(text.rstrip('。；') for text in texts)}。"

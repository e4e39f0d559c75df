"""The meeting as signed: one JSON document, from which the paper is printed."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from govgrid.clock import HERE
from govgrid.exchange.refusals import untold
from govgrid.grid.queries.changes import Standing, stood_on
from govgrid.meetings import facts, material, rules
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    Attachment,
    Attendance,
    Attendee,
    Guest,
    Meeting,
    Minutes,
)
from govgrid.meetings.queries import seen
from govgrid.meetings.queries.agenda import attachments
from govgrid.meetings.queries.room import guests
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.workdays import provisional

SCHEMA = "govgrid-minutes/1"
Record = dict[str, Any]


def record_of(db: Session, meeting: Meeting, minutes: Minutes) -> Record:
    """Return everything that the minutes say. No resident's name or phone is in it."""
    present = [a for a in meeting.attendees if a.removed_at is None]
    given = seen.action_items(db, meeting)
    items = seen.agenda(db, meeting)
    heard = material.of_meeting(db, meeting, items, at=meeting.start)
    carried = [date.fromisoformat(owed["deadline"]) for owed in heard["carried"]]
    then = stood_on(db, meeting.community, meeting.start.astimezone(HERE).date())
    return {
        "schema": SCHEMA,
        "uid": meeting.uid,
        "sequence": meeting.sequence,
        "number": minutes.number,
        "issue": minutes.issue,
        "title": meeting.title,
        "unit": unit_name(meeting, then),
        "community": then.community,
        "street": then.street,
        "district": then.district,
        "start": _moment(meeting.start),
        "end": _moment(meeting.end),
        "place": facts.place(meeting),
        "convenor": {"name": meeting.convenor.name, "role": _convenor_role(meeting)},
        "attendees": [_attendee(a) for a in present],
        **_guests(guests(db, meeting)),
        "agenda": [
            _item(item, heard["items"].get(str(item.id), _NOTHING), given) for item in items
        ],
        "quorum": _quorum(present, setup_of_unit(db, meeting.unit).quorum),
        "actions": [_action(n, a) for n, a in enumerate(given, 1)],
        "carried": [_carried(owed) for owed in heard["carried"]],
        "rates": heard["rates"],
        "showcase": heard["showcase"],
        **_files(items, attachments(db, meeting)),
        "drafted_by": minutes.drafted_by,
        "approvals": _approvals(minutes),
        "code": minutes.code,
        **_provisional(
            db, [meeting.start.astimezone(HERE).date(), *(a.deadline for a in given), *carried]
        ),
    }


def _files(items: Iterable[AgendaItem], files: Mapping[int, Iterable[Attachment]]) -> Record:
    """Return what was attached, in the agenda's order; nothing where nothing was."""
    found = [
        {
            "item": item.title,
            "name": one.name,
            "media": one.media.value,
            "size": one.size,
            "sha256": one.sha256,
        }
        for item in items
        for one in files.get(item.id, ())
    ]
    return {"files": found} if found else {}


def _provisional(db: Session, days: Iterable[date]) -> Record:
    """Return the years of those days that had no notice yet; nothing where all had."""
    years = sorted({day.year for day in days if provisional(db, day)})
    return {"provisional": years} if years else {}


def record_bytes(record: Record) -> bytes:
    """Return the record's one canonical form."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def record_hash(record: Record) -> str:
    """Return the SHA-256 of the canonical form, hexadecimal."""
    return hashlib.sha256(record_bytes(record)).hexdigest()


def unit_name(meeting: Meeting, then: Standing) -> str:
    """Return what the unit was called on the day of its meeting."""
    return meeting.unit.compound.name if meeting.unit.compound else then.community


def _convenor_role(meeting: Meeting) -> str:
    role = next((a.role for a in meeting.attendees if a.officer_id == meeting.convenor_id), None)
    return role.word if role else ""


def _attendee(attendee: Attendee) -> Record:
    return {
        "name": attendee.officer.name,
        "role": attendee.role.word,
        "required": attendee.required,
        "observer": attendee.observer,
        "attendance": attendee.attendance,
        "substitute": attendee.substitute if attendee.attendance is Attendance.SUBSTITUTE else None,
    }


def _guests(found: Iterable[Guest]) -> Record:
    """Return who was there and nobody's officer; nothing where nobody was."""
    told = [{"name": one.name, "affiliation": one.affiliation, "duty": one.duty} for one in found]
    return {"guests": told} if told else {}


def _quorum(present: list[Attendee], share: int) -> Record:
    required = [a for a in present if a.required and not a.observer]
    there = [a for a in required if a.attendance in {Attendance.PRESENT, Attendance.SUBSTITUTE}]
    return {
        "required": len(required),
        "needed": rules.quorum(len(required), share),
        "there": len(there),
        "held": rules.quorum_held(present, share),
    }


_NOTHING: Record = {"cases": [], "steps": [], "showcases": []}


def _item(item: AgendaItem, heard: Record, given: Iterable[ActionItem]) -> Record:
    return {
        "kind": item.kind.word,
        "title": item.title,
        "brief": _paragraphs(item.brief),
        "cases": [_case(case) for case in heard["cases"]],
        "raised": [
            *(material.step_told(step) for step in heard["steps"]),
            *(material.showcase_told(one) for one in heard["showcases"]),
        ],
        "notes": _paragraphs(item.notes),
        "resolutions": [r.said for r in item.resolutions],
        "actions": [a.matter for a in given if a.agenda_item_id == item.id],
    }


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _case(case: Record) -> Record:
    rest = {name: value for name, value in case.items() if name != "told"}
    return {**rest, "reasons": [str(untold(why)) for why in case["told"]]}


def _action(number: int, action: ActionItem) -> Record:
    return {
        "number": number,
        "matter": action.matter,
        "owner": action.owner.name,
        "co_owners": _names(action.co_owners),
        "deadline": _day(action.deadline),
    }


def _names(text: str | None) -> list[str]:
    return [n for n in (text or "").replace("，", "、").replace(",", "、").split("、") if n.strip()]


def _carried(owed: Record) -> Record:
    return {name: value for name, value in owed.items() if name != "told"}


def _approvals(minutes: Minutes) -> list[Record]:
    if minutes.signed_at is None or minutes.signer is None:
        return []
    return [{"name": minutes.signer.name, "role": "签发", "at": _moment(minutes.signed_at)}]


def _moment(value: datetime) -> str:
    return value.astimezone(HERE).isoformat(timespec="minutes")


def _day(value: date) -> str:
    return value.isoformat()

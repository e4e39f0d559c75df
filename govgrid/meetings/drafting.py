"""What minutes say before they are signed: the meeting's record, and what was written beside it."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from govgrid.clock import HERE
from govgrid.meetings.models import Attendance, Meeting, Minutes
from govgrid.meetings.queries.minutes import house_of
from govgrid.meetings.record import Record, record_of
from govgrid.meetings.rules.minutes import House, listed, standing

SIGNED_AS = "签发"


def drafted(db: Session, meeting: Meeting, minutes: Minutes) -> Record:
    """Return what the minutes say now; once signed, what was signed.

    Signer and approvals of the minutes are loaded.
    """
    if minutes.record is not None:
        return minutes.record
    record: Record = minutes.draft or from_meeting(db, meeting, minutes)
    return {**record, "approvals": approvals(minutes)}


def from_meeting(db: Session, meeting: Meeting, minutes: Minutes) -> Record:
    """Return what the meeting's own records give, in the house's style."""
    record = record_of(db, meeting, minutes)
    house = house_of(db, meeting.community.path)
    words: Record = minutes.words or {}
    return {
        **record,
        "house": house.named(record["community"], record["street"]),
        "retention": (minutes.retention or house.retention).value,
        "opening": words.get("opening", []),
        "copied_to": words.get("copied_to") or copies(house, record),
        "annexes": words.get("annexes", []),
    }


def copies(house: House, record: Record) -> list[str]:
    """Return who gets a copy where the minutes themselves say nothing."""
    return listed(house.copied_to) or usual_copies(record)


def usual_copies(record: Record) -> list[str]:
    """Return who gets a copy where nobody said."""
    office = f"{record['street']}办事处"
    return [f"{record['district']}住房建设和交通运输部门", office, "各参会单位"]


def approvals(minutes: Minutes) -> list[Record]:
    """Return who approved, in order, and who signed."""
    given: list[Record] = [
        {"name": one.name, "role": reviewer.word, "at": moment(one.at)}
        for reviewer, one in sorted(standing(minutes).items(), key=lambda pair: pair[1].at)
    ]
    if minutes.signed_at is not None and minutes.signer is not None:
        signed = {"name": minutes.signer.name, "role": SIGNED_AS, "at": moment(minutes.signed_at)}
        given.append(signed)
    return given


def moment(value: datetime) -> str:
    return value.astimezone(HERE).isoformat(timespec="minutes")


def corrected(minutes: Minutes, reason: str, by: str) -> Record:
    """Return the draft of a correction: what was signed, without what only signing gives."""
    assert minutes.record is not None
    assert minutes.signed_at is not None
    return {
        **deepcopy(minutes.record),
        "number": minutes.number + 1,
        "drafted_by": by,
        "approvals": [],
        "code": None,
        "copied_to": _list(minutes.record, "copied_to") or usual_copies(minutes.record),
        "opening": list(_list(minutes.record, "opening")),
        "annexes": list(_list(minutes.record, "annexes")),
        "correction": {
            "of": minutes.number,
            "signed": minutes.signed_at.astimezone(HERE).date().isoformat(),
            "reason": reason,
            "changes": [],
        },
    }


def _list(record: dict[str, Any], key: str) -> list[Any]:
    found: list[Any] = record.get(key, [])
    return found


def counted(record: Record) -> Record:
    """Return the record with the quorum counted anew from who came."""
    due = [a for a in record["attendees"] if a["required"] and not a["observer"]]
    came = {Attendance.PRESENT.value, Attendance.SUBSTITUTE.value}
    there = sum(a["attendance"] in came for a in due)
    quorum = record["quorum"]
    return {**record, "quorum": {**quorum, "there": there, "held": there >= quorum["needed"]}}

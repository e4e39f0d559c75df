"""Write what minutes say beside the meeting's records; edit a correction; set the house's style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid
from govgrid.grid.models import Area
from govgrid.meetings.actions.minutes import refuse_stale, retract
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.drafting import counted
from govgrid.meetings.models import (
    Attendance,
    HouseStyle,
    Meeting,
    Minutes,
    MinutesStage,
    Retention,
)
from govgrid.meetings.queries.minutes import FIELDS, house_style
from govgrid.meetings.record import Record
from govgrid.meetings.rules.minutes import MOST_ANNEXES, changes, listed

MARKS = frozenset({"社区", "街道"})


@dataclass(frozen=True, slots=True)
class Annex:
    """An attachment as it is typed; one without title and text is none."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the minutes say beside the records, as it is typed."""

    opening: str = ""
    copied_to: str = ""
    annexes: Sequence[Annex] = ()
    retention: Retention = Retention.THIRTY


@dataclass(frozen=True, slots=True)
class Edits:
    """What a correction changes in the record, as it is typed; by place in the record."""

    place: str
    brief: Mapping[int, str]
    notes: Mapping[int, str]
    resolutions: Mapping[int, str]
    matters: Mapping[int, str]
    attendance: Mapping[int, Attendance]


def write(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    minutes: Minutes,
    words: Words,
    version: int,
    *,
    at: datetime,
    edits: Edits | None = None,
) -> None:
    """Write the words, and a correction's edits; approvals given so far are retracted.

    Raise `Conflict` once signed, or where somebody wrote since `version`.
    """
    may_convene(actor, meeting.community.path)
    if minutes.stage is MinutesStage.SIGNED:
        raise Conflict("纪要已签发，不能再修改。如有错误，请起草更正版。")
    refuse_stale(minutes, version)
    said = _said(words)
    before, old = _now(minutes), minutes.draft if minutes.number > 1 else None
    retract(db, actor, minutes, at=at)
    minutes.retention = words.retention
    if minutes.draft is None:
        minutes.words = said
    else:
        draft = {**minutes.draft, **said, "retention": words.retention.value}
        minutes.draft = _edited(draft, edits) if edits else draft
    after, told = _now(minutes), changes(old, minutes.draft or {}) if old else []
    if before != after or told:
        detail = {"changed": told} if told else {}
        journal.record(
            db, actor, "edit", "minutes", minutes.id, before=before, after=after, **detail
        )


def _said(words: Words) -> dict[str, object]:
    annexes = [one for one in words.annexes if one.title or one.text]
    if len(annexes) > MOST_ANNEXES:
        raise Invalid("附件最多 %(n)s 个。", n=MOST_ANNEXES)
    bare = next((n for n, one in enumerate(annexes, 1) if not (one.title and one.text)), None)
    if bare is not None:
        raise Invalid("附件%(n)s 的标题和正文都要填写。", n=bare)
    return {
        "opening": _paragraphs(words.opening),
        "copied_to": listed(words.copied_to),
        "annexes": [{"title": one.title, "text": _paragraphs(one.text)} for one in annexes],
    }


def _now(minutes: Minutes) -> dict[str, object]:
    """Return what the journal compares."""
    source: dict[str, Any] = (minutes.draft if minutes.number > 1 else minutes.words) or {}
    kept = ("opening", "copied_to", "annexes")
    return {"retention": minutes.retention, **{key: source.get(key, []) for key in kept}}


def _edited(record: Record, edits: Edits) -> Record:
    agenda = [
        {
            **item,
            "brief": _paragraphs(edits.brief.get(n, "\n".join(item["brief"]))),
            "notes": _paragraphs(edits.notes.get(n, "\n".join(item["notes"]))),
            "resolutions": _paragraphs(edits.resolutions.get(n, "\n".join(item["resolutions"]))),
        }
        for n, item in enumerate(record["agenda"])
    ]
    attendees = [_came(one, edits.attendance.get(n)) for n, one in enumerate(record["attendees"])]
    actions = [
        {**one, "matter": edits.matters.get(n) or one["matter"]}
        for n, one in enumerate(record["actions"])
    ]
    place = edits.place or record["place"]
    changed = {"place": place, "agenda": agenda, "attendees": attendees, "actions": actions}
    return counted({**record, **changed})


def _came(one: Record, word: Attendance | None) -> Record:
    if word is None or word.value == one["attendance"]:
        return one
    stays = one["substitute"] if word is Attendance.SUBSTITUTE else None
    if word is Attendance.SUBSTITUTE and not stays:
        raise Invalid("请填写%(name)s的代会人姓名。", name=one["name"])
    return {**one, "attendance": word.value, "substitute": stays}


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def set_house(
    db: Session, actor: Actor, area: Area, values: Mapping[str, Any], version: int
) -> None:
    """Let these be how the area's minutes look (None: as above it).

    Raise `Conflict` where somebody else has set it since `version` (0: it was not set).
    """
    may_convene(actor, area.path)
    for name in ("body", "masthead"):
        _refuse_marks(values.get(name) or "")
    row = house_style(db, area)
    if (row.version if row else 0) != version:
        raise Conflict("设置刚被其他人修改，请刷新页面核对后再保存。")
    if row is None:
        row = HouseStyle(area_id=area.id)
        db.add(row)
    before = journal.image(row, *FIELDS)
    for name in FIELDS:
        setattr(row, name, values.get(name))
    db.flush()
    after = journal.image(row, *FIELDS)
    journal.record(db, actor, "set_house", "settings", area.code, before=before, after=after)


def _refuse_marks(text: str) -> None:
    """Raise `Invalid` for braces that stand for nothing."""
    parts = text.replace("}", "{").split("{")[1::2]
    wrong = [part for part in parts if part not in MARKS]
    if wrong or text.count("{") != text.count("}"):
        raise Invalid("大括号中只能写“社区”或“街道”，例如“{社区}联席会议纪要”。")

"""Import of complaint cases; columns with the caller's name or number are never read."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Self, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.models import Case, Source
from govgrid.cases.queries.terms import Site, Terms, terms
from govgrid.cases.rules import Moments, faults, first_holder, minute
from govgrid.errors import Invalid
from govgrid.grid.imports.store import insert_rows, update_rows
from govgrid.grid.models import Area, Compound
from govgrid.sheets import Column, How, Outcome, Row, Sheet, read_sheet, refused
from govgrid.sheets import code as read_code
from govgrid.sheets import moment as read_moment
from govgrid.sheets import text as read_text
from govgrid.sheets import word as read_word
from govgrid.sheets import yes_no as read_yes_no
from govgrid.words import N_, Word
from govgrid.workdays import calendar


class Satisfaction(Word):
    """What the resident answered when asked."""

    SATISFIED = "satisfied", N_("满意")
    DISSATISFIED = "dissatisfied", N_("不满意")

    @classmethod
    def of(cls, satisfied: bool | None) -> Self | None:  # noqa: FBT001  # it is a stored answer
        """Return the word for what is stored, None for not rated."""
        return None if satisfied is None else cls.SATISFIED if satisfied else cls.DISSATISFIED


COLUMNS = (
    Column("工单编号", "number", read_code(60), required=True, also=("工单号", "编号")),
    Column("来源", "source", read_word(Source), required=True, also=("受理渠道", "渠道")),
    Column("诉求类别", "category", read_text(40), required=True, also=("问题分类", "类别")),
    Column("小区编号", "compound", read_code(40), required=True),
    Column(
        "受理时间",
        "received_at",
        read_moment,
        required=True,
        note="2026-10-08 09:30",
        also=("来电时间",),
    ),
    Column("响应时间", "replied_at", read_moment),
    Column("办结时间", "closed_at", read_moment),
    Column("反馈时间", "fed_back_at", read_moment),
    Column("满意度", "satisfied", read_word(Satisfaction), note="未评价的留空", also=("是否满意",)),
    Column("物业职责内", "in_remit", read_yes_no, note="是、否；不明确的留空"),
    Column("报告时间", "reported_at", read_moment, note="报告网格长或微网格员的时间"),
    Column("诉求内容", "content", read_text(4000), note="请勿填写来电人姓名、电话"),
)
_MOMENTS = ("received_at", "replied_at", "closed_at", "fed_back_at", "reported_at")
_FACTS = ("source", "category", "compound_id", *_MOMENTS, "satisfied", "in_remit", "content")
_DUES = ("reply_due", "close_due", "promised_reply", "on_site_due")
_STORED = (*_FACTS, *_DUES, "reopened_at")
_CHUNK = 5000

Facts = dict[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class _Known:
    """A case as it stood before (None: it did not), and as the rows read so far leave it."""

    number: str
    before: Facts | None
    after: Facts
    id: int = 0
    path: str = ""  # of the community of a stored case
    compound: str = ""  # code of a stored case's compound
    site: Site | None = None  # as the rows read so far place it
    rows: list[Row] = field(default_factory=list)
    given: Facts = field(default_factory=dict)


def load(
    db: Session,
    actor: Actor | None,
    data: bytes,
    name: str,
    *,
    at: datetime,
    how: How | None = None,
) -> Outcome:
    """Import a sheet of cases. A known number is updated; an empty cell empties nothing."""
    sheet = read_sheet(data, name, COLUMNS, how)
    places = dict(_places(db, {row.values["compound"] for row in sheet.rows}))
    known = dict(_stored(db, [row.values["number"] for row in sheet.rows]))
    for row in sheet.rows:
        _take(sheet, row, places, known, actor)
    for case in known.values():
        if case.rows:
            _check(sheet, case, at)
    if sheet.errors:
        return refused("cases", sheet)
    outcome = _write(db, known.values(), sheet)
    journal.record(
        db,
        actor,
        "import",
        "cases",
        name,
        sha256=hashlib.sha256(data).hexdigest(),
        rows=outcome.rows,
        created=outcome.created,
        updated=outcome.updated,
    )
    return outcome


def _places(db: Session, codes: Iterable[str]) -> Iterator[tuple[str, Site]]:
    columns = select(Compound.code, Compound.id, Compound.company_id, Area.path)
    for chunk in _chunks(codes):
        wanted = columns.join(Compound.community).where(Compound.code.in_(chunk))
        for code, id_, company_id, path in db.execute(wanted):
            yield code, Site(id_, company_id, path)


def _stored(db: Session, numbers: Iterable[str]) -> Iterator[tuple[str, _Known]]:
    community = aliased(Area)
    columns = (
        select(
            Case.id,
            Case.number,
            community.path,
            Compound.code,
            *(getattr(Case, f) for f in _STORED),
        )
        .join(Case.compound)
        .join(community, Compound.community_id == community.id)
    )
    for chunk in _chunks(dict.fromkeys(numbers)):
        rows = db.execute(columns.where(Case.number.in_(chunk)))
        for id_, number, path, compound, *values in rows:
            facts = dict(zip(_STORED, values, strict=True))
            yield number, _Known(number, facts, dict(facts), id_, path, compound)


def _take(
    sheet: Sheet, row: Row, places: dict[str, Site], known: dict[str, _Known], actor: Actor | None
) -> None:
    number = row.values["number"]
    place = places.get(row.values["compound"])
    if place is None or not _may(actor, place.path):
        reason = Invalid("没有这个小区编号，或不在您的职责范围内。请先导入小区，或核对编号。")
        return sheet.refuse(row, "compound", reason)
    case = known.get(number)
    if case is None:
        case = known[number] = _Known(number, None, dict.fromkeys(_FACTS))
    elif case.path and not _may(actor, case.path):
        return sheet.refuse(row, "number", Invalid("此工单编号已属于其他区域的工单。"))
    given = _since_reopened(_given(row, place), case.after.get("reopened_at"))
    if case.rows and any(case.given.get(key, value) != value for key, value in given.items()):
        reason = Invalid("与第 %(row)s 行的工单编号相同而内容不同。", row=case.rows[0].number)
        return sheet.refuse(row, "number", reason)
    case.rows.append(row)
    case.site = place
    case.given |= given
    case.after |= given
    return None


def _may(actor: Actor | None, path: str) -> bool:
    return actor is None or actor.may(Power.LOAD, path)


def _given(row: Row, place: Site) -> Facts:
    """Return what the row says: an empty cell says nothing."""
    given = {key: value for key, value in row.values.items() if value is not None}
    del given["number"], given["compound"]
    given["compound_id"] = place.compound_id
    for key in _MOMENTS:
        if key in given:
            given[key] = minute(given[key])
    if "satisfied" in given:
        given["satisfied"] = given["satisfied"] is Satisfaction.SATISFIED
    return given


def _since_reopened(given: Facts, reopened: datetime | None) -> Facts:
    """Leave out what a sheet says of a closing that a reopening has undone."""
    if reopened is None:
        return given
    closed = given.get("closed_at")
    stale = closed is None or closed <= reopened
    gone = {"closed_at", "fed_back_at", "satisfied"} if stale else set[str]()
    return {key: value for key, value in given.items() if key not in gone}


def _check(sheet: Sheet, case: _Known, at: datetime) -> None:
    """Refuse impossible times, of the case as it would stand afterwards."""
    for key, reason in faults(Moments(**{k: case.after[k] for k in _MOMENTS}), at):
        saying = (row for row in case.rows if row.values[key] is not None)
        sheet.refuse(next(saying, case.rows[0]), key, reason)


def _write(db: Session, cases: Iterable[_Known], sheet: Sheet) -> Outcome:
    hold = terms(db, calendar(db))
    new: list[Facts] = []
    changed: list[Facts] = []
    for case in cases:
        if case.before is None:
            sheet.add(case.rows[0])
            level = first_holder(case.after["source"])
            facts = {"number": case.number, "company_level": level, "version": 1}
            new.append(facts | _timed(case, hold))
        elif case.after != case.before:
            moved = any(case.after[k] != case.before[k] for k in ("received_at", "compound_id"))
            facts = _timed(case, hold) if moved else case.after
            changed.append({"id": case.id} | facts)
            _note(sheet, case)
    insert_rows(db, Case, new)
    update_rows(db, Case, changed)
    return Outcome(
        "cases",
        sheet.count,
        created=len(new),
        updated=len(changed),
        unchanged=sheet.count - len(new) - len(changed),
        ignored=sheet.ignored,
        changes=sheet.changes,
    )


def _note(sheet: Sheet, case: _Known) -> None:
    """Note what the last row of a case changes, in the words of the sheet."""
    told = {key for key in _FACTS if case.before and case.after[key] != case.before[key]}
    old = {key: (case.before or {})[key] for key in told - {"compound_id", "satisfied"}}
    new = {key: case.after[key] for key in old}
    if "satisfied" in told:
        old["satisfied"], new["satisfied"] = (
            said and Satisfaction.of(said["satisfied"]) for said in (case.before, case.after)
        )
    if "compound_id" in told:
        old["compound"], new["compound"] = case.compound, case.rows[-1].values["compound"]
    sheet.change(case.rows[-1], old, new)


def _timed(case: _Known, hold: Terms) -> Facts:
    assert case.site is not None
    return case.after | hold.dues(case.after["received_at"], case.site)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk

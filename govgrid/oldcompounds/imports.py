"""The coverage sheet: dated periods of who manages which compound."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Invalid
from govgrid.grid.imports.store import dry, insert_rows
from govgrid.grid.models import Area, Compound, Organization, OrganizationKind
from govgrid.oldcompounds.actions.store import open_act, rewrite
from govgrid.oldcompounds.models import Act, ActKind, FeeModel, FeeUnit, Mode
from govgrid.oldcompounds.queries.stored import History, Kept, chunks, stored
from govgrid.oldcompounds.rules import (
    Period,
    Terms,
    chained,
    clashes,
    contradictions,
    fitting_kind,
    period_text,
)
from govgrid.sheets import Column, How, Outcome, Row, Sheet, listed, read_sheet, refused
from govgrid.sheets import code as read_code
from govgrid.sheets import day as read_day
from govgrid.sheets import decimal as read_decimal
from govgrid.sheets import number as read_number
from govgrid.sheets import text as read_text
from govgrid.sheets import word as read_word


def read_rate(cell: object) -> Decimal:
    """Read a collection rate as 0 to 1, to four places: a computed rate has endless ones."""
    try:
        value: float = read_number(0, 1)(cell)
    except Invalid:
        raise Invalid("收缴率应为 0 至 1 的小数或百分数，例如 0.95 或 95%。") from None
    return round(Decimal(str(value)), 4)


COLUMNS = (
    Column("小区编号", "compound", read_code(40), required=True),
    Column("管理方式", "mode", read_word(Mode), required=True),
    Column("管理单位", "operator", read_text(120), note="专业化物业必填物业企业"),
    Column("起始日期", "since", read_day, required=True, note="2026-10-08"),
    Column("截止日期", "until", read_day, note="最后一个有人管理的日子；仍在管理的留空"),
    Column("协议编号", "agreement", read_text(60)),
    Column("收费标准", "fee", read_decimal(2, 0, 99_999_999), note="金额，单位见下一列"),
    Column("收费单位", "fee_unit", read_word(FeeUnit)),
    Column("收费方式", "fee_model", read_word(FeeModel)),
    Column("收缴率", "collection_rate", read_rate, note="0 至 1，例如 0.95"),
    Column("整体承接编号", "package", read_text(60)),
    Column("服务内容", "services", listed(read_text(40)), note="多项用分号隔开"),
)

Names = dict[str, dict[OrganizationKind, int]]  # organization's name -> kind -> id


@dataclass(frozen=True, slots=True)
class _Place:
    id: int
    path: str
    no_area: bool


@dataclass(frozen=True, slots=True)
class _Given:
    """A row that is right in itself; `kind` is the operator's."""

    row: Row
    terms: Terms
    kind: OrganizationKind | None


Given = dict[int, dict[date, _Given]]


def load(
    db: Session,
    actor: Actor | None,
    data: bytes,
    name: str,
    *,
    at: datetime,
    how: How | None = None,
) -> Outcome:
    """Import periods. Compound and first day name a period, which the row states as a whole.

    Days between two periods of a compound are written as unmanaged; a later row may take them.
    """
    sheet = read_sheet(data, name, COLUMNS, how)
    places = dict(_places(db, {row.values["compound"] for row in sheet.rows}))
    kept = stored(db, [place.id for place in places.values()])
    rows = list(_placed(sheet, actor, places))
    names = _named(db, _operators(rows, kept))
    given = _take(sheet, rows, names, kept)
    _refuse_overlaps(sheet, given, kept)
    if sheet.errors:
        return refused("coverage", sheet)
    _found(db, names, given)
    outcome = Outcome("coverage", sheet.count, ignored=sheet.ignored, changes=sheet.changes)
    changed = set(_compared(sheet, given, kept, outcome))
    sha256 = hashlib.sha256(data).hexdigest()
    if changed:
        told = {"rows": outcome.rows, "created": outcome.created, "updated": outcome.updated}
        act = open_act(db, actor, ActKind.IMPORTED, at=at, file=name[-120:], sha256=sha256, **told)
        _write(db, act, {one: given[one] for one in changed}, kept, names, at)
    journal.record(
        db,
        actor,
        "import",
        "coverage",
        name[:64],
        sha256=sha256,
        rows=outcome.rows,
        created=outcome.created,
        updated=outcome.updated,
    )
    return outcome


def _places(db: Session, codes: Iterable[str]) -> Iterator[tuple[str, _Place]]:
    # Locked in one order, so that nobody records a change to these compounds meanwhile.
    columns = (
        select(Compound.code, Compound.id, Area.path, Compound.floor_area == 0)
        .join(Compound.community)
        .order_by(Compound.id)
    )
    if not dry(db):
        columns = columns.with_for_update(of=Compound)
    for chunk in chunks(sorted(codes)):
        for code, id_, path, no_area in db.execute(columns.where(Compound.code.in_(chunk))):
            yield code, _Place(id_, path, bool(no_area))


def _operators(rows: list[tuple[Row, _Place]], kept: dict[int, History]) -> set[str]:
    held = (period.terms.operator for history in kept.values() for period in history.values())
    return {name for name in (*(row.values["operator"] for row, _ in rows), *held) if name}


def _named(db: Session, names: Iterable[str]) -> Names:
    columns = select(Organization.name, Organization.kind, Organization.id)
    found: Names = {}
    for chunk in chunks(sorted(names)):
        for name, kind, id_ in db.execute(columns.where(Organization.name.in_(chunk))):
            found.setdefault(name, {})[kind] = id_
    return found


def _placed(
    sheet: Sheet, actor: Actor | None, places: dict[str, _Place]
) -> Iterator[tuple[Row, _Place]]:
    """Yield the rows with their compounds; refuse compounds unknown, or not the actor's."""
    for row in sheet.rows:
        place = places.get(row.values["compound"])
        if place is not None and (actor is None or actor.may(Power.LOAD, place.path)):
            yield row, place
            continue
        sheet.refuse(
            row,
            "compound",
            Invalid("没有这个小区编号，或不在您的职责范围内。请先导入小区，或核对编号。"),
        )


def _take(
    sheet: Sheet, rows: list[tuple[Row, _Place]], names: Names, kept: dict[int, History]
) -> Given:
    """Return the rows that are right in themselves; refuse the others."""
    modes: dict[str, set[Mode]] = defaultdict(set)
    for row, _ in rows:
        modes[row.values["operator"]].add(row.values["mode"])
    given: Given = {}
    firsts: dict[tuple[int, date], int] = {}
    for row, place in rows:
        compound, before = place.id, kept.get(place.id, {}).get(row.values["since"])
        terms = _terms(sheet, row, before)
        first = firsts.setdefault((compound, terms.since), row.number)
        if first != row.number:
            reason = Invalid("与第 %(row)s 行的小区和起始日期相同，请核对。", row=first)
            sheet.refuse(row, "since", reason)
            continue
        kind = before.kind if before and before.terms.operator == terms.operator else None
        if terms.operator is not None and kind is None:
            known = names.get(terms.operator, ())
            kind = fitting_kind(terms.operator, modes[terms.operator], known)
        wrong = dict(contradictions(terms, kind))
        if terms.fee_unit is FeeUnit.AREA_MONTH and place.no_area:
            wrong["fee_unit"] = Invalid("该小区的建筑面积为 0，不能按面积收费，请先更正建筑面积。")
        for key, refusal in wrong.items():
            sheet.refuse(row, key, refusal)
        if not wrong:
            given.setdefault(compound, {})[terms.since] = _Given(row, terms, kind)
    return given


def _terms(sheet: Sheet, row: Row, before: Kept | None) -> Terms:
    """Return the row's terms; a column that the sheet has not keeps what is stored."""
    values = {key: value for key, value in row.values.items() if key != "compound"}
    values["services"] = tuple(values["services"] or ())
    if before is not None:
        values |= {key: getattr(before.terms, key) for key in values if not sheet.has(key)}
        values["scan"] = before.terms.scan if values["mode"] is not Mode.NONE else None
    return Terms(**values)


def _real(rows: dict[date, _Given], history: History) -> dict[date, Terms]:
    """Return what the compound's history would be, by first day, without the gaps between."""
    periods = {since: kept.terms for since, kept in history.items() if not kept.link.gap}
    periods |= {
        since: one.terms for since, one in rows.items() if not _is_gap(one, history.get(since))
    }
    return periods


def _is_gap(given: _Given, kept: Kept | None) -> bool:
    """Tell whether the row only says of unrecorded days that nobody manages: as an export does."""
    return kept is not None and kept.link.gap and kept.terms == given.terms


def _refuse_overlaps(sheet: Sheet, given: Given, kept: dict[int, History]) -> None:
    for compound, rows in given.items():
        for earlier, later in clashes(_real(rows, kept.get(compound, {})).values()):
            if later.since in rows:
                _refuse_overlap(sheet, rows[later.since].row, "since", earlier, rows)
            else:
                _refuse_overlap(sheet, rows[earlier.since].row, "until", later, rows)


def _refuse_overlap(
    sheet: Sheet, row: Row, key: str, other: Period, rows: dict[date, _Given]
) -> None:
    period = period_text(other)
    if other.since in rows:
        reason = Invalid(
            "与第 %(row)s 行的期间 %(period)s 重叠，请核对两行的起止日期。",
            row=rows[other.since].row.number,
            period=period,
        )
    else:
        reason = Invalid(
            "与已登记的期间 %(period)s（%(mode)s）重叠，请核对起止日期，或在表中一并更正该期间。",
            period=period,
            mode=other.mode.word,
        )
    sheet.refuse(row, key, reason)


def _found(db: Session, names: Names, given: Given) -> None:
    """Create the organizations that no one has named yet."""
    new: set[tuple[str, OrganizationKind | None]] = {
        (period.terms.operator, period.kind)
        for rows in given.values()
        for period in rows.values()
        if period.terms.operator is not None
        and period.kind not in names.get(period.terms.operator, {})
    }
    if not new:
        return
    rows = [{"name": name, "kind": kind} for name, kind in sorted(new, key=str)]
    insert_rows(db, Organization, rows)
    names.update(_named(db, {name for name, _ in new}))


def _compared(
    sheet: Sheet, given: Given, kept: dict[int, History], outcome: Outcome
) -> Iterator[int]:
    """Count what each row does, and yield the compounds whose history changes."""
    for compound, rows in given.items():
        for first_day, period in rows.items():
            before = kept.get(compound, {}).get(first_day)
            if before and (before.terms, before.kind) == (period.terms, period.kind):
                outcome.unchanged += 1
                continue
            if before is None:
                sheet.add(period.row)
                outcome.created += 1
            else:
                sheet.change(period.row, asdict(before.terms), asdict(period.terms))
                outcome.updated += 1
            yield compound


def _write(
    db: Session, act: Act, given: Given, kept: dict[int, History], names: Names, at: datetime
) -> None:
    chains = {}
    for compound, rows in given.items():
        history = kept.get(compound, {})
        operators: dict[date, Any] = {s: one.operator_id for s, one in history.items()}
        for since, one in rows.items():
            known = names.get(one.terms.operator or "", {})  # in a dry run it may lack the operator
            operators[since] = known.get(one.kind) if one.kind else None
        chains[compound] = [
            (link, None if link.gap else operators[link.terms.since])
            for link in chained(_real(rows, history).values())
        ]
    rewrite(db, act, chains, kept, at=at)

"""Import of what property projects published on their two panels."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Invalid
from govgrid.grid.imports.store import insert_rows, update_rows
from govgrid.grid.models import Area, Compound
from govgrid.sheets import Column, How, Outcome, Row, Sheet, read_sheet, refused
from govgrid.sheets import code as read_code
from govgrid.sheets import day as read_day
from govgrid.sheets import decimal as read_decimal
from govgrid.sheets import month as read_month
from govgrid.sheets import text as read_text
from govgrid.sheets import yes_no as read_yes_no
from govgrid.showcase.models import ShowcaseForm, ShowcaseItem, ShowcaseVersion
from govgrid.showcase.rules import Panel
from govgrid.workdays import local_day


def _read_panel(cell: object) -> str:
    """Read a panel's word; those that a district or street has set are known to the database."""
    written = read_text(20)(cell)
    known = Panel.of_word(written) or next((p for p in Panel if p.value == written), None)
    return str(known.word) if known else str(written)


COLUMNS = (
    Column("小区编号", "compound", read_code(40), required=True),
    Column("期间", "period", read_month, required=True, note="2026-10"),
    Column("面板", "panel", _read_panel, required=True, words=tuple(one.word for one in Panel)),
    Column("项目", "item", read_text(80), required=True),
    Column("承诺", "promise", read_text(1000)),
    Column("结果", "result", read_text(1000), required=True),
    Column(
        "金额",
        "amount",
        read_decimal(2, -1e11, 1e11),
        note="元；支出写成负数，或在项目名中写明“支出”",
    ),
    Column("达标", "met", read_yes_no),
    Column("公示日期", "published_on", read_day),
)
_FACTS = ("promise", "result", "amount", "met", "published_on")
_CHUNK = 5000

Facts = dict[str, Any]
Key = tuple[int, date, str, str]  # compound, period, panel, item
T = TypeVar("T")


def load(
    db: Session,
    actor: Actor | None,
    data: bytes,
    name: str,
    *,
    at: datetime,
    how: How | None = None,
) -> Outcome:
    """Import a sheet of showcase items, known by compound, period, panel and item."""
    sheet = read_sheet(data, name, COLUMNS, how)
    places = dict(_places(db, dict.fromkeys(row.values["compound"] for row in sheet.rows)))
    known = _panels(db, {row.values["panel"] for row in sheet.rows}, places)
    given: dict[Key, tuple[Row, Facts]] = {}
    for row in sheet.rows:
        _take(sheet, row, places, known, given, actor=actor, today=local_day(at))
    outcome = None if sheet.errors else _write(db, given, sheet)
    if outcome is None:
        return refused("showcases", sheet)
    journal.record(
        db,
        actor,
        "import",
        "showcases",
        name,
        sha256=hashlib.sha256(data).hexdigest(),
        rows=outcome.rows,
        created=outcome.created,
        updated=outcome.updated,
    )
    return outcome


def _places(db: Session, codes: Iterable[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    columns = select(Compound.code, Compound.id, Area.path).join(Compound.community)
    for chunk in _chunks(codes):
        for code, id_, path in db.execute(columns.where(Compound.code.in_(chunk))):
            yield code, (id_, path)


def _take(
    sheet: Sheet,
    row: Row,
    places: dict[str, tuple[int, str]],
    known: set[str],
    given: dict[Key, tuple[Row, Facts]],
    *,
    actor: Actor | None,
    today: date,
) -> None:
    values = row.values
    compound, path = places.get(values["compound"], (0, ""))
    if not compound or (actor is not None and not actor.may(Power.LOAD, path)):
        reason = Invalid("没有这个小区编号，或不在您的职责范围内。请先导入小区，或核对编号。")
        return sheet.refuse(row, "compound", reason)
    if values["panel"] not in known:
        words = "、".join(sorted(known))
        return sheet.refuse(row, "panel", Invalid("不在可选范围内，应为：%(words)s。", words=words))
    if values["published_on"] is not None and values["published_on"] > today:
        return sheet.refuse(row, "published_on", Invalid("公示日期晚于今天，请核对。"))
    key = (compound, values["period"], values["panel"], values["item"])
    facts = {name: values[name] for name in _FACTS}
    before = given.setdefault(key, (row, facts))
    if before[1] != facts:
        reason = Invalid("与第 %(row)s 行是同一项目而内容不同。", row=before[0].number)
        return sheet.refuse(row, "item", reason)
    return None


def _panels(db: Session, written: set[str], places: dict[str, tuple[int, str]]) -> set[str]:
    """Return the panels that a sheet may name: the default, set, and already published ones."""
    known = {str(one.word) for one in Panel}
    if written <= known:
        return known
    for panels in db.scalars(select(ShowcaseForm.panels)):
        known |= {one["word"] for one in panels}
    for chunk in _chunks(number for number, _path in places.values()):
        found = select(ShowcaseItem.panel).where(
            ShowcaseItem.compound_id.in_(chunk), ShowcaseItem.panel.in_(written - known)
        )
        known |= set(db.scalars(found.distinct()))
    return known


def _corrected_here(db: Session, keys: Iterable[Key]) -> set[tuple[int, date]]:
    """Return the periods of compounds that were published on the web, where corrections are made."""
    found = set[tuple[int, date]]()
    for chunk in _chunks(dict.fromkeys(key[0] for key in keys)):
        rows = select(ShowcaseVersion.compound_id, ShowcaseVersion.period).where(
            ShowcaseVersion.compound_id.in_(chunk), ~ShowcaseVersion.draft
        )
        found |= {(number, period) for number, period in db.execute(rows)}
    return found


def _write(db: Session, given: dict[Key, tuple[Row, Facts]], sheet: Sheet) -> Outcome | None:
    """Store what is new or different; None where something of it cannot be."""
    stored = dict(_stored(db, given))
    fixed = _corrected_here(db, given)
    new: list[Facts] = []
    changed: list[Facts] = []
    for key, (row, facts) in given.items():
        if key[:2] in fixed and _differs(facts, stored.get(key)):
            reason = Invalid("这一期已在网页上公示，不能用表格改动；请在小区的双晒页面上更正。")
            sheet.refuse(row, "item", reason)
            continue
        if key not in stored:
            sheet.add(row)
            compound, period, panel, item = key
            place = {"compound_id": compound, "period": period, "panel": panel, "item": item}
            new.append(place | facts)
            continue
        id_, before = stored[key]
        # An empty cell says nothing: what was published stays.
        after = before | {name: value for name, value in facts.items() if value is not None}
        if after != before:
            sheet.change(row, before, after)
            changed.append({"id": id_} | after)
    if sheet.errors:
        return None
    insert_rows(db, ShowcaseItem, new)
    update_rows(db, ShowcaseItem, changed)
    return Outcome(
        "showcases",
        sheet.count,
        created=len(new),
        updated=len(changed),
        unchanged=sheet.count - len(new) - len(changed),
        ignored=sheet.ignored,
        changes=sheet.changes,
    )


def _differs(facts: Facts, stored: tuple[int, Facts] | None) -> bool:
    if stored is None:
        return True
    return any(value not in (None, stored[1][name]) for name, value in facts.items())


def _stored(db: Session, keys: Iterable[Key]) -> Iterator[tuple[Key, tuple[int, Facts]]]:
    compounds = dict.fromkeys(key[0] for key in keys)
    periods = {key[1] for key in keys}
    for chunk in _chunks(compounds):
        items = select(ShowcaseItem).where(
            ShowcaseItem.compound_id.in_(chunk), ShowcaseItem.period.in_(periods)
        )
        for item in db.scalars(items):
            key = (item.compound_id, item.period, item.panel, item.item)
            yield key, (item.id, {name: getattr(item, name) for name in _FACTS})


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk

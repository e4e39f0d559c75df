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
from govgrid.sheets import word as read_word
from govgrid.sheets import yes_no as read_yes_no
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.rules import Panel
from govgrid.workdays import local_day

COLUMNS = (
    Column("小区编号", "compound", read_code(40), required=True),
    Column("期间", "period", read_month, required=True, note="2026-10"),
    Column("面板", "panel", read_word(Panel), required=True),
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
    given: dict[Key, tuple[Row, Facts]] = {}
    for row in sheet.rows:
        _take(sheet, row, places, given, actor=actor, today=local_day(at))
    if sheet.errors:
        return refused("showcases", sheet)
    outcome = _write(db, given, sheet)
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
    if values["published_on"] is not None and values["published_on"] > today:
        return sheet.refuse(row, "published_on", Invalid("公示日期晚于今天，请核对。"))
    key = (compound, values["period"], values["panel"].word, values["item"])
    facts = {name: values[name] for name in _FACTS}
    before = given.setdefault(key, (row, facts))
    if before[1] != facts:
        reason = Invalid("与第 %(row)s 行是同一项目而内容不同。", row=before[0].number)
        return sheet.refuse(row, "item", reason)
    return None


def _write(db: Session, given: dict[Key, tuple[Row, Facts]], sheet: Sheet) -> Outcome:
    stored = dict(_stored(db, given))
    new: list[Facts] = []
    changed: list[Facts] = []
    for key, (row, facts) in given.items():
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

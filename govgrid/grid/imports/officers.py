"""Import of officers: one row per post, the same person in several rows once."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.errors import Invalid
from govgrid.grid.imports.organizations import Organizations
from govgrid.grid.imports.places import Limits, Places, places
from govgrid.grid.imports.store import (
    changed,
    insert_coded,
    insert_rows,
    journalled,
    update_rows,
)
from govgrid.grid.models import Compound, Officer, Post
from govgrid.grid.rules import COMPOUND_ROLES, check_post_level, clash, organization_kind
from govgrid.sheets import (
    Column,
    How,
    Outcome,
    Row,
    Sheet,
    code,
    day,
    read_sheet,
    refused,
    text,
    word,
)
from govgrid.workdays import local_day

_PHONE = re.compile(r"\+?\d[\d-]{2,18}\d")
_phone = code(40)
_MAIL = re.compile(r"[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

_mail = text(254)


def phone(cell: object) -> str:
    """Read a phone number without the spaces that people put in it."""
    if isinstance(cell, str):
        if cell.isascii() and len(cell) <= 20 and _PHONE.fullmatch(cell):
            return cell
        cell = re.sub(r"[\s()（）]", "", cell)
    digits = str(_phone(cell)).replace("－", "-").replace("—", "-")
    if not _PHONE.fullmatch(digits) or len(digits) > 20:
        raise Invalid("不是电话号码，例如 13800000000 或 028-60000000。")
    return digits


def mail_address(cell: object) -> str:
    """Read an e-mail address."""
    written = str(_mail(cell))
    if not _MAIL.fullmatch(written):
        raise Invalid("不是邮箱地址，例如 name@example.cn。")
    return written


COLUMNS = (
    Column("人员编号", "code", code(40), required=True, note="同一人的多个任职各占一行，编号相同"),
    Column("姓名", "name", text(40), required=True),
    Column("职务", "role", word(Role), required=True),
    Column("任职对象", "place", code(40), required=True, note="区域代码；项目经理、楼栋管家、业委会成员填小区编号"),
    Column("单位", "organization", text(120)),
    Column("手机", "phone", phone),
    Column("邮箱", "email", mail_address),
    Column("任职起", "since", day),
    Column("任职止", "until", day, note="最后一天；在任者留空"),
)  # fmt: skip
PLAIN = ("phone", "email")
STORED = (*PLAIN, "organization_id")


class Seat(NamedTuple):
    """Whose role where, from which day: a row's identity."""

    officer: str
    role: Role
    area_id: int | None
    compound_id: int | None
    since: date | None


@dataclass(slots=True)
class Person:
    """A person as the file gives it, with the row that spoke first."""

    row: Row
    values: dict[str, Any]


@dataclass(slots=True)
class Roll:
    """All people and posts of the file, next to those stored."""

    sheet: Sheet
    areas: Places
    compounds: dict[str, tuple[int, str]]
    officers: dict[str, dict[str, Any]]
    posts: dict[Seat, tuple[int, date | None]]
    elsewhere: frozenset[str]
    people: dict[str, Person] = field(default_factory=dict)
    seats: dict[Seat, Row] = field(default_factory=dict)


def load(
    db: Session,
    actor: Actor | None,
    data: bytes,
    name: str,
    *,
    at: datetime,
    how: How | None = None,
) -> Outcome:
    """Import officers and posts; an organization named for the first time is created."""
    limits, organizations = Limits(actor), Organizations(db)
    roll = _roll(db, read_sheet(data, name, COLUMNS, how), limits, local_day(at))
    for row in roll.sheet.rows:
        _read(roll, row, limits, organizations)
    _check_periods(roll)
    _check_elsewhere(roll, organizations)
    if roll.sheet.errors:
        return refused("officers", roll.sheet)
    organizations.create(db)
    outcome = _write(db, roll, organizations)
    return journalled(db, actor, outcome, data, name, at)


def _roll(db: Session, sheet: Sheet, limits: Limits, on: date) -> Roll:
    areas = places(db)
    paths = {place.id: place.path for place in areas.values()}
    compounds = {
        code: (number, paths[community])
        for code, number, community in db.execute(
            select(Compound.code, Compound.id, Compound.community_id)
        )
    }
    columns = (Officer.id, Officer.code, Officer.name, *(getattr(Officer, k) for k in STORED))
    officers = {row.code: dict(row._mapping) for row in db.execute(select(*columns))}  # noqa: SLF001
    posts = _stored_posts(db)
    sites = paths | {-number: path for number, path in compounds.values()}
    elsewhere = frozenset(
        seat.officer
        for seat, (_number, until) in posts.items()
        if until is None or until >= on
        if not limits.allow(sites[seat.area_id or -(seat.compound_id or 0)])
    )
    return Roll(sheet, areas, compounds, officers, posts, elsewhere)


def _stored_posts(db: Session) -> dict[Seat, tuple[int, date | None]]:
    rows = db.execute(
        select(
            Officer.code,
            Post.role,
            Post.area_id,
            Post.compound_id,
            Post.since,
            Post.id,
            Post.until,
        ).join(Post.officer)
    )
    return {Seat(*row[:5]): (row[5], row[6]) for row in rows}


def _read(roll: Roll, row: Row, limits: Limits, organizations: Organizations) -> None:
    role: Role = row.values["role"]
    target = _target(roll, row, role, limits)
    values = {key: row.values[key] for key in ("name", *PLAIN) if roll.sheet.has(key)}
    if roll.sheet.has("organization"):
        named = row.values["organization"]
        values["organization"] = (
            organizations.key(named, organization_kind(role)) if named else None
        )
    _merge(roll, row, values)
    if target is None:
        return
    seat = Seat(row.values["code"], role, *target, row.values["since"])
    if seat in roll.seats:
        reason = Invalid("与第 %(row)s 行重复。", row=roll.seats[seat].number)
        roll.sheet.refuse(row, "place", reason)
    elif row.values["until"] and seat.since and row.values["until"] < seat.since:
        roll.sheet.refuse(row, "until", Invalid("任职止早于任职起，请核对。"))
    else:
        roll.seats[seat] = row


def _target(
    roll: Roll, row: Row, role: Role, limits: Limits
) -> tuple[int | None, int | None] | None:
    """Return area id and compound id, one of them None; None after a refusal."""
    code = row.values["place"]
    try:
        if role in COMPOUND_ROLES:
            if code not in roll.compounds:
                raise Invalid("系统中没有编号为 %(code)s 的小区，请先导入小区。", code=code)
            number, path = roll.compounds[code]
            limits.check(path)
            return None, number
        if code not in roll.areas:
            unknown = Invalid("系统中没有代码为 %(code)s 的区域，请先导入区域。", code=code)
            raise roll.areas.missing(code, unknown)
        check_post_level(role, roll.areas[code].level)
        limits.check(roll.areas[code].path)
    except Invalid as reason:
        roll.sheet.refuse(row, "place", reason)
        return None
    return roll.areas[code].id, None


def _merge(roll: Roll, row: Row, values: dict[str, Any]) -> None:
    """Take the person once; later rows complete it, but may not contradict it."""
    known = roll.people.get(row.values["code"])
    if known is None:
        roll.people[row.values["code"]] = Person(row, values)
        return
    for key, value in values.items():
        before = known.values.get(key)
        if before is None:
            known.values[key] = value
        elif value is not None and value != before and key != "organization":
            reason = Invalid("与第 %(row)s 行同一人员编号的内容不一致。", row=known.row.number)
            roll.sheet.refuse(row, key, reason)


def _check_periods(roll: Roll) -> None:
    """Refuse a person who would hold one seat twice on a day."""
    held: dict[tuple[object, ...], dict[date | None, date | None]] = defaultdict(dict)
    for seat, (_number, until) in roll.posts.items():
        held[seat[:4]][seat.since] = until
    for seat, row in roll.seats.items():
        if seat not in roll.posts or roll.sheet.has("until"):
            held[seat[:4]][seat.since] = row.values["until"]
    for seat, row in roll.seats.items():
        if len(held[seat[:4]]) > 1 and clash(held[seat[:4]].items()):
            roll.sheet.refuse(row, "since", Invalid("同一人在同一岗位的任职时间有重叠。"))


def _check_elsewhere(roll: Roll, organizations: Organizations) -> None:
    """Refuse every change of a person who also serves where the actor may not import."""
    for seat, row in roll.seats.items():
        if seat.officer not in roll.elsewhere:
            continue
        old, person = roll.officers[seat.officer], roll.people[seat.officer]
        values = _stored_values(person, old, organizations)
        wrong = [key for key, value in values.items() if old[key] != value]
        if seat not in roll.posts:
            wrong.append("place")
        elif roll.sheet.has("until") and roll.posts[seat][1] != row.values["until"]:
            wrong.append("until")
        for key in wrong:
            shown = key.removesuffix("_id")
            roll.sheet.refuse(
                row, shown, Invalid("此人在您可以导入的区域外另有任职，不能由您修改。")
            )


def _stored_values(
    person: Person, old: Mapping[str, Any] | None, organizations: Organizations
) -> dict[str, Any]:
    values = dict(person.values)
    if "organization" in values:
        before = old["organization_id"] if old else None
        values["organization_id"] = organizations.id(values.pop("organization"), before)
    return values


def _write(db: Session, roll: Roll, organizations: Organizations) -> Outcome:
    ids, before = _write_people(db, roll, organizations)
    touched = set(before)
    new, moved = [], []
    for seat, row in roll.seats.items():
        until = row.values["until"]
        _note(roll, seat, row, before)
        if seat not in roll.posts:
            new.append(
                {
                    "officer_id": ids[seat.officer],
                    "role": seat.role,
                    "area_id": seat.area_id,
                    "compound_id": seat.compound_id,
                    "since": seat.since,
                    "until": until,
                }
            )
        elif roll.sheet.has("until") and roll.posts[seat][1] != until:
            moved.append({"id": roll.posts[seat][0], "until": until})
            touched.add(seat.officer)
    insert_rows(db, Post, new)
    update_rows(db, Post, moved)
    updated = sum(seat in roll.posts and seat.officer in touched for seat in roll.seats)
    return Outcome(
        "officers",
        roll.sheet.count,
        created=len(new),
        updated=updated,
        unchanged=len(roll.seats) - len(new) - updated,
        ignored=roll.sheet.ignored,
        changes=roll.sheet.changes,
    )


def _note(roll: Roll, seat: Seat, row: Row, people: Mapping[str, dict[str, Any]]) -> None:
    """Note whether a row is new, or what it changes of its person and post."""
    if seat not in roll.posts:
        roll.sheet.add(row)
        return
    old, new = dict(people.get(seat.officer, {})), {}
    if old:
        new = {key: roll.people[seat.officer].values[key] for key in old if key != "organization"}
        if "organization" in old:
            new["organization"] = row.values["organization"]
    if roll.sheet.has("until") and roll.posts[seat][1] != row.values["until"]:
        old["until"], new["until"] = roll.posts[seat][1], row.values["until"]
    if new:
        roll.sheet.change(row, old, new)


def _write_people(
    db: Session, roll: Roll, organizations: Organizations
) -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    """Store the people; return all ids by number, and by number what changed people were."""
    empty = dict.fromkeys(STORED)
    new, changes = [], {}
    were: dict[str, dict[str, Any]] = {}
    for code, person in roll.people.items():
        old = roll.officers.get(code)
        values = _stored_values(person, old, organizations)
        if old is None:
            new.append({**empty, **values, "code": code, "version": 1})
        elif changed(old, values):
            changes[code] = {"id": old["id"], **values}
            were[code] = {key: old[key] for key in values if key != "organization_id"}
            if "organization_id" in values:
                were[code]["organization"] = organizations.name(old["organization_id"])
    update_rows(db, Officer, list(changes.values()))
    ids = {code: row["id"] for code, row in roll.officers.items()}
    return ids | insert_coded(db, Officer, new), were

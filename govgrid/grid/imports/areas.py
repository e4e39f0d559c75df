"""Import of areas: the tree, checked against the structure of its codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.errors import Invalid
from govgrid.grid.imports.places import Limits, Place, Places, gone, places
from govgrid.grid.imports.store import insert_coded, journalled, update_rows
from govgrid.grid.models import Area, Level
from govgrid.grid.rules import check_code, check_parent
from govgrid.sheets import Column, How, Outcome, Row, Sheet, code, read_sheet, refused, text, word

COLUMNS = (
    Column("代码", "code", code(18), required=True, note="市 4 位，区县 6 位，街道 9 位，社区 12 位，网格 15 位，微网格 18 位"),
    Column("名称", "name", text(80), required=True),
    Column("层级", "level", word(Level), required=True),
    Column("上级代码", "parent", code(18), note="除“市”以外必填"),
    Column("外部编码", "external_code", text(40), note="本地另有的编码"),
    Column("管理单位代码", "managing", code(18), note="实际管理此区域的区域代码，例如高新区所辖的街道"),
)  # fmt: skip


@dataclass(slots=True)
class Tree:
    """The stored areas and those of the file, put where they belong from the top down."""

    sheet: Sheet
    known: Places
    rows: dict[str, Row] = field(default_factory=dict)
    placed: dict[str, Place] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    def path(self, place: Place) -> str:
        """Return the path that an area has after the import."""
        if place.code in self.placed:
            return self.placed[place.code].path
        above = self.known.get(place.parent_code or "")
        return f"{self.path(above)}{place.code}/" if above else place.path

    def refuse(self, row: Row, key: str, reason: Invalid) -> None:
        """Refuse a row; what hangs on it is not reported again."""
        self.sheet.refuse(row, key, reason)
        self.wrong.add(row.values["code"])


def load(
    db: Session,
    actor: Actor | None,
    data: bytes,
    name: str,
    *,
    at: datetime,
    how: How | None = None,
) -> Outcome:
    """Import areas; parents and children may stand in any order."""
    tree = Tree(read_sheet(data, name, COLUMNS, how), places(db))
    _collect(tree)
    for level in Level:
        for row in tree.rows.values():
            if row.values["level"] is level:
                _put(tree, row)
    _check(tree, Limits(actor))
    if tree.sheet.errors:
        return refused("areas", tree.sheet)
    return journalled(db, actor, _write(db, tree), data, name, at)


def _collect(tree: Tree) -> None:
    tree.wrong = {str(row.values["code"]) for row in tree.sheet.bad}
    for row in tree.sheet.rows:
        first = tree.rows.setdefault(row.values["code"], row)
        if first is not row:
            tree.sheet.refuse(row, "code", Invalid("与第 %(row)s 行重复。", row=first.number))


def _put(tree: Tree, row: Row) -> None:
    """Find an area's place under its parent, or refuse the row."""
    values = row.values
    code, level = values["code"], values["level"]
    if code in tree.known.former:
        return tree.refuse(row, "code", gone(tree.known.former[code]))
    old = tree.known.get(code)
    if old is not None and old.level is not level:
        reason = Invalid(
            "系统中 %(code)s 是“%(found)s”，层级不能更改。", code=code, found=old.level.word
        )
        return tree.refuse(row, "level", reason)
    if old is None:
        try:
            check_code(code, level)
        except Invalid as reason:
            return tree.refuse(row, "code", reason)
    try:
        above = _above(tree, row, old)
    except Invalid as reason:
        return tree.refuse(row, "parent", reason)
    if above is None and level is not Level.CITY:
        tree.wrong.add(code)  # its parent's row was refused: one error is enough
        return None
    path = (tree.path(above) if above else "/") + f"{code}/"
    tree.placed[code] = Place(
        id=old.id if old else 0,
        code=code,
        name=values["name"],
        level=level,
        parent_id=above.id if above else None,
        path=path,
        external_code=_kept(tree, row, old, "external_code"),
        managing_area_id=old.managing_area_id if old else None,
    )
    return None


def _above(tree: Tree, row: Row, old: Place | None) -> Place | None:
    """Return the parent; None for a city, or where the parent's row was refused."""
    code, level = row.values["code"], row.values["level"]
    parent = row.values["parent"] if tree.sheet.has("parent") or not old else old.parent_code
    if level is Level.CITY:
        if parent:
            raise Invalid("“市”是最高一级，不应填写上级代码。")
        return None
    if not parent:
        raise Invalid("“%(level)s”必须填写上级代码。", level=level.word)
    if parent in tree.wrong:
        return None
    if parent in tree.rows and parent not in tree.placed:
        check_parent(code, level, parent, tree.rows[parent].values["level"])
    above = tree.placed.get(parent) or tree.known.get(parent)
    if above is None:
        unknown = Invalid("找不到上级：文件和系统中都没有这个代码。")
        raise tree.known.missing(parent, unknown)
    if old is None or old.parent_code != parent:
        check_parent(code, level, parent, above.level)
    return above


def _kept(tree: Tree, row: Row, old: Place | None, key: str) -> Any:
    if tree.sheet.has(key) or old is None:
        return row.values[key]
    return getattr(old, key)


def _check(tree: Tree, limits: Limits) -> None:
    for code, place in tree.placed.items():
        old = tree.known.get(code)
        if not (limits.allow(place.path) and (old is None or limits.allow(old.path))):
            tree.refuse(tree.rows[code], "code", Invalid("不在您可以导入的区域内。"))
    for row in tree.rows.values():
        managing = row.values["managing"]
        if managing and managing not in tree.known and managing not in tree.rows:
            unknown = Invalid("文件和系统中都没有这个代码的区域。")
            tree.refuse(row, "managing", tree.known.missing(managing, unknown))


def _write(db: Session, tree: Tree) -> Outcome:
    ids = {code: place.id for code, place in tree.known.items()}
    new = [place for place in tree.placed.values() if not place.id]
    for level in Level:
        rows = [_values(place, ids) for place in new if place.level is level]
        full = [{"code": row["code"], "level": level, "version": 1, **row} for row in rows]
        ids |= insert_coded(db, Area, full)
    late = [
        {"id": ids[place.code], "managing_area_id": ids[managing]}
        for place in new
        if (managing := tree.rows[place.code].values["managing"])
    ]
    update_rows(db, Area, late)
    changes = [change for place in tree.placed.values() if (change := _change(tree, place, ids))]
    update_rows(db, Area, changes)
    update_rows(db, Area, _moved(tree))
    _note(tree, new, changes)
    old = len(tree.placed) - len(new)
    return Outcome(
        "areas",
        tree.sheet.count,
        created=len(new),
        updated=len(changes),
        unchanged=old - len(changes),
        ignored=tree.sheet.ignored,
        changes=tree.sheet.changes,
    )


def _note(tree: Tree, new: Iterable[Place], changes: Iterable[Mapping[str, Any]]) -> None:
    """Note which rows are new, and what the others change."""
    for place in new:
        tree.sheet.add(tree.rows[place.code])
    codes = {place.id: place.code for place in tree.known.values()} if changes else {}
    for change in changes:
        old = tree.known[change["code"]]
        row = tree.rows[old.code]
        was = {
            "name": old.name,
            "parent": old.parent_code,
            "external_code": old.external_code,
            "managing": codes.get(old.managing_area_id or 0),
        }
        keys = [key for key in was if key != "managing" or tree.sheet.has(key)]
        now = {key: row.values[key] for key in keys} | {"parent": tree.placed[old.code].parent_code}
        tree.sheet.change(row, was, now | {"external_code": change["external_code"]})


def _values(place: Place, ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "parent_id": ids[place.parent_code] if place.parent_code else None,
        "path": place.path,
        "external_code": place.external_code,
    }


def _change(tree: Tree, place: Place, ids: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the update of a stored area, or None where nothing differs."""
    old = tree.known.get(place.code)
    if old is None:
        return None
    values = _values(place, ids)
    values["managing_area_id"] = old.managing_area_id
    if tree.sheet.has("managing"):
        managing = tree.rows[place.code].values["managing"]
        values["managing_area_id"] = ids[managing] if managing else None
    if all(getattr(old, key) == value for key, value in values.items()):
        return None
    return {"id": old.id, **values}


def _moved(tree: Tree) -> list[dict[str, Any]]:
    """Return the new paths of stored areas below the ones that the file moved."""
    if all(
        tree.path(place) == place.path for place in tree.known.values() if place.code in tree.placed
    ):
        return []
    below = (place for code, place in tree.known.items() if code not in tree.placed)
    return [
        {"id": place.id, "path": path}
        for place in below
        if (path := tree.path(place)) != place.path
    ]

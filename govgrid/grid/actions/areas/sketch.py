"""Areas as a change will leave them: placed, coded, closed in memory; then the steps to get there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from govgrid.access import path_end
from govgrid.errors import Invalid
from govgrid.grid.actions.areas.steps import Step, Values
from govgrid.grid.models import Area, AreaChange, AreaChangePart, ChangeStage, Level
from govgrid.grid.rules import check_code, check_parent, free_code
from govgrid.words import N_


@dataclass(frozen=True, slots=True)
class Node:
    """An area; `anchor` is the one in whose path it lies: its parent, or a closed one's heir."""

    id: int
    code: str
    name: str
    level: Level
    parent_id: int | None
    external_code: str | None
    managing_area_id: int | None
    closed_on: date | None
    version: int
    path: str
    anchor: int | None = None

    @property
    def told(self) -> str:
        """Return name and code, for people."""
        return f"{self.name}（{self.code}）"


_COLUMNS = [f.name for f in fields(Node) if f.name != "anchor"]
_STORED = [name for name in _COLUMNS if name not in {"id", "version"}]


class Sketch:
    """The areas that a change touches, before and after, and the steps for what names them."""

    def __init__(self, db: Session, on: date) -> None:
        self.db, self.on = db, on
        self.before: dict[int, Node] = {}
        self.after: dict[int, Node] = {}
        self.steps: list[Step] = []
        self.outlines: dict[int, list[int]] = {}  # an area is drawn as these joined
        self._used: dict[str, set[str]] = {}

    def load(self, ids: Iterable[int]) -> None:
        """Read these areas with everything below and above them. Raise `Invalid` for no such."""
        wanted = set(ids)
        if not wanted:
            return
        roots = self.db.scalars(select(Area.path).where(Area.id.in_(wanted))).all()
        if len(roots) != len(wanted):
            raise Invalid("区域已不存在，请刷新页面后重新选择。")
        codes = {code for path in roots for code in path.strip("/").split("/")}
        below = [and_(Area.path >= path, Area.path < path_end(path)) for path in roots]
        columns = [getattr(Area, name) for name in _COLUMNS]
        rows = self.db.execute(
            select(*columns).where(or_(Area.code.in_(codes), *below)).order_by(Area.path)
        )
        nodes = [Node(**row._mapping) for row in rows]  # noqa: SLF001  # a row's public mapping
        ids_by_path = {node.path: node.id for node in nodes}
        for node in nodes:
            above = node.path[: node.path.rindex("/", 0, -1) + 1]
            whole = replace(node, anchor=ids_by_path.get(above))
            self.before[node.id] = whole
            self.after.setdefault(node.id, whole)

    def node(self, number: int) -> Node:
        """Return an area as it will be."""
        return self.after[number]

    def living(self, number: int) -> Node:
        """Return an area that is current. Raise `Invalid` for a closed one."""
        node = self.after[number]
        if node.closed_on is not None:
            raise Invalid("“%(area)s”已撤销，不能再变更；如需继续使用请先恢复。", area=node.told)
        return node

    def children(self, number: int) -> list[Node]:
        """Return the current areas right below."""
        found = (n for n in self.after.values() if n.parent_id == number and n.closed_on is None)
        return sorted(found, key=lambda node: node.code)

    def within(self, number: int) -> Iterator[Node]:
        """Yield the area and the current ones anywhere below."""
        yield self.after[number]
        for child in self.children(number):
            yield from self.within(child.id)

    def add(self, parent: Node, level: Level, name: str, code: str | None, like: str = "") -> Node:
        """Put a new area under the parent, with the code asked for or a free one."""
        given = self._checked(code, level, parent) if code else self.free(parent, level, like)
        number = -1 - sum(known < 0 for known in self.after)
        node = Node(number, given, name, level, parent.id, None, None, None, 1, "", parent.id)
        self.after[number] = node
        self._take(given)
        return node

    def change(self, number: int, **values: object) -> None:
        """Change columns of an area."""
        self.after[number] = replace(self.after[number], **values)  # type: ignore[arg-type]  # names of Node

    def place(self, number: int, parent: Node, code: str | None = None) -> None:
        """Hang an area under another parent; it and what is below get codes of that one."""
        node = self.after[number]
        new = self._checked(code, node.level, parent) if code else None
        new = new or self.free(parent, node.level, node.code)
        self._take(new)
        self.change(number, parent_id=parent.id, code=new, anchor=parent.id)
        for child in self.children(number):
            self.place(child.id, self.after[number])

    def close(self, number: int, heir: int | None) -> None:
        """End an area; it and the closed ones it held lie under the heir from now on."""
        self.change(number, closed_on=self.on)
        if heir is None:
            return
        self.change(number, anchor=heir)
        for node in list(self.after.values()):
            if node.anchor == number and node.closed_on is not None and node.id != number:
                self.change(node.id, anchor=heir)

    def free(self, parent: Node, level: Level, like: str = "") -> str:
        """Return a code under the parent that was never in use."""
        return free_code(parent.code, level, self.used(parent.code), like)

    def used(self, prefix: str) -> set[str]:
        """Return all codes that begin so, of today and of former days."""
        if prefix not in self._used:
            end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
            now = select(Area.code).where(Area.code >= prefix, Area.code < end)
            then = (
                select(AreaChangePart.old_code)
                .join(AreaChangePart.change)
                .where(
                    AreaChangePart.old_code >= prefix,
                    AreaChangePart.old_code < end,
                    AreaChange.stage == ChangeStage.DONE,
                )
            )
            found = {str(code) for code in self.db.scalars(now.union(then))}
            found |= {n.code for n in self.after.values() if n.code.startswith(prefix)}
            self._used[prefix] = found
        return self._used[prefix]

    def area_steps(self) -> list[Step]:
        """Return what has to be written on areas, parents before children."""
        self._lay_paths()
        nodes = sorted(self.after.values(), key=lambda node: (len(node.path), node.path))
        steps = (self._step(node) for node in nodes)
        return [step for step in steps if step is not None]

    def _lay_paths(self) -> None:
        known: dict[int, str] = {}

        def path(number: int) -> str:
            node = self.after[number]
            if number not in known:
                above = path(node.anchor) if node.anchor is not None else "/"
                known[number] = f"{above}{node.code}/"
            return known[number]

        for number in list(self.after):
            self.change(number, path=path(number))

    def _step(self, node: Node) -> Step | None:
        old = self.before.get(node.id)
        new: Values = {name: getattr(node, name) for name in _STORED}
        if old is None:
            whole = {**new, "version": 1}
            return Step("areas", {"id": node.id}, None, whole, N_("区域"), node.name, "", node.told)
        after = {k: v for k, v in new.items() if getattr(old, k) != v}
        if not after:
            return None
        before = {name: getattr(old, name) for name in after} | {"version": old.version}
        was, becomes = self._told(old, node)
        return Step("areas", {"id": node.id}, before, after, N_("区域"), old.name, was, becomes)

    def _told(self, old: Node, new: Node) -> tuple[str, str]:
        """Return what an area was and becomes, for people."""
        if old.managing_area_id != new.managing_area_id:
            return self._manager(old), self._manager(new)
        was = self._placed(old, self.before)
        if new.closed_on is not None and old.closed_on is None:
            return was, N_("撤销")
        if old.external_code != new.external_code:
            return f"{was} {old.external_code or ''}", f"{new.told} {new.external_code or ''}"
        return was, self._placed(new, self.after)

    def _manager(self, node: Node) -> str:
        found = self.after.get(node.managing_area_id or 0)
        return found.told if found else N_("按代码归属")

    def _placed(self, node: Node, among: dict[int, Node]) -> str:
        parent = among.get(node.parent_id) if node.parent_id is not None else None
        return f"{parent.name} · {node.told}" if parent else node.told

    def _checked(self, code: str, level: Level, parent: Node) -> str:
        check_code(code, level)
        check_parent(code, level, parent.code, parent.level)
        if code in self.used(parent.code):
            raise Invalid("代码 %(code)s 已经用过，请换一个；历史记录仍指向它。", code=code)
        return code

    def _take(self, code: str) -> None:
        for prefix, known in self._used.items():
            if code.startswith(prefix):
                known.add(code)

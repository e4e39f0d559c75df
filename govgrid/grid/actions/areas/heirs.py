"""What names an area goes to its heir: every foreign key of the metadata, as the column says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Table, false, select

from govgrid.db import metadata
from govgrid.errors import Invalid
from govgrid.grid.actions.areas.sketch import Sketch
from govgrid.grid.actions.areas.steps import Step, Values
from govgrid.grid.follow import KEY, Follows, Kept
from govgrid.words import N_, Word

AREAS = "areas"
ENDS = 0  # in place of an heir: the row ends with its area
ENDED = N_("任职结束")
_LABEL, _HELD = "label for people", "stays with its area"  # no column is called so
Pick = Callable[[str, Values, str], int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its name for people; an `inherited` one stays with its area."""

    values: Values
    label: str
    inherited: bool

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def _row(read: Values) -> Row:
    text, inherited = str(read.pop(_LABEL) or "")[:60], bool(read.pop(_HELD))
    role = read.get("role")
    return Row(read, f"{text} {role.word}" if isinstance(role, Word) else text, inherited)


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names rows of `target`, and how its rows follow."""

    column: Column[Any]
    target: str
    how: Follows | Kept | None

    @property
    def table(self) -> Table:
        table = self.column.table
        assert isinstance(table, Table)
        return table


def references(target: str = AREAS) -> Iterator[Reference]:
    """Yield every column with a foreign key to that table, tables that others need first."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == target for key in column.foreign_keys):
                yield Reference(column, target, column.info.get(KEY))


def following(target: str = AREAS) -> list[tuple[Reference, Follows]]:
    """Return the columns whose rows follow."""
    return [(r, r.how) for r in references(target) if isinstance(r.how, Follows)]


@dataclass(slots=True)
class Carrier:
    """Takes rows from areas to their heirs, deciding row by row and remembering what it decided.

    `pick` names the heir of a row, None where it stays, `ENDS` where it ends.
    """

    sketch: Sketch
    pick: Pick
    decided: dict[tuple[str, int], int | None] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)  # noun → labels that found no heir
    _twins: dict[tuple[str, int, int | None], int] = field(default_factory=dict)
    _new: dict[str, int] = field(default_factory=dict)
    _names: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    _only: dict[tuple[str, str, int], dict[object, Row]] = field(default_factory=dict)

    def carry(self, sources: set[int]) -> None:
        """Add to the sketch what becomes of every row that names one of these areas."""
        for reference, how in following():
            for row in self._rows(reference, how, sources):
                self._go(reference, how, row)

    def _rows(self, reference: Reference, how: Follows, sources: set[int]) -> list[Row]:
        table, column = reference.table, reference.column
        named, _dot, other = how.label.partition(".")
        label: Any = table.c[named]
        held: Any = how.inherited(table) if how.inherited is not None else false()
        whole: Any = table
        if other:
            leads = next(iter(table.c[named].foreign_keys)).column.table.alias()
            whole, label = table.outerjoin(leads, leads.c.id == table.c[named]), leads.c[other]
        wanted = select(table, label.label(_LABEL), held.label(_HELD)).select_from(whole)
        wanted = wanted.where(column.in_(sources))
        if how.only is not None:
            wanted = wanted.where(how.only(table))
        found = self.sketch.db.execute(wanted.order_by(*table.primary_key.columns)).mappings()
        return [_row(dict(values)) for values in found]

    def _go(self, reference: Reference, how: Follows, row: Row) -> None:
        if how.dated and row["until"] is not None and row["until"] < self.sketch.on:
            return
        heir = self._heir(reference, how, row)
        if "id" in row.values and reference.table.name != AREAS:
            self.decided[reference.table.name, row["id"]] = heir
        if heir is None:
            return
        if how.dated:
            self._hand_over(reference, how, row, heir)
        elif row.inherited:
            self._leave(reference, how, row, heir)
        elif heir == ENDS:
            self.left.setdefault(how.noun, []).append(row.label)
        elif reference.column.primary_key:
            self._relink(reference, how, row, heir)
        else:
            self._repoint(reference, how, row, heir, row[reference.column.name])

    def _heir(self, reference: Reference, how: Follows, row: Row) -> int | None:
        if how.via and row.values.get(how.via) is not None:
            leads = next(iter(reference.table.c[how.via].foreign_keys)).column.table.name
            key = (leads, row[how.via])
            if key in self.decided:
                return self.decided[key]
        return self.pick(reference.table.name, row.values, reference.column.name)

    def _repoint(self, reference: Reference, how: Follows, row: Row, heir: int, old: int) -> None:
        table, name = reference.table, reference.column.name
        if heir == old:
            return
        before: Values = {name: old}
        after: Values = {name: heir}
        if how.distinct:
            given = self._distinct(table, how, row, name, heir, old)
            if given != row[how.distinct]:
                before[how.distinct], after[how.distinct] = row[how.distinct], given
        if how.once:
            self._refuse_second(reference, how, row, heir)
        if "version" in row.values:
            before["version"] = row["version"]
        self._step(reference, how, row, before, after, heir)

    def _relink(self, reference: Reference, how: Follows, row: Row, heir: int) -> None:
        """Move a row whose key holds the area: the link ends, a new one begins unless known."""
        table, name = reference.table, reference.column.name
        if heir == row[name]:
            return
        keys = {c.name: row[c.name] for c in table.primary_key.columns}
        rest = {k: v for k, v in row.values.items() if k not in keys}
        label = row.label
        was, becomes = self._place(row[name]), self._place(heir)
        self.sketch.steps.append(Step(table.name, keys, rest, None, how.noun, label, was, becomes))
        new = {**keys, name: heir}
        if not self._known(table, new):
            self.sketch.steps.append(Step(table.name, new, None, rest, "", label))

    def _known(self, table: Table, keys: Values) -> bool:
        if any(s.table == table.name and s.key == keys and s.before is None
               for s in self.sketch.steps):  # fmt: skip
            return True
        same = [table.c[k] == v for k, v in keys.items()]
        return self.sketch.db.execute(select(1).where(*same)).first() is not None

    def _hand_over(self, reference: Reference, how: Follows, row: Row, heir: int) -> None:
        """End a dated row on the day before; the heir's begins that day."""
        table, name, on = reference.table, reference.column.name, self.sketch.on
        last = on - timedelta(days=1)
        began = row["since"]
        if heir != ENDS and began is not None and began >= on:
            self._repoint(reference, how, row, heir, row[name])
            return
        if began is not None and began > last:  # to end before it began: it never was
            label = row.label
            reason = "“%(row)s”自 %(day)s 起任职，晚于生效日期，请先处理该任职。"
            raise Invalid(reason, row=label, day=began.isoformat())
        self._step(reference, how, row, {"until": row["until"]}, {"until": last}, heir)
        if heir == ENDS or self._has_same(table, name, row, heir):
            return
        new = {k: v for k, v in row.values.items() if k != "id"} | {name: heir, "since": on}
        twin = self._number(table.name)
        self.sketch.steps.append(Step(table.name, {"id": twin}, None, new, "", row.label))
        self._hang(table, row["id"], twin)

    def _has_same(self, table: Table, name: str, row: Row, heir: int) -> bool:
        """Tell whether the heir has a running row that says the same of the same person."""
        alike = {k: v for k, v in row.values.items() if k not in {"id", "since", "until", name}}
        planned = (s for s in self.sketch.steps if s.table == table.name and s.before is None)
        for step in planned:
            after = step.after or {}
            if after.get(name) == heir and all(after.get(k) == v for k, v in alike.items()):
                return True
        if heir < 0:
            return False
        running = table.c.until.is_(None) | (table.c.until >= self.sketch.on)
        same = [table.c[k].is_not_distinct_from(v) for k, v in alike.items()]
        found = select(1).where(table.c[name] == heir, running, *same)
        return self.sketch.db.execute(found).first() is not None

    def _leave(self, reference: Reference, how: Follows, row: Row, heir: int) -> None:
        """Leave the row with its area; the heir has one like it, and what hangs on it follows."""
        table, name = reference.table, reference.column.name
        if heir == ENDS:
            self._leave_alone(table, row)
            return
        twin = self._twin(table, how, name, heir)
        if twin is None:
            twin = self._number(table.name)
            self._twins[table.name, heir, None] = twin
            new = {k: v for k, v in row.values.items() if k != "id"} | {name: heir}
            label = row.label
            self.sketch.steps.append(
                Step(
                    table.name, {"id": twin}, None, new, how.noun, label,
                    self._place(row[name]), self._place(heir),
                )
            )  # fmt: skip
        if twin != row["id"]:
            self._hang(table, row["id"], twin)

    def _leave_alone(self, table: Table, row: Row) -> None:
        """Note what would have to follow a row that has no heir."""
        for reference, how in following(table.name):
            for hanging in self._rows(reference, how, {row["id"]}):
                self.left.setdefault(how.noun, []).append(hanging.label)

    def _twin(self, table: Table, how: Follows, name: str, heir: int) -> int | None:
        if (table.name, heir, None) in self._twins:
            return self._twins[table.name, heir, None]
        if heir < 0 or how.inherited is None:
            return None
        found = select(table.c.id).where(table.c[name] == heir, how.inherited(table))
        return self.sketch.db.scalar(found)

    def _hang(self, table: Table, old: int, new: int) -> None:
        """Take along what names a row that stayed behind; of dated rows those not yet over."""
        for reference, how in following(table.name):
            for row in self._rows(reference, how, {old}):
                if how.dated and row["until"] is not None and row["until"] < self.sketch.on:
                    continue
                self._repoint(reference, how, row, new, old)

    def _distinct(
        self, table: Table, how: Follows, row: Row, name: str, heir: int, old: int
    ) -> str:
        key = (table.name, heir)
        if key not in self._names:
            held = select(table.c[how.distinct]).where(table.c[name] == heir)
            self._names[key] = {str(text) for text in self.sketch.db.scalars(held)}
        text = str(row[how.distinct])
        if text in self._names[key]:
            text = f"{text}（{self.sketch.before[old].name}）"[:80]
        self._names[key].add(text)
        return text

    def _refuse_second(self, reference: Reference, how: Follows, row: Row, heir: int) -> None:
        table, name = reference.table, reference.column.name
        key = (table.name, name, heir)
        if key not in self._only:
            self._only[key] = {}
            if heir > 0:
                rivals = replace(how, only=how.rivals)
                for rival in self._rows(reference, rivals, {heir}):
                    self._only[key][rival[how.once]] = rival
        other = self._only[key].setdefault(row[how.once], row)
        if other["id"] != row["id"]:
            raise Invalid(
                "“%(one)s”与“%(other)s”在变更后属于同一单元，同月只能有一场；"
                "请先召开或取消其中一场。",
                one=row.label,
                other=other.label,
            )

    def _number(self, table: str) -> int:
        self._new[table] = self._new.get(table, 0) - 1
        return self._new[table]

    def _step(
        self, reference: Reference, how: Follows, row: Row, before: Values, after: Values,
        heir: int | None,
    ) -> None:  # fmt: skip
        table = reference.table
        keys = {c.name: row[c.name] for c in table.primary_key.columns}
        old = row[reference.column.name]
        onto_area = reference.target == AREAS
        was = self._place(old) if onto_area else ""
        becomes = self._place(heir) if onto_area else ""
        if heir == ENDS:
            becomes = ENDED
        label = row.label
        self.sketch.steps.append(
            Step(table.name, keys, before, after, how.noun, label, was, becomes)
        )

    def _place(self, number: int | None) -> str:
        node = self.sketch.after.get(number) if number is not None else None
        return node.name if node else ""

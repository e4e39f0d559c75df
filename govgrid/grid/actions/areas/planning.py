"""From what is asked to the steps that do it, or the refusal that says why not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Power
from govgrid.errors import Forbidden, Invalid
from govgrid.grid.actions.areas.heirs import AREAS, ENDS, Carrier
from govgrid.grid.actions.areas.outlines import outline_steps
from govgrid.grid.actions.areas.served import check_shared, follow_children, settle_compounds
from govgrid.grid.actions.areas.sketch import Node, Sketch
from govgrid.grid.actions.areas.steps import Step, Values
from govgrid.grid.actions.areas.wishes import (
    END,
    Close,
    Create,
    Manage,
    Merge,
    Move,
    Rename,
    Reopen,
    Split,
    Wish,
    subjects,
)
from govgrid.grid.models import Area, AreaChange, AreaChangePart, ChangeStage, Level, Side
from govgrid.grid.rules import DEPTH, DIGITS, PARENT

_GRIDS = frozenset({Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID})
About = list[tuple[int, Side]]
_FEW = 5  # names in a refusal


@dataclass(frozen=True, slots=True)
class Part:
    """An area of the change, before and after it."""

    area_id: int
    side: Side
    old: Node | None
    new: Node


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do: the areas it is about, and every row it would write."""

    parts: tuple[Part, ...]
    steps: tuple[Step, ...]


def plan(db: Session, actor: Actor | None, wish: Wish, on: date) -> Plan:
    """Return what the wish would do on that day, nothing written.

    Raise `Invalid` where it cannot be, `Forbidden` where the actor (None: the system) may not.
    """
    sketch = Sketch(db, on)
    sketch.load(subjects(wish))
    _refuse_power(actor, sketch, wish)
    _refuse_order(db, wish, on)
    about = _planned(sketch, wish)
    areas = sketch.area_steps()
    steps = _in_order(areas, sketch.steps) + outline_steps(sketch)
    if not steps:
        raise Invalid("与现状相同，没有需要变更的内容。")
    return Plan(_parts(sketch, about), tuple(steps))


def _planned(sketch: Sketch, wish: Wish) -> About:  # noqa: PLR0911  # one return a kind
    """Draw the wish and return the areas it is about."""
    match wish:
        case Create():
            return _create(sketch, wish)
        case Rename():
            return _rename(sketch, wish)
        case Move():
            return _move(sketch, wish)
        case Merge():
            return _merge(sketch, wish)
        case Split():
            return _split(sketch, wish)
        case Close():
            return _close(sketch, wish)
        case Reopen():
            return _reopen(sketch, wish)
        case Manage():
            return _manage(sketch, wish)


def _in_order(areas: Sequence[Step], rest: Sequence[Step]) -> list[Step]:
    """Return new areas first, so that every reference finds its row."""
    new = [step for step in areas if step.before is None]
    return [*new, *(step for step in areas if step.before is not None), *rest]


def _parts(sketch: Sketch, about: Sequence[tuple[int, Side]]) -> tuple[Part, ...]:
    told = dict(about)
    for number, node in sketch.after.items():
        old = sketch.before.get(number)
        if number not in told and old is not None and old.code != node.code:
            told[number] = Side.BELOW
    return tuple(
        Part(number, side, sketch.before.get(number), sketch.after[number])
        for number, side in told.items()
    )


def _refuse_power(actor: Actor | None, sketch: Sketch, wish: Wish) -> None:
    """Raise `Forbidden` unless the actor keeps the areas on both sides of the change."""
    if actor is None:
        return
    guarded = _guarded(sketch, wish)
    sketch.load(guarded - sketch.after.keys())
    paths = {sketch.node(number).path for number in guarded}
    if not all(actor.may(Power.KEEP, path) for path in paths):
        raise Forbidden("您没有变更该区域的权限：变更前后的区域都须在您的管理范围内。")


def _guarded(sketch: Sketch, wish: Wish) -> set[int]:
    """Return the areas that must be the actor's: for a change of the tree, those above."""
    match wish:
        case Rename():
            return {wish.area}
        case Create():
            return {wish.parent, *_given(wish.manager)}
        case Move():
            return {_above(sketch, wish.area), wish.parent}
        case Manage():
            before = sketch.node(wish.area).managing_area_id
            return {_above(sketch, wish.area), *_given(wish.manager), *_given(before)}
        case Merge() | Split() | Close() | Reopen():
            return {_above(sketch, number) for number in subjects(wish)}


def _above(sketch: Sketch, number: int) -> int:
    return sketch.node(number).parent_id or number


def _given(*numbers: int | None) -> set[int]:
    return {number for number in numbers if number is not None}


def _refuse_order(db: Session, wish: Wish, on: date) -> None:
    latest = db.scalar(
        select(func.max(AreaChange.effective_on))
        .join(AreaChangePart, AreaChangePart.change_id == AreaChange.id)
        .where(AreaChangePart.area_id.in_(subjects(wish)), AreaChange.stage == ChangeStage.DONE)
    )
    if latest is not None and on < latest:
        raise Invalid(
            "生效日期 %(on)s 早于这些区域最近一次变更的日期 %(latest)s，请填写当日或以后的日期。",
            on=on.isoformat(),
            latest=latest.isoformat(),
        )


def _rename(sketch: Sketch, wish: Rename) -> About:
    sketch.living(wish.area)
    sketch.change(wish.area, name=wish.name, external_code=wish.external_code)
    return [(wish.area, Side.FROM)]


def _create(sketch: Sketch, wish: Create) -> About:
    parent = sketch.living(wish.parent)
    if PARENT[wish.level] is not parent.level:
        raise Invalid(
            "“%(parent)s”是“%(found)s”，其下不能新设“%(level)s”。",
            parent=parent.name,
            found=parent.level.word,
            level=wish.level.word,
        )
    _refuse_same_name(sketch, parent, wish.name)
    made = sketch.add(parent, wish.level, wish.name, wish.code)
    sketch.change(made.id, external_code=wish.external_code)
    if wish.manager is not None:
        _put_under(sketch, made.id, wish.manager)
    return [(made.id, Side.TO), (parent.id, Side.ABOVE)]


def _refuse_same_name(sketch: Sketch, parent: Node, name: str, besides: Iterable[int] = ()) -> None:
    """Raise `Invalid` where a current area beside has that name: people could not tell them apart."""
    same = [c for c in sketch.children(parent.id) if c.name == name and c.id not in {*besides}]
    if same:
        raise Invalid(
            "“%(parent)s”之下已有“%(area)s”，请换一个名称。", parent=parent.name, area=same[0].told
        )


def _move(sketch: Sketch, wish: Move) -> About:
    node, parent = sketch.living(wish.area), sketch.living(wish.parent)
    if node.parent_id == parent.id:
        raise Invalid("“%(area)s”已经在“%(parent)s”之下。", area=node.name, parent=parent.name)
    if parent.id in {below.id for below in sketch.within(node.id)}:
        raise Invalid("不能把区域划转到自己或自己的下级之下。")
    if PARENT[node.level] is not parent.level:
        raise Invalid(
            "“%(level)s”只能划转到“%(due)s”之下，而“%(parent)s”是“%(found)s”。",
            level=node.level.word,
            due=getattr(PARENT[node.level], "word", ""),
            parent=parent.name,
            found=parent.level.word,
        )
    _refuse_same_name(sketch, parent, node.name)
    sketch.place(node.id, parent, wish.code)
    if node.level in _GRIDS:
        settle_compounds(sketch, node.id)
    old = node.parent_id or parent.id
    return [(node.id, Side.FROM), (old, Side.ABOVE), (parent.id, Side.ABOVE)]


def _merge(sketch: Sketch, wish: Merge) -> About:
    nodes = [sketch.living(number) for number in wish.areas]
    target = sketch.living(wish.into) if wish.into is not None else None
    _refuse_unlike([*nodes, *([target] if target else [])])
    ended = [n for n in nodes if target is None or n.id != target.id]
    parent = sketch.node(nodes[0].parent_id or 0)
    if target is None:
        _refuse_same_name(sketch, parent, wish.name, wish.areas)
        first = nodes[0]
        target = sketch.add(parent, first.level, wish.name, wish.code, first.code)
    heir = target.id
    for node in ended:
        for child in sketch.children(node.id):
            sketch.place(child.id, sketch.node(heir))
    carrier = Carrier(sketch, lambda _table, _row, _column: heir)
    carrier.carry({node.id for node in ended})
    for node in ended:
        sketch.close(node.id, heir)
    sketch.outlines[heir] = [*(n.id for n in ended), *([heir] if heir > 0 else [])]
    return [*((node.id, Side.FROM) for node in ended), (heir, Side.TO)]


def _refuse_unlike(nodes: Sequence[Node]) -> None:
    """Raise `Invalid` where areas cannot become one."""
    if len({node.id for node in nodes}) < 2:
        raise Invalid("合并至少需要两个区域，请再选择一个。")
    levels = {node.level for node in nodes}
    if len(levels) > 1:
        raise Invalid("只能合并同一层级的区域：%(levels)s。", levels=_words(levels))
    level = nodes[0].level
    if level in {Level.CITY, Level.DISTRICT}:
        raise Invalid("“%(level)s”不在本系统中合并。", level=level.word)
    if len({node.code[: DIGITS[Level.DISTRICT]] for node in nodes}) > 1:
        raise Invalid("不能跨区（市）县合并；请先由上级划转，再合并。")
    if level in _GRIDS and len({node.parent_id for node in nodes}) > 1:
        above = PARENT[level]
        raise Invalid(
            "这些“%(level)s”不属于同一个“%(parent)s”，请先划转到一处再合并。",
            level=level.word,
            parent=above.word if above else "",
        )


def _words(levels: Iterable[Level]) -> str:
    return "、".join(level.word for level in Level if level in set(levels))


def _split(sketch: Sketch, wish: Split) -> About:
    node = sketch.living(wish.area)
    if node.level in {Level.CITY, Level.DISTRICT}:
        raise Invalid("“%(level)s”不在本系统中拆分。", level=node.level.word)
    if len(wish.heirs) + wish.keep < 2:
        raise Invalid("拆分后至少应有两个区域，请填写各区域的名称。")
    parent = sketch.node(node.parent_id or 0)
    heirs = [node.id] if wish.keep else []
    for asked in wish.heirs:
        _refuse_same_name(sketch, parent, asked.name, () if wish.keep else (node.id,))
        heirs.append(sketch.add(parent, node.level, asked.name, asked.code, node.code).id)
    if any(share != END and not 0 <= share < len(heirs) for share in wish.shares.values()):
        raise Invalid("提交的选项无效，请刷新页面后重试。")
    children: dict[int, int] = {}
    for child in sketch.children(node.id):
        heir = heirs[max(0, wish.shares.get(f"{AREAS}:{child.id}", 0))]
        children[child.id] = heir
        if heir != node.id:
            sketch.place(child.id, sketch.node(heir))
        sketch.outlines.setdefault(heir, []).append(child.id)
    _share(sketch, wish, heirs, children)
    if not wish.keep:
        sketch.close(node.id, heirs[0])
    made = [(heir, Side.TO) for heir in heirs if heir != node.id]
    return [(node.id, Side.FROM), *made]


def _share(sketch: Sketch, wish: Split, heirs: Sequence[int], children: dict[int, int]) -> None:
    """Give what names the area to the heirs, as shared; compounds go with what serves them."""
    by_service = follow_children(sketch, children)

    def pick(table: str, row: Values, _column: str) -> int:
        share = wish.shares.get(f"{table}:{row.get('id', row.get('compound_id'))}")
        if share is None and table == "compounds" and row["id"] in by_service:
            return by_service[row["id"]]
        return ENDS if share == END else heirs[share or 0]

    decided: dict[tuple[str, int], int | None] = {(AREAS, c): h for c, h in children.items()}
    carrier = Carrier(sketch, pick, decided)
    carrier.carry({wish.area})
    _refuse_left(sketch.node(wish.area), carrier)
    check_shared(sketch, children, carrier.decided)


def _close(sketch: Sketch, wish: Close) -> About:
    node = sketch.living(wish.area)
    if node.parent_id is None:
        raise Invalid("“市”不能撤销。")
    below = sketch.children(node.id)
    if below:
        raise Invalid(
            "“%(area)s”之下还有 %(n)s 个区域（%(names)s），请先划转、合并或撤销它们。",
            area=node.name,
            n=len(below),
            names=_named([child.name for child in below]),
        )
    carrier = Carrier(sketch, lambda _table, _row, _column: ENDS)
    carrier.carry({node.id})
    _refuse_left(node, carrier)
    sketch.close(node.id, None)
    return [(node.id, Side.FROM)]


def _refuse_left(node: Node, carrier: Carrier) -> None:
    """Raise `Invalid` naming what would be left without an area."""
    if not carrier.left:
        return
    told = "；".join(
        f"{noun} {len(labels)}（{_named(labels)}）" for noun, labels in carrier.left.items()
    )
    raise Invalid(
        "“%(area)s”还有：%(left)s。请先办结或转走，或改用“合并”由其他区域接续。",
        area=node.name,
        left=told,
    )


def _named(names: Sequence[str]) -> str:
    shown = "、".join(names[:_FEW])
    return f"{shown}…" if len(names) > _FEW else shown


def _reopen(sketch: Sketch, wish: Reopen) -> About:
    node = sketch.node(wish.area)
    if node.closed_on is None:
        raise Invalid("“%(area)s”没有撤销，无需恢复。", area=node.told)
    if node.parent_id not in sketch.after:
        sketch.load([node.parent_id or 0])
    parent = sketch.living(node.parent_id or 0)
    if not node.code.startswith(parent.code):
        raise Invalid(
            "“%(parent)s”的代码已改变，%(code)s 不再属于它；请改为新设。",
            parent=parent.name,
            code=node.code,
        )
    _refuse_same_name(sketch, parent, node.name)
    sketch.change(node.id, closed_on=None, anchor=parent.id)
    return [(node.id, Side.TO)]


def _manage(sketch: Sketch, wish: Manage) -> About:
    node = sketch.living(wish.area)
    if wish.manager is None:
        sketch.change(node.id, managing_area_id=None)
    else:
        _put_under(sketch, node.id, wish.manager)
    return [(node.id, Side.FROM)]


def _put_under(sketch: Sketch, number: int, manager_id: int) -> None:
    """Let another area manage this one. Raise `Invalid` where that makes no sense."""
    if manager_id not in sketch.after:
        sketch.load([manager_id])
    node, manager = sketch.node(number), sketch.living(manager_id)
    if DEPTH[manager.level] >= DEPTH[node.level]:
        raise Invalid(
            "管理单位应比“%(area)s”高一级或以上，而“%(manager)s”是“%(found)s”。",
            area=node.name,
            manager=manager.name,
            found=manager.level.word,
        )
    if node.code.startswith(manager.code):
        raise Invalid("“%(manager)s”本来就是它的上级，无需另设管理单位。", manager=manager.name)
    if manager.managing_area_id is not None:
        raise Invalid("“%(manager)s”自己由其他区域管理，不能再管理别的区域。", manager=manager.name)
    managed = select(Area.id).where(Area.managing_area_id == number).limit(1)
    if sketch.db.scalar(managed) is not None:
        raise Invalid("“%(area)s”自己管理着其他区域，不能再交由别人管理。", area=node.name)
    sketch.change(number, managing_area_id=manager.id)

"""Compounds stay with the grids and micro-grids that serve them, when those move or divide."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from govgrid.errors import Invalid
from govgrid.grid.actions.areas.heirs import Carrier
from govgrid.grid.actions.areas.sketch import Node, Sketch
from govgrid.grid.actions.areas.steps import Values
from govgrid.grid.models import Compound, CompoundMicroGrid, Level


def settle_compounds(sketch: Sketch, moved: int) -> None:
    """Take along the compounds that only the moved grid or micro-grid serves.

    Raise `Invalid` for one that the old community, or another grid, serves as well.
    """
    node = sketch.node(moved)
    grids = {below.id for below in sketch.within(moved)}
    compounds = _served(sketch, grids)
    old_grid, old_community = _above(sketch, sketch.before[moved])
    new_grid, new_community = _above(sketch, node)
    beside = node.level is Level.MICRO_GRID and old_community == new_community
    split = [
        name
        for number, name, grid in compounds
        if not (beside and grid is None)
        and (grid not in {None, old_grid} or not _links(sketch, number) <= grids)
    ]
    if split:
        raise Invalid(
            "下列小区同时由其他网格或微网格服务，请先调整其所属网格再划转：%(names)s。",
            names=_listed(split),
        )
    numbers = {number for number, _name, _grid in compounds}
    if old_community != new_community:
        _carry(sketch, numbers, old_community, new_community, "community_id")
    if old_grid != new_grid and node.level is Level.MICRO_GRID:
        _carry(sketch, numbers, old_grid, new_grid, "grid_id")


def follow_children(sketch: Sketch, children: Mapping[int, int]) -> dict[int, int]:
    """Return the heirs of the compounds all of whose micro-grids go to one heir."""
    found: dict[int, set[int]] = {}
    for compound, heir in _service(sketch, children):
        found.setdefault(compound, set()).add(heir)
    return {compound: next(iter(heirs)) for compound, heirs in found.items() if len(heirs) == 1}


def check_shared(
    sketch: Sketch, children: Mapping[int, int], decided: Mapping[tuple[str, int], int | None]
) -> None:
    """Raise `Invalid` for compounds that a split would part from a micro-grid that serves them."""
    service = _service(sketch, children)
    parted = {c for c, heir in service if decided.get(("compounds", c), heir) != heir}
    names = sketch.db.scalars(
        select(Compound.name).where(Compound.id.in_(parted)).order_by(Compound.code)
    ).all()
    if names:
        raise Invalid(
            "下列小区与服务它的微网格被分到了不同区域，请归到一处，或先调整其微网格：%(names)s。",
            names=_listed(names),
        )


def _service(sketch: Sketch, children: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return which compound is served from inside which heir."""
    heirs = {below.id: heir for child, heir in children.items() for below in sketch.within(child)}
    link = CompoundMicroGrid
    rows = sketch.db.execute(
        select(link.compound_id, link.micro_grid_id).where(link.micro_grid_id.in_(heirs))
    )
    return [(compound, heirs[micro_grid]) for compound, micro_grid in rows]


def _carry(sketch: Sketch, numbers: set[int], old: int, new: int, column: str) -> None:
    def pick(table: str, row: Values, named: str) -> int | None:
        return new if table == "compounds" and row["id"] in numbers and named == column else None

    Carrier(sketch, pick).carry({old})


def _served(sketch: Sketch, grids: set[int]) -> list[tuple[int, str, int | None]]:
    linked = select(CompoundMicroGrid.compound_id).where(CompoundMicroGrid.micro_grid_id.in_(grids))
    rows = sketch.db.execute(
        select(Compound.id, Compound.name, Compound.grid_id)
        .where(Compound.grid_id.in_(grids) | Compound.id.in_(linked))
        .order_by(Compound.id)
    )
    return [(number, name, grid) for number, name, grid in rows]


def _links(sketch: Sketch, compound: int) -> set[int]:
    own = select(CompoundMicroGrid.micro_grid_id)
    return set(sketch.db.scalars(own.where(CompoundMicroGrid.compound_id == compound)))


def _above(sketch: Sketch, node: Node) -> tuple[int, int]:
    """Return the grid and the community of a grid or micro-grid."""
    if node.level is not Level.MICRO_GRID:
        return node.id, node.parent_id or 0
    grid = sketch.after[node.parent_id or 0]
    return grid.id, grid.parent_id or 0


def _listed(names: Sequence[str], most: int = 10) -> str:
    return "、".join(names[:most]) + ("…" if len(names) > most else "")

"""The areas sheet: the published tree, then the made-up grids and micro-grids."""

from govgrid.demo.divisions import divisions
from govgrid.demo.ground import plots
from govgrid.demo.table import csv_bytes


def areas_csv() -> bytes:
    """Return the import sheet of areas, parents first."""
    published = [(each.code, each.name, each.level.word, each.parent) for each in divisions()]
    made_up = [
        (plot.code, plot.name, plot.level.word, plot.parent)
        for plot in plots().values()
        if plot.made_up
    ]
    return csv_bytes("代码 名称 层级 上级代码", [*published, *made_up])

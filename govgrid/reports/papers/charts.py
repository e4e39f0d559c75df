"""Charts as SVG, told apart by dash, mark and hatching: they read in print without colour."""

from collections.abc import Iterator, Sequence
from math import floor
from xml.sax.saxutils import escape, quoteattr

from govgrid.reports.rules import Chart

WIDTH = 680.0
INK, SOFT, GRID, FILL = "#1a1a1a", "#555555", "#cccccc", "#6b7780"
DASHES = ("", "9 4", "2 4", "12 4 2 4")
Values = Sequence[float | None]


def drawn(chart: Chart, families: str) -> str:
    """Return the chart as SVG text in those font families."""
    height, parts = _KINDS[chart.kind](chart)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" '
        f'width="{WIDTH:g}" height="{height:g}" font-family={quoteattr(families)} font-size="13">'
        + "".join(parts)
        + "</svg>"
    )


def _lines(chart: Chart) -> tuple[float, list[str]]:
    """Draw shares: an axis in per cent that begins at the ten below the least of them."""
    left, right, top, bottom = 44.0, 560.0, 14.0, 210.0
    known = [value for _name, values in chart.series for value in values if value is not None]
    least = min(90, floor(min(known, default=0) * 10) * 10)
    parts = []
    for percent in range(least, 101, 10 if least > 40 else 20):
        y = _scaled(percent / 100, least / 100, 1, bottom, top)
        parts.append(_line(left, y, right, y, GRID))
        parts.append(_text(left - 6, y + 4, f"{percent}%", "end", SOFT))
    xs = _spread(len(chart.labels), left + 14, right - 14)
    parts += [
        _text(x, bottom + 20, label, "middle", SOFT)
        for x, label in zip(xs, chart.labels, strict=True)
    ]
    ends = []
    for number, (name, values) in enumerate(chart.series):
        ys = [None if v is None else _scaled(v, least / 100, 1, bottom, top) for v in values]
        points = list(zip(xs, ys, strict=True))
        parts += _path(points, DASHES[number % len(DASHES)])
        parts += [_mark(number, x, y) for x, y in points if y is not None]
        last = next((y for y in reversed(ys) if y is not None), None)
        if last is not None:
            ends.append((last, number, name))
    parts += _legend(ends, right + 12, top + 4, bottom)
    return bottom + 34, parts


def _legend(
    ends: list[tuple[float, int, str]], x: float, top: float, bottom: float
) -> Iterator[str]:
    """Name each line at its end; names keep their distance."""
    y, places = top - 18, []
    for wanted, number, name in sorted(ends):
        y = max(wanted, y + 18)
        places.append((y, number, name))
    over = max(0.0, y - bottom)
    for place, number, name in places:
        yield _mark(number, x + 4, place - over)
        yield _text(x + 14, place - over + 4.5, name, "start", INK)


def _path(points: Sequence[tuple[float, float | None]], dash: str) -> Iterator[str]:
    """Yield the stretches between gaps."""
    stretch: list[str] = []
    for x, y in [*points, (0.0, None)]:
        if y is not None:
            stretch.append(f"{x:.1f},{y:.1f}")
            continue
        if len(stretch) > 1:
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            yield (
                f'<polyline points="{" ".join(stretch)}" fill="none" stroke="{INK}" '
                f'stroke-width="1.6"{dashed}/>'
            )
        stretch = []


def _mark(number: int, x: float, y: float) -> str:
    """Return the mark of a line: filled and empty circles and squares."""
    fill = INK if number % 2 == 0 else "#ffffff"
    if number % 4 < 2:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" fill="{fill}" stroke="{INK}" stroke-width="1.4"/>'
    return (
        f'<rect x="{x - 3.4:.1f}" y="{y - 3.4:.1f}" width="6.8" height="6.8" fill="{fill}" '
        f'stroke="{INK}" stroke-width="1.4"/>'
    )


def _columns(chart: Chart) -> tuple[float, list[str]]:
    """Draw two counts a label: the whole as an outline, the part inside it filled."""
    left, right, top, bottom = 14.0, 666.0, 42.0, 190.0
    (whole_name, wholes), (part_name, parts_of) = chart.series
    most = max([1.0, *(v for v in (*wholes, *parts_of) if v is not None)])
    xs = _spread(len(chart.labels), left + 28, right - 28)
    wide = min(34.0, (right - left) / max(1, len(xs)) * 0.62)
    parts = [
        _box(left, 10, 12, 12, "none"),
        _text(left + 18, 20.5, whole_name, "start", INK),
        _box(left + 80, 10, 12, 12, FILL),
        _text(left + 98, 20.5, part_name, "start", INK),
        _line(left, bottom, right, bottom, INK),
    ]
    for x, label, whole, part in zip(xs, chart.labels, wholes, parts_of, strict=True):
        tall = _scaled(whole or 0, 0, most, 0, bottom - top)
        filled = _scaled(part or 0, 0, most, 0, bottom - top)
        if whole:
            parts.append(_box(x - wide / 2, bottom - filled, wide, filled, FILL))
            parts.append(_box(x - wide / 2, bottom - tall, wide, tall, "none"))
        said = f"{part or 0:,.0f}/{whole:,.0f}" if whole else "—"
        parts.append(_text(x, bottom - tall - 6, said, "middle", INK, 11))
        parts.append(_text(x, bottom + 18, label, "middle", SOFT))
    return bottom + 30, parts


def _bars(chart: Chart) -> tuple[float, list[str]]:
    """Draw one count a label, lying, each with its figure."""
    ((_name, values),) = chart.series
    most = max([1.0, *(value for value in values if value is not None)])
    left, right, parts = 120.0, 620.0, []
    for row, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
        y = 8.0 + row * 22
        wide = _scaled(value or 0, 0, most, 0, right - left)
        parts.append(_text(left - 8, y + 11.5, label, "end", INK))
        parts.append(_box(left, y, wide, 15, FILL))
        parts.append(_text(left + wide + 6, y + 11.5, f"{value or 0:,.0f}", "start", INK))
    height = 12.0 + len(values) * 22
    parts.append(_line(left, 4, left, height - 4, INK))
    return height, parts


def _scaled(value: float, least: float, most: float, low: float, high: float) -> float:
    return low + (value - least) / (most - least) * (high - low)


def _spread(count: int, first: float, last: float) -> list[float]:
    step = (last - first) / max(1, count - 1)
    return [first + step * n for n in range(count)]


def _line(x: float, y: float, to_x: float, to_y: float, colour: str) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}"/>'


def _box(x: float, y: float, wide: float, tall: float, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{fill}" '
        f'stroke="{INK}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str, colour: str, size: int = 13) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size}">{escape(text)}</text>'
    )


_KINDS = {"lines": _lines, "columns": _columns, "bars": _bars}

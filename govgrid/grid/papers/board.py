"""The notice board 公示牌 of a compound: one page, A4 or A3, legible from two metres."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import segno
from jinja2 import Environment

from govgrid.grid.models import PaperSize
from govgrid.grid.queries.boards import Board, Contact, Line
from govgrid.press.fonts import Fonts
from govgrid.press.paper import environment as papers
from govgrid.press.press import Sheet

MOST_MEMBERS = 12
"""Micro-grid members with a place of their own; who are more are counted."""
VACANT = "暂缺"


SCALES = {PaperSize.A4: 1.0, PaperSize.A3: 2**0.5}


@dataclass(frozen=True, slots=True)
class BoardView:
    """What the template lays out; `scale` is that of all lengths, A4 being 1."""

    size: PaperSize
    scale: float
    name: str
    measure: str
    """How long the name is: short, long or longest."""
    name_lines: tuple[str, ...]
    place: str
    district: str
    lines: tuple[Line, ...]
    members: tuple[Contact, ...]
    more_members: int
    as_of: date


def board_sheet(
    fonts: Fonts, board: Board, size: PaperSize, public_url: str, as_of: date, at: datetime
) -> Sheet:
    """Return what the press prints; `as_of` is the day whose officers stand on it.

    Raises `Invalid` for a character no font has.
    """
    *lines, members = board.lines
    view = BoardView(
        size,
        SCALES[size],
        board.compound.name,
        _measure(board.compound.name),
        _halves(board.compound.name),
        f"{board.district.name} {board.street.name} {board.compound.community.name}",
        board.district.name,
        tuple(lines),
        members.contacts[:MOST_MEMBERS],
        max(0, len(members.contacts) - MOST_MEMBERS),
        as_of,
    )
    _check(fonts, view)
    html = (
        _environment()
        .get_template("board.html")
        .render(
            families=fonts.families,
            board=view,
            vacant=VACANT,
            created=at.isoformat(timespec="seconds"),
        )
    )
    return Sheet(html, at, images=(("code.svg", one_click_code(public_url, board)),))


def one_click_code(public_url: str, board: Board) -> str:
    """Return the district's one-click QR code 一键响应, one for the whole district, as SVG."""
    code = segno.make_qr(f"{public_url.rstrip('/')}/q/{board.district.code}", error="m")
    svg: str = code.svg_inline(border=0, omitsize=True)
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def phone_text(number: str) -> str:
    """Return a mobile number in groups, as it is read aloud: 138 0000 0000."""
    if len(number) == 11 and number.isdecimal() and number.startswith("1"):
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number


def _measure(name: str) -> str:
    if len(name) <= 8:
        return "short"
    return "long" if len(name) <= 14 else "longest"


def _halves(name: str) -> tuple[str, ...]:
    """Return a long name as two lines of like length."""
    if len(name) <= 14:
        return (name,)
    half = -(-len(name) // 2)
    return name[:half], name[half:]


def _check(fonts: Fonts, view: BoardView) -> None:
    """Raise `Invalid` naming a character that would be printed as an empty box."""
    contacts = [*view.members, *(c for line in view.lines for c in line.contacts)]
    texts = [view.name, view.place, *(f"{c.name}{c.phone or ''}" for c in contacts)]
    fonts.refuse_missing(texts, "hei")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = papers("govgrid.grid.papers")
    environment.filters["phone"] = phone_text
    return environment

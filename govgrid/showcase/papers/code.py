"""The sheet that is posted in a compound: the QR code of its residents' page; codes as pictures."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache, partial
from urllib.parse import quote

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from govgrid.grid.models import Area, Compound
from govgrid.press.fonts import Fonts
from govgrid.press.press import Sheet
from govgrid.web.language import local

UNKNOWN = "〓"
"""What printers set in the place of a character that no font has."""


def code_sheet(
    fonts: Fonts,
    compound: Compound,
    district: Area | None,
    address: str,
    help_address: str,
    at: datetime,
) -> Sheet:
    """Return the A4 sheet (community loaded) with both codes: the showcase, and one-click."""
    codes = [("code.svg", address), ("help.svg", help_address)]
    html = (
        environment()
        .get_template("code.html")
        .render(
            families=partial(families, fonts),
            fit=partial(printable, fonts),
            compound=compound,
            district=district,
            address=address,
            printed=local(at).date(),
            created=at.isoformat(timespec="seconds"),
        )
    )
    return Sheet(html, at, images=tuple((name, drawn(text)) for name, text in codes if text))


def residents(public_url: str, compound: Compound) -> str:
    """Return the address of the compound's page for residents."""
    return f"{public_url.rstrip('/')}/s/{quote(compound.code, safe='')}"


def one_click(public_url: str, district: Area | None) -> str:
    """Return the address of the district's one-click page."""
    return f"{public_url.rstrip('/')}/q/{district.code}" if district else ""


def drawn(text: str) -> str:
    """Return the QR code of a text as an SVG that paper takes."""
    svg: str = segno.make_qr(text, error="m").svg_inline(border=0, omitsize=True)
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def picture_of(text: str) -> str:
    """Return the QR code of a text as an SVG data address, for screens."""
    return str(segno.make_qr(text, error="m").svg_data_uri(scale=5, border=2))


def printable(fonts: Fonts, text: str) -> str:
    """Return the text with a mark in the place of what no font can draw."""
    return "".join(_drawable(fonts, text))


def _drawable(fonts: Fonts, text: str) -> Iterator[str]:
    for char in text:
        known = char.isspace() or fonts.face(char, "hei") is not None
        yield char if known else UNKNOWN


def families(fonts: Fonts, style: str) -> Markup:
    """Return the CSS list of a style's fonts, the first that has a character draws it."""
    names = ", ".join(f'"{face.key}"' for face in fonts.chains[style])
    return Markup(names)  # noqa: S704  # names of our own font files


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates of these papers."""
    return Environment(
        loader=PackageLoader("govgrid.showcase.papers"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

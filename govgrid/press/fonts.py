"""Which font files a paper is set in, what each character measures, and the private font list."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from markupsafe import Markup

from govgrid.errors import Invalid, Unavailable

OPENING = "（《「『【〈〔“‘"
CLOSING = "，。、；：？！）》」』】〉〕”’"
# A Latin font's quotes and dots are narrow; Chinese text wants them a whole square wide.
SQUARE = "“”‘’·—…"

VENDOR_FILES = {
    "fang": "FandolFang-Regular.otf",
    "kai": "LXGWWenKai-Regular.ttf",
    "title": "NotoSerifSC_900Black.ttf",
    "hei": "NotoSansSC_500Medium.ttf",
    "light": "LXGWWenKai-Light.ttf",
    "song": "NotoSerifSC_400Regular.ttf",
}
HOUSE_NAMES = {
    "fang": ("仿宋_GB2312", "方正仿宋_GB2312", "方正仿宋_GBK", "方正仿宋简体", "仿宋"),
    "kai": ("楷体_GB2312", "方正楷体_GB2312", "方正楷体_GBK", "方正楷体简体", "楷体"),
    "title": ("方正小标宋_GBK", "方正小标宋简体"),
    "hei": ("方正黑体_GBK", "方正黑体简体", "黑体"),
    "song": ("方正书宋_GBK", "方正书宋简体", "宋体"),
}
# What each style falls back on, character by character, after its own font.
FALLBACKS = {
    "fang": ("light", "song"),
    "kai": ("fang", "light", "song"),
    "title": ("song", "light"),
    "hei": ("light", "song"),
    "song": ("fang", "light"),
}


@dataclass(frozen=True, slots=True)
class Face:
    """One font file; widths and bearings are in em, by character."""

    key: str
    """Its PostScript name: CSS class, and family in the private font list."""
    path: Path
    number: int
    """Its place in a collection file, else 0."""
    widths: Mapping[str, float]
    bearings: Mapping[str, tuple[float, float]]
    """Empty space left and right of the ink, of opening and closing marks only."""

    def has(self, char: str) -> bool:
        width = self.widths.get(char)
        return width is not None and (char not in SQUARE or width > 0.85)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The faces of each style, first choice first."""

    chains: Mapping[str, tuple[Face, ...]]

    def face(self, char: str, style: str) -> Face | None:
        """Return the font that has the character, or None."""
        return next((face for face in self.chains[style] if face.has(char)), None)

    def refuse_missing(self, texts: Iterable[str], style: str) -> None:
        """Raise `Invalid` naming a character that would be printed as an empty box."""
        for text in texts:
            for char in text:
                if not char.isspace() and self.face(char, style) is None:
                    raise Invalid(
                        "“%(text)s”中的“%(char)s”没有可用字形，无法印制，请核对。",
                        text=text[:40],
                        char=char,
                    )

    def families(self, style: str) -> Markup:
        """Return the CSS list of a style's fonts, the first that has a character draws it."""
        names = ", ".join(f"'{face.key}'" for face in self.chains[style])
        return Markup(names)  # noqa: S704  # names of our own font files

    def faces(self) -> tuple[Face, ...]:
        """Return every face once."""
        found = {face.key: face for chain in self.chains.values() for face in chain}
        return tuple(found.values())

    def install(self, folder: Path) -> Path:
        """Write the private font list into an empty folder; return its FONTCONFIG_FILE."""
        files = folder / "files"
        files.mkdir()
        rules = [_scan_rule(face, _link(face, files)) for face in self.faces()]
        config = folder / "fonts.conf"
        config.write_text(_config(files, folder / "cache", rules), encoding="utf-8")
        return config


def find_fonts(vendor: Path, house: Path | None = None) -> Fonts:
    """Find the fonts: the house's own first, then those `make setup` fetched.

    Raises Unavailable, naming the file, when one is missing or broken.
    """
    bundled = {style: _read(vendor / "fonts" / name) for style, name in VENDOR_FILES.items()}
    owned = _house_faces(house) if house else {}
    chains = {}
    for style, others in FALLBACKS.items():
        first = (owned[style],) if style in owned else ()
        chains[style] = (*first, bundled[style], *(bundled[other] for other in others))
    return Fonts(chains)


def _read(path: Path, number: int = 0) -> Face:
    try:
        return _face(path.resolve(strict=True), number)
    except (OSError, TTLibError, KeyError) as error:
        message = "缺少字体文件%(file)s，请运行 make setup 重新安装字体。"
        raise Unavailable(message, file=path.name) from error


@lru_cache(maxsize=16)
def _face(path: Path, number: int) -> Face:
    with path.open("rb") as file, TTFont(file, fontNumber=number, lazy=True) as font:
        return _measured(font, path, number)


def _measured(font: TTFont, path: Path, number: int) -> Face:
    if "glyf" in font:  # names of glyphs say nothing here, and cost a third of a second to make
        font.setGlyphOrder([str(number) for number in range(font["maxp"].numGlyphs)])
    em = font["head"].unitsPerEm
    metrics = font["hmtx"].metrics
    glyphs, shapes = font.getBestCmap(), font.getGlyphSet()
    widths = {
        chr(code): metrics[glyph][0] / em
        for code, glyph in glyphs.items()
        if code >= 0x20 and not 0x7F <= code < 0xA0  # some fonts draw control characters
    }
    marks = [mark for mark in OPENING + CLOSING if ord(mark) in glyphs]
    bearings = {mark: _bearings(shapes, glyphs[ord(mark)], em) for mark in marks}
    key = re.sub(r"[^A-Za-z0-9_-]", "", font["name"].getDebugName(6) or "") or f"font{number}"
    return Face(key, path, number, widths, bearings)


def _bearings(shapes: Any, glyph: str, em: int) -> tuple[float, float]:
    pen = BoundsPen(shapes)
    shapes[glyph].draw(pen)
    if pen.bounds is None:
        return 0.0, 0.0
    return pen.bounds[0] / em, (shapes[glyph].width - pen.bounds[2]) / em


def _house_faces(folder: Path) -> dict[str, Face]:
    """Find the house's own fonts by their family names, whatever the files are called."""
    if not folder.is_dir():
        message = "本单位字体目录%(folder)s不存在，请检查字体目录设置。"
        raise Unavailable(message, folder=str(folder))
    places = {name: place for path in sorted(folder.iterdir()) for name, place in _names(path)}
    found = {}
    for style, wanted in HOUSE_NAMES.items():
        if name := next((name for name in wanted if name in places), None):
            path, number = places[name]
            found[style] = _read(path, number)
    return found


def _names(path: Path) -> Iterator[tuple[str, tuple[Path, int]]]:
    """Yield each family name in a font file with its place in it."""
    if path.suffix.lower() not in {".ttf", ".otf", ".ttc"}:
        return
    try:
        for number in range(_count(path)):
            with path.open("rb") as file, TTFont(file, fontNumber=number, lazy=True) as font:
                names = [record for record in font["name"].names if record.nameID in {1, 4, 16}]
            for record in names:
                yield record.toUnicode(errors="replace"), (path, number)
    except (OSError, TTLibError, KeyError) as error:
        raise Unavailable("字体文件%(file)s已损坏，无法读取。", file=path.name) from error


def _count(path: Path) -> int:
    """Return how many fonts the file holds."""
    if not _is_collection(path):
        return 1
    with path.open("rb") as file:
        return len(TTCollection(file, lazy=True))


def _is_collection(path: Path) -> bool:
    return path.suffix.lower() == ".ttc"


def _link(face: Face, folder: Path) -> Path:
    """Put the face, alone, into the private folder."""
    place = folder / f"{face.key}{'.ttf' if _is_collection(face.path) else face.path.suffix}"
    if _is_collection(face.path):
        with TTFont(face.path, fontNumber=face.number) as font:
            font.save(place)
    else:
        place.symlink_to(face.path)
    return place


def _scan_rule(face: Face, place: Path) -> str:
    """Name the file after its face, so that neither weight nor family can pick another."""
    return f"""<match target="scan">
  <test name="file" compare="eq"><string>{escape(str(place))}</string></test>
  <edit name="family" mode="assign" binding="same"><string>{face.key}</string></edit>
  <edit name="weight" mode="assign"><const>regular</const></edit>
  <edit name="slant" mode="assign"><const>roman</const></edit>
  <edit name="width" mode="assign"><const>normal</const></edit>
</match>"""


def _config(files: Path, cache: Path, rules: list[str]) -> str:
    return f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>{escape(str(files))}</dir>
<cachedir>{escape(str(cache))}</cachedir>
{chr(10).join(rules)}
</fontconfig>
"""

"""The files in `vendor/`: what browsers load, and the fonts, each checked against its hash."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import debian
from scripts.steps import ROOT, STATE, Problem

MODULES = ROOT / "node_modules"
STATIC = ROOT / "vendor" / "static"
FONTS = ROOT / "vendor" / "fonts"
FONT_HASHES = ROOT / "scripts" / "fonts.sha256"
SCREEN_CONFIG = FONTS / "fonts.conf"

BROWSER_FILES = {
    "bootstrap": (
        "bootstrap/dist/css/bootstrap.min.css",
        "bootstrap/dist/js/bootstrap.bundle.min.js",
        "bootstrap/LICENSE",
    ),
    "echarts": ("echarts/dist/echarts.min.js", "echarts/LICENSE", "echarts/NOTICE"),
    "htmx": ("htmx.org/dist/htmx.min.js", "htmx.org/LICENSE"),
    "leaflet": (
        "leaflet/dist/leaflet.css",
        "leaflet/dist/leaflet.js",
        "leaflet/dist/images",
        "leaflet/LICENSE",
    ),
}


def fetch_npm(package: str, names: Sequence[str], into: Path) -> None:
    for name in names:
        copy(MODULES / package / name, into)


@dataclass(frozen=True, slots=True)
class FontSource:
    """Font files of one package, with the licence they come under; paths are inside the package."""

    fetch: Callable[[str, Sequence[str], Path], None]
    package: str
    fonts: Sequence[str]
    licence: str

    @property
    def names(self) -> list[str]:
        return [Path(font).name for font in self.fonts]


FONT_SOURCES = (
    FontSource(
        debian.fetch,
        "texlive-lang-chinese",
        ["usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf"],
        "usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz",
    ),
    FontSource(
        debian.fetch,
        "fonts-lxgw-wenkai",
        [
            "usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Light.ttf",
            "usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf",
        ],
        "usr/share/doc/fonts-lxgw-wenkai/copyright",
    ),
    FontSource(
        fetch_npm,
        "@expo-google-fonts/noto-serif-sc",
        [
            "400Regular/NotoSerifSC_400Regular.ttf",
            "700Bold/NotoSerifSC_700Bold.ttf",
            "900Black/NotoSerifSC_900Black.ttf",
        ],
        "LICENSE_FONT",
    ),
    FontSource(
        fetch_npm,
        "@expo-google-fonts/noto-sans-sc",
        [
            "400Regular/NotoSansSC_400Regular.ttf",
            "500Medium/NotoSansSC_500Medium.ttf",
            "700Bold/NotoSansSC_700Bold.ttf",
        ],
        "LICENSE_FONT",
    ),
)

SCREEN_FONTS = {
    "sans-serif": "Noto Sans SC",
    "system-ui": "Noto Sans SC",
    "monospace": "Noto Sans SC",
    "serif": "Noto Serif SC",
}
FONT_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
{aliases}
</fontconfig>
"""
FONT_ALIAS = """  <alias binding="strong">
    <family>{asked}</family>
    <prefer><family>{given}</family></prefer>
  </alias>"""


def static_files() -> list[Path]:
    return [
        STATIC / folder / Path(name).name
        for folder, names in BROWSER_FILES.items()
        for name in names
    ]


def copy_static() -> None:
    """Fill `vendor/static` aside, then put it in place whole."""
    with tempfile.TemporaryDirectory(dir=STATE) as scratch:
        fresh = Path(scratch) / "static"
        for folder, names in BROWSER_FILES.items():
            (fresh / folder).mkdir(parents=True)
            for name in names:
                copy(MODULES / name, fresh / folder)
        shutil.rmtree(STATIC, ignore_errors=True)
        STATIC.parent.mkdir(exist_ok=True)
        fresh.rename(STATIC)


def copy(source: Path, folder: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, folder / source.name)
    else:
        shutil.copyfile(source, folder / source.name)


def font_files() -> list[Path]:
    return [FONTS / name for source in FONT_SOURCES for name in source.names]


def gather_fonts() -> None:
    """Fetch the fonts that are not there as they should be; write the screens' fontconfig file."""
    (FONTS / "licences").mkdir(parents=True, exist_ok=True)
    hashes = expected_hashes()
    for source in FONT_SOURCES:
        if not all(has_hash(FONTS / name, hashes[name]) for name in source.names):
            gather(source, hashes)
    SCREEN_CONFIG.write_text(screen_config())


def gather(source: FontSource, hashes: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(dir=STATE) as scratch:
        folder = Path(scratch)
        source.fetch(source.package, [*source.fonts, source.licence], folder)
        for name in source.names:
            if not has_hash(folder / name, hashes[name]):
                raise Problem(f"{name} of {source.package} is not the file named in {FONT_HASHES}")
        for name in source.names:
            shutil.move(folder / name, FONTS / name)
        licence = folder / Path(source.licence).name
        shutil.move(licence, FONTS / "licences" / f"{Path(source.names[0]).stem}.{licence.name}")


def expected_hashes() -> dict[str, str]:
    """Return the SHA-256 of each font file by its name, from the list `sha256sum` writes."""
    pairs = (line.split() for line in FONT_HASHES.read_text().splitlines())
    return {name: digest for digest, name in pairs}


def has_hash(path: Path, digest: str) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def screen_config() -> str:
    """Return a fontconfig file by which a browser sees our fonts and no others."""
    aliases = "\n".join(
        FONT_ALIAS.format(asked=asked, given=given) for asked, given in SCREEN_FONTS.items()
    )
    return FONT_CONFIG.format(fonts=FONTS, cache=STATE / "fontcache", aliases=aliases)

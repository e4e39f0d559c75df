"""Fonts are accepted by their hash only; locks carry hashes and no addresses."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scripts import assets, setup
from scripts.steps import ROOT, Problem


@pytest.fixture
def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vendor folder with one font source that delivers `ink` and its licence."""
    folder = tmp_path / "fonts"

    def fetch(_package: str, names: Sequence[str], into: Path) -> None:
        for name in names:
            (into / Path(name).name).write_bytes(b"ink")

    hashes = tmp_path / "fonts.sha256"
    hashes.write_text(f"{hashlib.sha256(b'ink').hexdigest()}  Fang.otf\n")
    source = assets.FontSource(fetch, "fonts-fang", ["usr/Fang.otf"], "doc/copyright")
    for name, value in {
        "FONTS": folder,
        "STATE": tmp_path,
        "FONT_HASHES": hashes,
        "FONT_SOURCES": [source],
        "SCREEN_CONFIG": folder / "fonts.conf",
    }.items():
        monkeypatch.setattr(assets, name, value)
    return folder


def test_a_font_comes_with_its_licence(fonts: Path) -> None:
    assets.gather_fonts()
    assert (fonts / "Fang.otf").read_bytes() == b"ink"
    assert (fonts / "licences" / "Fang.copyright").exists()


def test_a_damaged_font_is_replaced(fonts: Path) -> None:
    fonts.mkdir()
    (fonts / "Fang.otf").write_bytes(b"in")
    assets.gather_fonts()
    assert (fonts / "Fang.otf").read_bytes() == b"ink"


def test_a_right_font_is_not_fetched_again(fonts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.mkdir()
    (fonts / "Fang.otf").write_bytes(b"ink")
    monkeypatch.setattr(assets, "FONT_SOURCES", [no_source()])
    assets.gather_fonts()


def no_source() -> assets.FontSource:
    def refuse(*_: object) -> None:
        raise AssertionError("fetched")

    return assets.FontSource(refuse, "fonts-fang", ["usr/Fang.otf"], "doc/copyright")


def test_another_font_than_named_is_refused(fonts: Path) -> None:
    assets.FONT_HASHES.write_text(f"{'0' * 64}  Fang.otf\n")
    with pytest.raises(Problem, match=r"Fang\.otf of fonts-fang is not the file"):
        assets.gather_fonts()
    assert not (fonts / "Fang.otf").exists()


def test_each_font_has_a_hash_and_each_hash_a_font() -> None:
    names = [name for source in assets.FONT_SOURCES for name in source.names]
    assert sorted(names) == sorted(assets.expected_hashes())
    assert all(re.fullmatch("[0-9a-f]{64}", h) for h in assets.expected_hashes().values())


def test_browsers_are_given_our_fonts_only() -> None:
    config = ET.fromstring(assets.screen_config().split("\n", 2)[2])
    assert [folder.text for folder in config.findall("dir")] == [str(assets.FONTS)]
    given = {a.findtext("family"): a.findtext("prefer/family") for a in config.findall("alias")}
    assert given["sans-serif"] == given["system-ui"] == "Noto Sans SC"
    assert given["serif"] == "Noto Serif SC"


@pytest.mark.parametrize(
    "lock",
    [
        ROOT / "requirements.lock",
        ROOT / "requirements-dev.lock",
        setup.TOOLS_LOCK,
        setup.NODE_LOCK,
    ],
    ids=lambda path: path.name,
)
def test_python_locks_carry_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    pinned = re.findall(r"^[\w.-]+==\S+ (?:;.*)?\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^\w", text, re.MULTILINE)) > 0
    assert "://" not in text


def test_the_node_lock_carries_hashes_and_no_addresses() -> None:
    packages = json.loads(setup.PACKAGE_LOCK.read_text())["packages"]
    installed = [package for name, package in packages.items() if name]
    assert installed
    assert all(package["integrity"].startswith("sha512-") for package in installed)
    assert not any("resolved" in package for package in installed)


def test_what_runs_is_what_is_tested() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[\w.]+", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") < pins("requirements-dev.lock")

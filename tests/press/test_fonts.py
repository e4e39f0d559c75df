import shutil
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from govgrid.errors import Unavailable
from govgrid.press.fonts import VENDOR_FILES, find_fonts
from govgrid.settings import ROOT

VENDOR = ROOT / "vendor"


def vendor(folder: Path) -> Path:
    shutil.copytree(
        VENDOR / "fonts", folder / "fonts", copy_function=lambda a, b: Path(b).symlink_to(a)
    )
    return folder


def test_a_missing_font_is_named_with_the_way_out(tmp_path: Path) -> None:
    (vendor(tmp_path) / "fonts" / VENDOR_FILES["hei"]).unlink()
    with pytest.raises(Unavailable) as refused:
        find_fonts(tmp_path)
    assert VENDOR_FILES["hei"] in str(refused.value)
    assert "make setup" in str(refused.value)


def test_a_broken_font_is_refused(tmp_path: Path) -> None:
    place = vendor(tmp_path) / "fonts" / VENDOR_FILES["fang"]
    place.unlink()
    place.write_bytes(b"not a font")
    with pytest.raises(Unavailable, match=VENDOR_FILES["fang"]):
        find_fonts(tmp_path)


def test_the_house_font_goes_first_and_the_bundled_one_fills_in(tmp_path: Path) -> None:
    with TTFont(VENDOR / "fonts" / VENDOR_FILES["light"], lazy=True) as font:
        font["name"].setName("仿宋_GB2312", 1, 3, 1, 2052)
        font["name"].setName("FangSong_GB2312", 6, 3, 1, 1033)
        font["name"].removeNames(nameID=6, platformID=1)
        font.save(tmp_path / "whatever.ttf")
    fonts = find_fonts(VENDOR, tmp_path)
    assert [face.key for face in fonts.chains["fang"]][:2] == [
        "FangSong_GB2312",
        "FandolFang-Regular",
    ]
    assert fonts.chains["hei"] == find_fonts(VENDOR).chains["hei"]


def test_a_house_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="字体目录"):
        find_fonts(VENDOR, tmp_path / "absent")


def test_quotes_come_from_a_font_that_sets_them_a_square_wide() -> None:
    face = find_fonts(VENDOR).face("“", "kai")
    assert face is not None
    assert face.widths["“"] == 1


def test_the_private_list_names_each_file_after_its_face(tmp_path: Path) -> None:
    fonts = find_fonts(VENDOR)
    config = fonts.install(tmp_path).read_text()
    assert "/usr" not in config
    assert all(f"<string>{face.key}</string>" in config for face in fonts.faces())
    assert {place.stem for place in (tmp_path / "files").iterdir()} == {
        face.key for face in fonts.faces()
    }

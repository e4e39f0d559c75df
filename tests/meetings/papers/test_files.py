"""Files of agenda items inside the paper: as they came, pictures on pages, what fails is named."""

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from govgrid import archive
from govgrid.errors import Unavailable
from govgrid.meetings.papers import files
from govgrid.meetings.papers.docx import written
from govgrid.meetings.papers.files import files_of
from govgrid.meetings.papers.minutes import print_minutes
from govgrid.meetings.record import Record
from govgrid.press.press import Press

from .build import annexed_minutes
from .judge import judged
from .measure import measure


def picture(width: int, height: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (width, height), "teal").save(stream, "PNG")
    return stream.getvalue()


GIVEN = {
    "整改方案.pdf": ("pdf", b"%PDF-1.7 whatever an office sends"),
    "现场照片\ue000.png": ("png", picture(300, 900)),
    "坏图.webp": ("webp", b"RIFF\x10\x00\x00\x00WEBPVP8 "),
}


def record(folder: Path) -> Record:
    return {
        "files": [
            {
                "item": "电梯困人问题",
                "name": name,
                "media": media,
                "size": len(data),
                "sha256": archive.keep(folder, data),
            }
            for name, (media, data) in GIVEN.items()
        ]
    }


def test_files_open_pictures_are_printed_and_what_fails_is_named(
    press: Press, tmp_path: Path
) -> None:
    document = replace(annexed_minutes(), files=files_of(record(tmp_path), tmp_path))
    pdf = print_minutes(press, document)
    assert judged(pdf, document).faults == []
    with pikepdf.open(BytesIO(pdf)) as opened:
        inside = {name: one.get_file().read_bytes() for name, one in opened.attachments.items()}
        described = {one.description for one in opened.attachments.values()}
        kinds = {one.relationship for one in opened.attachments.values()}
    assert [inside[f"attachment-{n:02}.{media}"] for n, (media, _) in enumerate(GIVEN.values(), 1)] == [
        data for _, data in GIVEN.values()
    ]  # fmt: skip
    assert set(GIVEN) <= described
    assert pikepdf.Name.Supplement in kinds
    said = ["".join(row.text for row in sheet.rows()) for sheet in measure(pdf)]
    shown = next(page for page in said if "附件3现场照片〓" in page[:20])
    assert "议题：电梯困人问题" in shown
    listed = "".join(said[said.index(shown) + 1 :])
    assert listed.startswith("附件4随附文件清单")
    assert "图片已损坏或像素过多" in listed
    assert hashlib.sha256(GIVEN["整改方案.pdf"][1]).hexdigest()[:8] in listed


def test_what_is_too_much_for_one_paper_is_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST", 40)
    first, second, third = files_of(record(tmp_path), tmp_path)
    assert first.content
    assert not first.why
    assert second.content == third.content[:0]
    assert "未嵌入" in second.why


def test_a_file_that_the_archive_lost_is_not_left_out_in_silence(tmp_path: Path) -> None:
    wanted = record(tmp_path)
    archive.place(tmp_path, wanted["files"][0]["sha256"]).unlink()
    with pytest.raises(Unavailable, match="存档文件缺失"):
        files_of(wanted, tmp_path)
    assert [one.content for one in files_of(wanted)] == [b"", b"", b""]


def test_word_lists_the_files_too(tmp_path: Path) -> None:
    document = replace(annexed_minutes(), files=files_of(record(tmp_path), tmp_path))
    from docx import Document  # noqa: PLC0415

    tables = Document(BytesIO(written(document))).tables
    assert "整改方案.pdf" in tables[-1].cell(1, 1).text

"""The Word document says what the paper says, in the official fonts, and opens as what it is."""

import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree as ET

from docx import Document
from docx.shared import Mm, Pt

from govgrid.meetings.papers.docx import written

from .build import annexed_minutes, example_minutes
from .seeded import seeded


def text_of(data: bytes) -> str:
    with zipfile.ZipFile(BytesIO(data)) as package:
        root = ET.fromstring(package.read("word/document.xml"))
    return "".join(part.text or "" for part in root.iter() if part.tag.endswith("}t"))


def test_it_says_what_the_paper_says() -> None:
    document = annexed_minutes()
    said = text_of(written(document))
    for item in document.agenda:
        for text in (item.title, *item.heard, *item.discussed, *item.decided):
            assert text in said
    for text in (
        document.house.masthead, document.title, "第10期", "送审稿", "应到9人", "96.4%27/28".replace("27", " 27"),
        "吴佳禾（代钱志成，项目经理）", "审签：周明远", "抄送：区住建局", "2026年10月14日印发", "附件2",
        document.annexes[0].title, document.verification.code,
    ):  # fmt: skip
        assert text in said, text


def test_page_grid_and_fonts_are_those_of_the_standard() -> None:
    data = written(example_minutes())
    section = Document(BytesIO(data)).sections[0]
    found = (
        section.page_width, section.page_height, section.top_margin, section.left_margin,
        section.right_margin, section.bottom_margin,
    )  # fmt: skip
    assert [round((one or 0) / Mm(1)) for one in found] == [210, 297, 37, 28, 26, 35]
    with zipfile.ZipFile(BytesIO(data)) as package:
        xml = package.read("word/document.xml").decode()
        footer = "".join(
            package.read(name).decode() for name in package.namelist() if "footer" in name
        )
    assert set(re.findall(r'w:eastAsia="([^"]+)"', xml)) == {
        "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体",
    }  # fmt: skip
    assert 'w:type="linesAndChars"' in xml
    assert 'w:linePitch="580"' in xml
    assert "PAGE" in footer
    sizes = {run.font.size for p in Document(BytesIO(data)).paragraphs for run in p.runs}
    assert {Pt(16), Pt(14), Pt(22)} <= sizes


def test_any_document_can_be_written() -> None:
    for seed in range(6):
        assert seeded(seed).title in text_of(written(seeded(seed)))

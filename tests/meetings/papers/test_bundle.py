from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO

import pikepdf
import pytest

from govgrid.errors import Invalid
from govgrid.meetings.papers.bundle import Entry, bundle
from govgrid.meetings.papers.minutes import print_many
from govgrid.press.press import Press

from .build import annexed_minutes, example_minutes, full_page_minutes
from .measure import measure

AT = datetime(2026, 11, 1, tzinfo=UTC)
TITLE = "望江路街道2026年10月会议纪要汇编"


@pytest.fixture(scope="module")
def entries(press: Press) -> list[Entry]:
    documents = [example_minutes(), annexed_minutes(), full_page_minutes()]
    printed = [pdf for pdf in print_many(press, documents) if isinstance(pdf, bytes)]
    places = (
        ("锦苑社区", "锦苑小区联席会议"),
        ("望江社区", "滨河小区联席会议"),
        ("锦苑社区", "月度会议"),
    )
    return [
        Entry(community, meeting, date(2026, 10, 9 + number), ("周明远",), partial(bytes, pdf))
        for number, ((community, meeting), pdf) in enumerate(zip(places, printed, strict=True))
    ]


@pytest.fixture(scope="module")
def bound(press: Press, entries: list[Entry]) -> bytes:
    return bundle(press, TITLE, entries, AT)


def test_every_minutes_starts_on_a_right_hand_page(bound: bytes) -> None:
    sheets = measure(bound)
    starts = [
        number
        for number, sheet in enumerate(sheets, 1)
        if any("多方联席会议纪要" in row.text and row.glyphs[0].size > 10 for row in sheet.rows())
    ]
    assert len(starts) == 3
    assert all(start % 2 for start in starts)
    assert len(sheets) % 2 == 0


def test_the_register_lists_them_by_community_with_their_pages(bound: bytes) -> None:
    sheets = measure(bound)
    register = "".join(row.text for row in sheets[0].rows())
    assert register.startswith(TITLE)
    places = [register.index(name) for name in ("锦苑小区联席会议", "月度会议", "滨河小区联席会议")]
    assert places == sorted(places)
    assert "2026年10月9日周明远3" in register
    assert "2026年10月11日周明远7" in register


def test_bookmarks_nest_meetings_in_communities(bound: bytes) -> None:
    with pikepdf.open(BytesIO(bound)) as pdf, pdf.open_outline() as outline:
        tree = [(item.title, [child.title for child in item.children]) for item in outline.root]
    assert tree == [
        ("目录", []),
        ("锦苑社区", ["锦苑小区联席会议（2026年10月9日）", "月度会议（2026年10月11日）"]),
        ("望江社区", ["滨河小区联席会议（2026年10月10日）"]),
    ]


def test_a_bundle_is_sound_and_the_same_each_time(
    press: Press, entries: list[Entry], bound: bytes
) -> None:
    assert bundle(press, TITLE, entries, AT) == bound
    with pikepdf.open(BytesIO(bound)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.docinfo["/Title"] == TITLE
        assert str(pdf.Root.Lang) == "zh-CN"


def test_nothing_to_bind_is_refused(press: Press) -> None:
    with pytest.raises(Invalid, match="没有可以汇编"):
        bundle(press, TITLE, [], AT)

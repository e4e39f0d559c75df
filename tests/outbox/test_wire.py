"""What people typed, made safe."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.errors import Invalid
from govgrid.outbox import wire


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("一\r\n二\r三\n四", "一\n二\n三\n四"),
        ("一\u2028二\u2029三\x85四", "一\n二\n三\n四"),
        ("a\tb", "a b"),
        ("a\x00b\x0bc\x7fd\x9be", "abcde"),
        ("\u202eabc\u2066", "abc"),
        ("\ud83d半", "半"),
        ("👩‍👩‍👧 　é", "👩‍👩‍👧 　é"),
    ],
)
def test_text(typed: str, kept: str) -> None:
    assert wire.text(typed) == kept


@given(st.text())
def test_line_is_one_line_and_settled(typed: str) -> None:
    line = wire.line(typed)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", line)
    assert line == line.strip(" ")
    assert wire.line(line) == line


@pytest.mark.parametrize(
    "address", ["a@x.cn", "A.b-c_d+e=f@sub.x-y.example", "10086@qq.com", "root@localhost"]
)
def test_address_is_kept(address: str) -> None:
    assert wire.address(address) == address


@given(st.text(min_size=1, max_size=300))
def test_address_holds_nothing_that_ends_a_line_or_an_argument(typed: str) -> None:
    try:
        kept = wire.address(f"{typed}@x.cn")
    except Invalid:
        return
    assert re.fullmatch(r"[!-~]{1,64}@x\.cn", kept)
    assert not set(kept) & set('<>()[]\\,;:" %?#')

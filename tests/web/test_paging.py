"""The pager: every row is on exactly one page, and no page number leads nowhere."""

from hypothesis import given
from hypothesis import strategies as st

from govgrid.web.paging import Paging


@given(total=st.integers(0, 2000), size=st.integers(1, 60))
def test_the_pages_cover_the_list_once(total: int, size: int) -> None:
    shown: list[int] = []
    for number in range(1, Paging.at("/", (), total, size).pages + 1):
        part = Paging.at("/", (("page", str(number)),), total, size)
        shown += range(part.first, part.last + 1) if total else []
        assert part.page == number
        assert part.offset == (number - 1) * size
    assert shown == list(range(1, total + 1))


@given(wanted=st.text(max_size=12), total=st.integers(0, 500))
def test_any_page_asked_for_exists(wanted: str, total: int) -> None:
    part = Paging.at("/list", (("page", wanted), ("kind", "旧")), total, 10)
    assert 1 <= part.page <= part.pages
    numbers = [number for number in part.near if number]
    assert {1, part.page, part.pages} <= set(numbers)
    assert numbers == sorted(set(numbers))
    assert part.href(2) == "/list?kind=%E6%97%A7&page=2"

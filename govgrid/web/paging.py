"""Pages of a long list: which part this visit asks for, and the way to the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from govgrid.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Paging:
    """Part `page` (from 1) of a list of `total` rows, `size` rows a page."""

    path: str
    query: tuple[tuple[str, str], ...]
    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def first(self) -> int:
        """Return the number of the first row shown, 0 in an empty list."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def near(self) -> list[int | None]:
        """Return the page numbers to offer; None stands for a gap."""
        shown = sorted(
            {1, self.pages, *range(self.page - 2, self.page + 3)} & {*range(1, self.pages + 1)}
        )
        numbers: list[int | None] = []
        for before, number in zip([0, *shown], shown, strict=False):
            numbers += [None, number] if number > before + 1 else [number]
        return numbers

    def href(self, page: int) -> str:
        """Return the address of another page of the same list."""
        return f"{self.path}?{urlencode([*self.query, ('page', str(page))])}"

    @classmethod
    def at(cls, path: str, query: tuple[tuple[str, str], ...], total: int, size: int) -> Self:
        """Read `page` from the query; a page that does not exist becomes the nearest one."""
        wanted = dict(query).get("page", "1")
        page = int(wanted) if wanted.isdecimal() and len(wanted) < 9 else 1
        rest = tuple(item for item in query if item[0] != "page")
        last = max(1, -(-total // size))
        return cls(path, rest, min(max(page, 1), last), size, total)


def paging_of(visit: Visit, total: int, size: int = 50) -> Paging:
    """Return the part of a list of `total` rows that this visit asks for."""
    query = tuple(visit.request.query_params.multi_items())
    return Paging.at(visit.request.url.path, query, total, size)


def stretch(
    visit: Visit, read: Callable[..., tuple[Sequence[object], int]], size: int = 50
) -> dict[str, Any]:
    """Return `rows` and `paging` of a list that `read(offset=, limit=)` gives with its total."""
    rows, total = read(offset=0, limit=size)
    paging = paging_of(visit, total, size)
    if paging.offset:
        rows, total = read(offset=paging.offset, limit=size)
    return {"rows": rows, "paging": paging}

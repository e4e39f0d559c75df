"""Many minutes in one PDF: a register in front, bookmarks by community, each on a right-hand page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pikepdf

from govgrid.clock import HERE
from govgrid.errors import Invalid
from govgrid.meetings.papers import wording
from govgrid.meetings.papers.layout import BLOCK, Block, Column, Paragraph, Typesetter, printable
from govgrid.meetings.papers.lines import Piece
from govgrid.meetings.papers.stationery import page
from govgrid.press.binding import describe, gathered, opened, put_before, saved
from govgrid.press.press import Press, Sheet


@dataclass(frozen=True, slots=True)
class Entry:
    """One printed minutes and its row of the register."""

    community: str
    meeting: str
    held_on: date
    signed_by: tuple[str, ...]
    pdf: Callable[[], bytes]
    """Read when its turn comes, so that a street's papers are never in memory together."""


@dataclass(frozen=True, slots=True)
class RegisterView:
    name: str
    created: str
    title: Paragraph
    table: Block
    note: Paragraph
    missing: tuple[Paragraph, ...]


def bundle(
    press: Press,
    title: str,
    entries: Sequence[Entry],
    at: datetime,
    missing: Sequence[str] = (),
) -> bytes:
    """Return one PDF: register, then the minutes, a community's together, in the order given.

    `at` (aware) is its creation date; `missing` says what is not in it, a line each. Raises Invalid
    when there is nothing to bind.
    """
    if not entries:
        raise Invalid("没有可以汇编的会议纪要。")
    grouped = _grouped(entries)
    with gathered((entry.pdf() for entry in grouped), odd=True) as (target, starts):
        front = _register(press, title, grouped, starts, at, missing)
        before = put_before(target, front)
        _bookmark(target, grouped, [before + start for start in starts])
        describe(target, title, at)
        return saved(target)


def _grouped(entries: Sequence[Entry]) -> list[Entry]:
    """Put a community's meetings together, communities in the order they first appear."""
    places: dict[str, int] = {}
    for entry in entries:
        places.setdefault(entry.community, len(places))
    return sorted(entries, key=lambda entry: places[entry.community])


def _register(
    press: Press,
    title: str,
    entries: Sequence[Entry],
    starts: Sequence[int],
    at: datetime,
    missing: Sequence[str],
) -> bytes:
    """Print the register; a first printing tells how long it is, so where the minutes start."""

    def printed(before: int) -> bytes:
        shown = [before + start + 1 for start in starts]
        return press.print(_sheet(press, title, entries, shown, at, missing))

    with opened(printed(0)) as draft:
        pages = len(draft.pages)
    return printed(pages + pages % 2)


def _sheet(
    press: Press,
    title: str,
    entries: Sequence[Entry],
    starts: Sequence[int],
    at: datetime,
    missing: Sequence[str],
) -> Sheet:
    setter = Typesetter(press.fonts)
    columns = (
        Column("序号", 13, "center"),
        Column("社区", 30),
        Column("会议", 44),
        Column("会议日期", 33, "center"),
        Column("签发人", 20, "center"),
        Column("起始页", 16, "center"),
    )
    rows = (
        (
            str(number),
            printable(press.fonts, entry.community),
            printable(press.fonts, entry.meeting),
            wording.day(entry.held_on),
            "、".join(entry.signed_by) or "—",
            str(start),
        )
        for number, (entry, start) in enumerate(zip(entries, starts, strict=True), 1)
    )
    note = setter.paragraphs("注：起始页按本汇编总页数计，各期纪要均从单数页起。", "目录")[0]
    view = RegisterView(
        name=title,
        created=at.astimezone(HERE).isoformat(timespec="seconds"),
        title=setter.title(title, "汇编标题"),
        table=setter.table(columns, rows, "目录"),
        note=note,
        missing=tuple(_missing(setter, missing)),
    )
    return Sheet(page("register.html", press.fonts, register=view), at)


def _missing(setter: Typesetter, missing: Sequence[str]) -> Iterator[Paragraph]:
    """Set what is not in it, so that whoever files the month sees the gaps on paper, too."""
    if missing:
        yield setter.heading(f"未收入本汇编的会议（{len(missing)}场）", "目录")
    for number, line in enumerate(missing, 1):
        text = printable(setter.fonts, line)
        yield setter.small([Piece(f"{number}. {text}")], BLOCK, 2.0, "目录")


def _bookmark(target: pikepdf.Pdf, entries: Sequence[Entry], starts: Sequence[int]) -> None:
    with target.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("目录", 0))
        communities: dict[str, pikepdf.OutlineItem] = {}
        for entry, start in zip(entries, starts, strict=True):
            if entry.community not in communities:
                item = pikepdf.OutlineItem(entry.community, start)
                communities[entry.community] = item
                outline.root.append(item)
            leaf = pikepdf.OutlineItem(f"{entry.meeting}（{wording.day(entry.held_on)}）", start)
            communities[entry.community].children.append(leaf)

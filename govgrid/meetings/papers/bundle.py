"""Many minutes in one PDF: a register in front, bookmarks by community, each on a right-hand page."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

import pikepdf

from govgrid.clock import HERE
from govgrid.errors import Invalid
from govgrid.meetings.papers import wording
from govgrid.meetings.papers.layout import Block, Column, Paragraph, Typesetter
from govgrid.meetings.papers.press import Press, Sheet
from govgrid.meetings.papers.stationery import page

A4 = (595.276, 841.89)


@dataclass(frozen=True, slots=True)
class Entry:
    """One printed minutes and its row of the register."""

    community: str
    meeting: str
    held_on: date
    signed_by: tuple[str, ...]
    pdf: bytes


@dataclass(frozen=True, slots=True)
class RegisterView:
    name: str
    created: str
    title: Paragraph
    table: Block
    note: Paragraph


def bundle(press: Press, title: str, entries: Sequence[Entry], at: datetime) -> bytes:
    """Return one PDF: register, then the minutes, a community's together, in the order given.

    `at` (aware) is its creation date. Raises Invalid when there is nothing to bind.
    """
    if not entries:
        raise Invalid("没有可以汇编的会议纪要。")
    grouped = _grouped(entries)
    with ExitStack() as open_files:
        parts = [open_files.enter_context(_opened(entry.pdf)) for entry in grouped]
        sizes = [len(part.pages) for part in parts]
        register = open_files.enter_context(_register(press, title, grouped, sizes, at))
        target = open_files.enter_context(pikepdf.new())
        starts = _bind(target, register, parts)
        _bookmark(target, grouped, starts)
        _describe(target, title, at)
        return _saved(target)


def _grouped(entries: Sequence[Entry]) -> list[Entry]:
    """Put a community's meetings together, communities in the order they first appear."""
    places: dict[str, int] = {}
    for entry in entries:
        places.setdefault(entry.community, len(places))
    return sorted(entries, key=lambda entry: places[entry.community])


def _opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf))


def _register(
    press: Press, title: str, entries: Sequence[Entry], sizes: Sequence[int], at: datetime
) -> pikepdf.Pdf:
    """Print the register; a first printing tells how long it is, so where the minutes start."""
    draft = _opened(press.print(_sheet(press, title, entries, _starts(0, sizes), at)))
    with draft:
        starts = _starts(_even(len(draft.pages)), sizes)
    return _opened(press.print(_sheet(press, title, entries, starts, at)))


def _starts(before: int, sizes: Sequence[int]) -> list[int]:
    """Return the page, from 1, on which each part begins: always odd."""
    starts = []
    for size in sizes:
        starts.append(before + 1)
        before += _even(size)
    return starts


def _even(pages: int) -> int:
    return pages + pages % 2


def _sheet(
    press: Press, title: str, entries: Sequence[Entry], starts: Sequence[int], at: datetime
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
            entry.community,
            entry.meeting,
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
    )
    return Sheet(page("register.html", press.fonts, register=view), at)


def _bind(target: pikepdf.Pdf, register: pikepdf.Pdf, parts: Sequence[pikepdf.Pdf]) -> list[int]:
    """Append every part, each from an odd page; return where the minutes start, from 0."""
    starts = []
    for part in (register, *parts):
        starts.append(len(target.pages))
        target.pages.extend(part.pages)
        if len(target.pages) % 2:
            target.add_blank_page(page_size=A4)
    for leaf in target.pages:
        # They point into the structure tree that stayed behind in the single PDFs.
        for name in ("/StructParents", "/Tabs"):
            if name in leaf:
                del leaf[name]
    return starts[1:]


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


def _describe(target: pikepdf.Pdf, title: str, at: datetime) -> None:
    target.Root.Lang = pikepdf.String("zh-CN")
    target.Root.PageMode = pikepdf.Name.UseOutlines
    target.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    date_text = at.astimezone(HERE).strftime("D:%Y%m%d%H%M%S+08'00'")
    target.docinfo["/Title"] = title
    target.docinfo["/CreationDate"] = date_text
    target.docinfo["/ModDate"] = date_text


def _saved(target: pikepdf.Pdf) -> bytes:
    stream = BytesIO()
    target.save(stream, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return stream.getvalue()

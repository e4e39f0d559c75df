"""Print a street's year: 300 different minutes of three pages, bound with one register.

`python -m benchmarks minutes`; a number after it prints so many. Beside it Typst prints the same
content (`pip install -r requirements-peers.lock`), on one core, warm.
"""

import resource
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from govgrid import archive
from govgrid.meetings.papers.bundle import Entry, bundle
from govgrid.meetings.papers.document import MinutesDocument
from govgrid.meetings.papers.minutes import print_many
from govgrid.press.press import Press
from govgrid.settings import Settings
from tests.meetings.papers.seeded import seeded

BATCH = 300
PEER = 40  # documents that the peer prints
LENGTH = 150  # characters: three pages with attendance, tables and imprint
ITEMS = 2
WARM = 4


def used(who: int) -> float:
    one = resource.getrusage(who)
    return one.ru_utime + one.ru_stime


def document(seed: int) -> MinutesDocument:
    made = seeded(seed * 3 + 1, LENGTH)  # none with attachments
    agenda = (replace(item, decided=item.decided[:1]) for item in made.agenda[:ITEMS])
    return replace(made, agenda=tuple(agenda), showcase=None)


def main(given: list[str]) -> None:
    batch = int(given[0]) if given else BATCH
    settings = Settings.read()
    documents = [document(n) for n in range(batch)]
    press = Press.open(settings.vendor, settings.house_fonts)
    print_many(press, documents[:WARM])
    own, wall = used(resource.RUSAGE_SELF), time.perf_counter()
    printed = print_many(press, documents)
    composed = used(resource.RUSAGE_SELF) - own
    wall = time.perf_counter() - wall
    good = [pdf for pdf in printed if isinstance(pdf, bytes)]
    del printed  # the desk keeps none in memory either
    printed_well = len(good)
    pages = sum(len(pikepdf.open(BytesIO(pdf)).pages) for pdf in good) / len(good)
    size, binding = bound(press, documents, good)
    press.close()
    children = used(resource.RUSAGE_CHILDREN)
    each = (children / (batch + WARM)) + composed / batch
    print(f"{printed_well}/{batch} minutes of {pages:.1f} pages, {press.children} processes")
    print(
        f"CPU {1000 * each:.0f} ms each (composing {1000 * composed / batch:.0f}, the rest painting;"
    )
    print("  painting includes what the children need to start)")
    print(
        f"wall {wall:.1f} s, {1000 * wall / batch:.0f} ms each: {each * batch / wall:.2f} cores busy"
    )
    print(f"largest child {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB,")
    print(f"  this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    print(f"bound with one register in {binding:.1f} s CPU: {size / 2**20:.1f} MiB")
    peer(documents[:PEER], settings.vendor / "fonts", each)


def bound(press: Press, documents: list[MinutesDocument], pdfs: list[bytes]) -> tuple[int, float]:
    """Bind them from the archive, as the desk does; return the size, and our CPU time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        kept = [archive.keep(folder, pdf) for pdf in pdfs]
        pdfs.clear()
        entries = [
            Entry(
                one.house.body,
                one.title,
                one.issued_on,
                ("周明远",),
                partial(archive.fetch, folder, it),
            )
            for one, it in zip(documents, kept, strict=True)
        ]
        begun = used(resource.RUSAGE_SELF)
        whole = bundle(press, "会议纪要汇编", entries, datetime(2026, 11, 1, tzinfo=UTC))
        return len(whole), used(resource.RUSAGE_SELF) - begun


def peer(documents: list[MinutesDocument], fonts: Path, ours: float) -> None:
    """Let Typst set the same content on the same page."""
    try:
        import typst  # noqa: PLC0415
    except ImportError:
        print("typst is not installed: pip install -r requirements-peers.lock")
        return
    compiler = typst.Compiler(font_paths=[str(fonts)], ignore_system_fonts=True)
    sources = [source(one).encode() for one in documents]
    compiler.compile(input=sources[0], format="pdf", pdf_standards=["a-3b"])
    begun = time.process_time()
    sizes = [len(compiler.compile(input=s, format="pdf", pdf_standards=["a-3b"])) for s in sources]
    each = (time.process_time() - begun) / len(sources)
    print(f"typst {typst.__version__ if hasattr(typst, '__version__') else ''}: {1000 * each:.0f} ms CPU each"
          f" ({sum(sizes) / len(sizes) / 1024:.0f} KiB); ours takes {ours / each:.1f} times as long")  # fmt: skip


HEAD = """#set page(paper: "a4", margin: (top: 37mm, left: 28mm, right: 26mm, bottom: 35mm), numbering: "— 1 —")
#set text(font: ("FandolFang R", "LXGW WenKai Light"), size: 15.79pt, lang: "zh")
#set par(first-line-indent: (amount: 2em, all: true), justify: true, leading: 13.2pt, spacing: 13.2pt)
#show heading: set text(font: "Noto Sans SC", size: 15.79pt)
"""


def source(one: MinutesDocument) -> str:
    """Return the same content as Typst reads it."""
    lines = [HEAD, f'#align(center)[#text(fill: rgb("e60012"), size: 40pt)[{escaped(one.house.masthead)}]]',
             f"#align(center)[{escaped(one.issue)}]", f"#align(center)[#text(size: 22pt)[{escaped(one.title)}]]",
             f"地点：{escaped(one.place)}", *map(escaped, one.opening)]  # fmt: skip
    for item in one.agenda:
        lines.append(f"= {escaped(item.kind)}：{escaped(item.title)}")
        lines += map(escaped, (*item.heard, *item.discussed, *item.decided))
    cells = [
        f"[{escaped(cell)}]"
        for row in one.actions
        for cell in (row.number, row.matter, row.owner, "、".join(row.co_owners), str(row.deadline))
    ]
    lines.append("#table(columns: 5, " + ", ".join(cells) + ")")
    if one.rates:
        counts = [str(row.received) for row in one.rates.rows]
        lines.append("#table(columns: 2, " + ", ".join(f"[受理], [{c}]" for c in counts) + ")")
    for label, people in (("出席", one.attendance.present), ("请假", one.attendance.excused)):
        names = "、".join(p.name for p in people)
        lines.append(f"{label}：{escaped(names)}。")
    lines.append(f"抄送：{escaped('、'.join(one.imprint.copied_to))}。")
    return "\n\n".join(lines)


def escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "#*_`$<>@\\[]=-+/~'\"" else c for c in text)


if __name__ == "__main__":
    main(sys.argv[1:])

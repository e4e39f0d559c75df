"""Prove the chain: every line follows from the one before, and every anchored head is on it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.journal import seals
from govgrid.journal.heads import Anchor
from govgrid.journal.models import Cut, Entry

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the journal was touched; `number` is the line, 0 where no line can be named."""

    number: int
    said: str


@dataclass(frozen=True, slots=True)
class _Place:
    """How far the proof is: the last line's number and its seal, empty where it is unknown."""

    number: int
    seal: str


def prove(db: Session, anchors: Sequence[Anchor]) -> Iterator[Fault]:
    """Yield every fault; read the anchors before opening the session, as both go on growing.

    Memory stays bounded: lines are read in batches, in one consistent view of the database.
    """
    key = db.info["settings"].secret
    cuts = list(db.scalars(select(Cut).order_by(Cut.last_id)))
    yield from _cut_faults(key, cuts)
    here = _Place(cuts[-1].last_id, cuts[-1].last_seal) if cuts else _Place(0, "")
    root = cuts[-1].root if cuts else db.scalar(select(Entry.seal).order_by(Entry.id).limit(1))
    heads = [a for a in anchors if a.genuine and a.root == root]
    # The earliest of a number counts: a tail that was cut and grew again is anchored once more.
    due = {a.number: a for a in reversed(heads) if a.number > here.number}
    for entry in _lines(db):
        yield from _line_faults(key, here, entry)
        head = due.pop(entry.id, None)
        if head is not None and head.seal != entry.seal:
            yield Fault(entry.id, f"第 {entry.id} 行与 {head.at} 记下的锚点不符：{told(entry)}")
        here = _Place(entry.id, entry.seal)
    yield from _tail_faults(due.values(), here)
    yield from _anchor_faults(anchors, root)


def told(entry: Entry) -> str:
    """Return a line in one sentence, for whoever looks for it."""
    at = entry.at.isoformat(timespec="seconds")
    return f"{at} {entry.actor} {entry.verb} {entry.subject} {entry.subject_id}"


def _lines(db: Session) -> Iterator[Entry]:
    return iter(db.scalars(select(Entry).order_by(Entry.id).execution_options(yield_per=BATCH)))


def _line_faults(key: str, here: _Place, entry: Entry) -> Iterator[Fault]:
    if entry.id > here.number + 1:
        first, last = here.number + 1, entry.id - 1
        yield Fault(first, f"第 {first} 行至第 {last} 行缺失，共 {last - first + 1} 行")
    elif entry.id <= here.number:
        yield Fault(entry.id, f"第 {entry.id} 行早于留存检查点，本应已清理：{told(entry)}")
    elif entry.seal != seals.of_line(key, here.seal, entry):
        yield Fault(entry.id, f"第 {entry.id} 行被改动：{told(entry)}")


def _cut_faults(key: str, cuts: Sequence[Cut]) -> Iterator[Fault]:
    before = ""
    for cut in cuts:
        if cut.seal != seals.of_cut(key, before, cut):
            yield Fault(cut.last_id, f"留存检查点（第 {cut.last_id} 行）被改动或并非本系统写入")
        before = cut.seal


def _tail_faults(due: Iterable[Anchor], here: _Place) -> Iterator[Fault]:
    lost = max((a.number for a in due if a.number > here.number), default=0)
    if lost:
        first = here.number + 1
        yield Fault(
            first, f"末尾被截：第 {first} 行至第 {lost} 行（至少 {lost - here.number} 行）缺失"
        )


def _anchor_faults(anchors: Sequence[Anchor], root: str | None) -> Iterator[Fault]:
    for head in anchors:
        if not head.genuine:
            yield Fault(0, f"锚点文件第 {head.line} 行被改动或并非本系统写入")
    strange = [a for a in anchors if a.genuine and a.root != root]
    if strange:
        last = strange[-1]
        yield Fault(
            0,
            f"锚点文件记有另一份日志（{last.at}，第 {last.number} 行），数据库中已不存在：日志可能被整体清空，"
            "或两套系统共用了一个存档目录",
        )

"""Busy times out of an iCalendar file, read by a child within limits."""

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from govgrid.errors import Invalid
from govgrid.words import N_

CAP = 1024 * 1024
AHEAD = timedelta(days=180)
SECONDS = 20
# Which of these UIDs are meetings of ours, which block their owner anyway.
Ours = Callable[[Session, Collection[str]], set[str]]
_CHILD = Path(__file__).with_name("busy_reader.py")
_REFUSALS = {
    "no_calendar": N_("这不是日历文件（.ics）。请从手机或电脑日历中导出 iCalendar 格式后重试。"),
    "many": N_("日历中的日程过多（最多 5000 个），请只导出近期的日程。"),
    "rule": N_("日历中有按小时或更密重复的日程，无法导入；请删去后重试。"),
    "zone": N_("日历使用了无法识别的时区“%(value)s”，请改用北京时间后重新导出。"),
    "broken": N_("日历文件已损坏或格式不正确，无法读取。"),
}


class Span(NamedTuple):
    """A time that is taken; `end` is excluded."""

    start: datetime
    end: datetime


class Busy(NamedTuple):
    """A time that is taken and the UID of the event that takes it."""

    span: Span
    uid: str


def busy_times(data: bytes, at: datetime) -> list[Busy]:
    """Return what is taken in the half year ahead. Raise `Invalid` on anything unreadable."""
    if len(data) > CAP:
        raise Invalid("日历文件超过 1 MB，请只导出近期的日程。")
    span = json.dumps({"start": at.isoformat(), "end": (at + AHEAD).isoformat()})
    try:
        done = subprocess.run(  # noqa: S603  # our own script
            [sys.executable, "-I", str(_CHILD)],
            input=span.encode() + b"\n" + data,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise Invalid("日历过于复杂，无法在限定时间内读完；请只导出近期的日程。") from None
    if "refused" in answer:
        message = _REFUSALS[answer["refused"]]
        raise Invalid(message, value=answer["value"])
    return [
        Busy(Span(datetime.fromisoformat(start), datetime.fromisoformat(end)), uid)
        for start, end, uid in answer["busy"]
    ]


def without_ours(db: Session, found: Collection[Busy], ours: Ours) -> list[Span]:
    """Return the times that are no meetings of ours, joined where they touch."""
    own = ours(db, {busy.uid for busy in found})
    return joined(busy.span for busy in found if busy.uid not in own)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the same times in order, touching and overlapping ones as one."""
    done: list[Span] = []
    for span in sorted(s for s in spans if s.end > s.start):
        if done and span.start <= done[-1].end:
            done[-1] = Span(done[-1].start, max(done[-1].end, span.end))
        else:
            done.append(span)
    return done

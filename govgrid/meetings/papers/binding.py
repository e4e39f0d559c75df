"""From meetings with their minutes to one bound PDF of those that are signed."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial

from sqlalchemy import Row

from govgrid.clock import HERE
from govgrid.grid.models import Area
from govgrid.meetings.models import Meeting, Minutes, MinutesStage
from govgrid.meetings.papers.bundle import Entry, bundle
from govgrid.meetings.papers.store import paper
from govgrid.press.press import Press
from govgrid.settings import Settings


def title_of(area: Area, month: date) -> str:
    """Return what stands on the front of an area's month."""
    return f"{area.name}{month.year}年{month.month}月联席会议纪要汇编"


def bind(
    press: Press,
    settings: Settings,
    title: str,
    rows: Iterable[Row[Meeting, Minutes | None]],
    *,
    at: datetime,
) -> bytes:
    """Return the signed ones as one PDF. Raise `Invalid` where none is signed."""
    entries = [
        entry_of(meeting, minutes, partial(paper, press, settings, minutes))
        for meeting, minutes in rows
        if minutes is not None and minutes.stage is MinutesStage.SIGNED
    ]
    return bundle(press, title, entries, at)


def entry_of(meeting: Meeting, minutes: Minutes, pdf: Callable[[], bytes]) -> Entry:
    """Return the bound paper with its row of the register; signer and community are loaded."""
    return Entry(
        community=str((minutes.record or {}).get("community", meeting.community.name)),
        meeting=meeting.title + (f"（第{minutes.number}版）" if minutes.number > 1 else ""),
        held_on=meeting.start.astimezone(HERE).date(),
        signed_by=(minutes.signer.name,) if minutes.signer else (),
        pdf=pdf,
    )

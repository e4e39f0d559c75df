"""The periods of a compound as one chain: what clashes, what follows what, which days are a gap."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from govgrid.errors import Invalid
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.rules.periods import DAY, Period, overlap
from govgrid.oldcompounds.rules.terms import Terms
from govgrid.words import N_


def period_text(period: Period) -> str:
    """Return `2025-01-01～2025-12-31`; a running period has no end."""
    return f"{period.since}～{period.until or ''}"


def clashes(periods: Iterable[Period]) -> Iterator[tuple[Period, Period]]:
    """Yield overlapping pairs of one compound, each period with the longest one before it."""
    longest: Period | None = None
    for period in sorted(periods, key=lambda p: p.since):
        if longest is not None and overlap(longest, period):
            yield longest, period
        if longest is None or _end(longest) < _end(period):
            longest = period


def _end(period: Period) -> date:
    return period.until or date.max


@dataclass(frozen=True, slots=True)
class Link:
    """A period in its place: the last day of the one it follows, or that nobody recorded it."""

    terms: Terms
    follows: date | None
    gap: bool = False


def chained(periods: Iterable[Terms]) -> Iterator[Link]:
    """Yield periods without clashes in order, the days between two of them as unmanaged."""
    last: date | None = None
    for terms in sorted(periods, key=lambda p: p.since):
        before = terms.since - DAY if last else None
        if last is not None and before is not None and last < before:
            yield Link(Terms(Mode.NONE, last + DAY, before), last, gap=True)
        yield Link(terms, before)
        last = terms.until


GAP = N_(
    "上一段管理到 %(until)s 为止，与新的起始日期 %(since)s 之间有 %(days)s 天无人管理。"
    "请将起始日期改为 %(next)s，或勾选“空档补记为无管理”。"
)


@dataclass(frozen=True, slots=True)
class Succession:
    """What recording a period does to the history: the running one ends, a gap is filled."""

    close_on: date | None
    gap: tuple[date, date] | None


def succeed(last: Period | None, terms: Terms, *, fill: bool) -> Succession:
    """Return how the new period follows the last one. Raise `Invalid` on overlap or gap."""
    if last is None:
        return Succession(None, None)
    if terms.since <= last.since:
        raise Invalid(
            "起始日期须晚于 %(since)s：该日起已登记为“%(mode)s”。",
            since=last.since.isoformat(),
            mode=last.mode.word,
        )
    before = terms.since - DAY
    if last.until is None or last.until > before:
        if last.mode is Mode.NONE and terms.mode is Mode.NONE:
            raise Invalid("该小区已登记为“无管理”，无需重复登记。")
        return Succession(before, None)
    if last.until == before:
        return Succession(None, None)
    if not fill:
        raise Invalid(
            GAP,
            until=last.until.isoformat(),
            since=terms.since.isoformat(),
            days=(before - last.until).days,
            next=(last.until + DAY).isoformat(),
        )
    return Succession(None, (last.until + DAY, before))

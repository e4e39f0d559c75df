"""How dates, shares and people read in an official document."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from govgrid.clock import HERE
from govgrid.meetings.papers.document import Attendee, Share, Turnout

WEEKDAYS = "一二三四五六日"
DIGITS = "零一二三四五六七八九"


def day(value: date) -> str:
    """Return 2026年1月9日: Arabic numerals, no zero padding."""
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """Return 2026年1月9日 9:05 in local time, without the space."""
    local = value.astimezone(HERE)
    return f"{day(local)}{clock(local)}"


def clock(value: datetime) -> str:
    local = value.astimezone(HERE)
    return f"{local.hour}:{local.minute:02}"


def span(start: datetime, end: datetime) -> str:
    """Return 2026年10月12日（星期一）14:30—15:40; the end's date too when it differs."""
    first, last = start.astimezone(HERE), end.astimezone(HERE)
    opened = f"{day(first)}（星期{WEEKDAYS[first.weekday()]}）{clock(first)}"
    closed = clock(last) if first.date() == last.date() else moment(last)
    return f"{opened}—{closed}"


def ordinal(number: int) -> str:
    """Return 1–99 as 一 … 九十九."""
    tens, ones = divmod(number, 10)
    leading = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return leading + (DIGITS[ones] if ones or not tens else "")


def percent(share: Share) -> str:
    """Return 95.0%, — for an empty whole; 100.0% only when nothing is missing."""
    if share.whole == 0:
        return "—"
    exact = Decimal(100 * share.part) / share.whole
    shown = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{min(shown, Decimal('99.9')) if share.part < share.whole else shown}%"


def person(attendee: Attendee) -> list[tuple[str, bool]]:
    """Return 某某（代某某，职务） in parts, each with whether it is a name."""
    notes = [[("代", False), (attendee.stands_for, True)]] if attendee.stands_for else []
    notes += [[(attendee.role, False)]] if attendee.role else []
    if not notes:
        return [(attendee.name, True)]
    inner = [part for note in notes for part in (("，", False), *note)][1:]
    return [(attendee.name, True), ("（", False), *inner, ("）", False)]


def turnout(value: Turnout) -> str:
    """Return one sentence: due, present, excused, absent, and whether the quorum held."""
    substitutes = f"（其中代会{value.substituted}人）" if value.substituted else ""
    heads = [
        f"应到{value.due}人",
        f"实到{value.present}人{substitutes}",
        f"请假{value.excused}人",
        f"缺席{value.absent}人",
    ]
    rule = f"{'达到' if value.held else '未达到'}规定人数（{value.quorum}人）。"
    return "，".join(heads) + "；" + rule


def listed(names: Iterable[str]) -> str:
    """Return the names joined by 、 and ended by 。; empty when there are none."""
    joined = "、".join(names)
    return f"{joined}。" if joined else ""

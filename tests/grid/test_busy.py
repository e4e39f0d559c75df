"""Busy times out of calendar files: what is read, what is refused, always within limits."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govgrid.errors import Invalid
from govgrid.grid.imports import busy
from govgrid.grid.imports.busy import CAP, Span, busy_times, joined
from tests.build import clock

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def calendar(*events: str, head: str = "") -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\n{e}\r\nEND:VEVENT\r\n" for n, e in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{body}END:VCALENDAR\r\n".encode()


def spans(*events: str, head: str = "") -> list[Span]:
    return joined(busy.span for busy in busy_times(calendar(*events, head=head), AT))


@pytest.mark.parametrize(
    ("event", "start", "hours"),
    [
        ("DTSTART:20261201T010000Z\r\nDTEND:20261201T030000Z", "2026-12-01 09:00", 2),
        ("DTSTART;TZID=Asia/Shanghai:20261201T090000\r\nDURATION:PT2H", "2026-12-01 09:00", 2),
        ('DTSTART;TZID="China Standard Time":20261201T090000\r\nDURATION:PT1H', "2026-12-01 09:00", 1),
        ("DTSTART:20261201T090000\r\nDTEND:20261201T100000", "2026-12-01 09:00", 1),
        ("DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261203", "2026-12-01 00:00", 48),
        ("DTSTART;VALUE=DATE:20261201", "2026-12-01 00:00", 24),
    ],
)  # fmt: skip
def test_times_are_read_as_people_here_mean_them(event: str, start: str, hours: int) -> None:
    assert spans(event) == [Span(clock(start), clock(start) + hours * HOUR)]


def test_what_does_not_block_is_left_out() -> None:
    event = "DTSTART:20261201T010000Z\r\nDTEND:20261201T030000Z\r\n"
    assert spans(event + "TRANSP:TRANSPARENT", event + "STATUS:CANCELLED") == []
    assert spans("DTSTART:20200101T010000Z\r\nDTEND:20200101T030000Z") == []
    assert spans("DTSTART:20290101T010000Z\r\nDTEND:20290101T030000Z") == []


def test_touching_times_become_one() -> None:
    first = "DTSTART:20261201T010000Z\r\nDTEND:20261201T030000Z"
    second = "DTSTART:20261201T020000Z\r\nDTEND:20261201T040000Z"
    assert spans(first, second) == [Span(clock("2026-12-01 09:00"), clock("2026-12-01 12:00"))]


DAY = "DTSTART:20261201T010000Z\r\nDTEND:20261201T020000Z"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "不是日历"),
        (b"\xff\xfe\x00", "不是日历"),
        (b"BEGIN:VCALENDAR", "损坏|不正确"),
        (calendar("DTSTART;TZID=Asia:20261201T090000"), "时区“Asia”"),
        (calendar("DTSTART;TZID=../../etc/passwd:20261201T090000"), "时区"),
        (calendar(f"DTSTART;TZID={'x' * 3000}:20261201T090000"), "时区"),
        (calendar(DAY, head="X-WR-TIMEZONE:Mars/Olympus\r\n"), "时区"),
        (calendar("DTSTART;TZ\r\n ID=Asia:20261201T090000"), "时区“Asia”"),
        (calendar(DAY + "\r\nRRULE:FREQ=SECONDLY"), "更密"),
        (calendar(DAY + "\r\nRRULE:FREQ=DAILY;BYSECOND=1,2"), "更密"),
        (calendar(*[DAY] * 5001), "过多"),
        (calendar("DTSTART:xyz"), "损坏"),
        (calendar("DTSTART;VALUE=DATE:99999999"), "损坏"),
        (b"x" * (CAP + 1), "1 MB"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        busy_times(data, AT)
    assert any(part in str(refusal.value) for part in why.split("|")), str(refusal.value)


def test_one_that_would_take_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "SECONDS", 1)
    data = calendar(*[DAY + "\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 400)
    with pytest.raises(Invalid, match="过于复杂"):
        busy_times(data, AT)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50))))
@settings(deadline=None)
def test_joined_times_cover_the_same_and_never_touch(pairs: list[tuple[int, int]]) -> None:
    given_spans = [Span(AT + n * HOUR, AT + (n + length) * HOUR) for n, length in pairs]
    done = joined(given_spans)
    covered = {n + k for n, length in pairs for k in range(length)}
    assert {
        int((s.start - AT) / HOUR) + k for s in done for k in range(int((s.end - s.start) / HOUR))
    } == covered
    assert all(a.end < b.start for a, b in pairwise(done))

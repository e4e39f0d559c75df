"""The four rates, by domain.md: counts, and the shares that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Self


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts over the cases received in a month; every rate is None over nothing.

    The last four are of companies that promised a faster reply, or to come on site.
    """

    received: int = 0
    replied_in_time: int = 0
    closed: int = 0
    closed_in_48h: int = 0
    rated: int = 0
    satisfied: int = 0
    outside_remit: int = 0
    reported: int = 0
    promised: int = 0
    promise_kept: int = 0
    on_site_promised: int = 0
    on_site_in_time: int = 0

    @classmethod
    def total(cls, rows: Iterable[Self]) -> Self:
        """Return the sums, column by column."""
        values = attrgetter(*(field.name for field in fields(cls)))
        return cls(*map(sum, zip(*map(values, rows), strict=True)))

    @property
    def response_rate(self) -> float | None:
        """响应率: replied to by the due time, of those received."""
        return share(self.replied_in_time, self.received)

    @property
    def completion_rate(self) -> float | None:
        """办结率: closed, of those received."""
        return share(self.closed, self.received)

    @property
    def closed_48h_rate(self) -> float | None:
        """Closed within 48 h, of those received."""
        return share(self.closed_in_48h, self.received)

    @property
    def satisfaction_rate(self) -> float | None:
        """满意率: satisfied, of those rated."""
        return share(self.satisfied, self.rated)

    @property
    def report_rate(self) -> float | None:
        """报告率: reported to grid leader or member, of those outside the company's remit."""
        return share(self.reported, self.outside_remit)

    @property
    def promise_rate(self) -> float | None:
        """承诺响应率: replied to as promised, of those with a promise."""
        return share(self.promise_kept, self.promised)

    @property
    def on_site_rate(self) -> float | None:
        """到场及时率: somebody came as promised, of those with a promise to come."""
        return share(self.on_site_in_time, self.on_site_promised)


def share(part: int, whole: int) -> float | None:
    """Return part ÷ whole, None over nothing: never a hundred per cent of no case."""
    return part / whole if whole else None


FIXED = (
    "received", "replied_in_time", "closed", "closed_in_48h", "rated", "satisfied",
    "outside_remit", "reported",
)  # fmt: skip
"""What outside programs are told of the counts, in this order."""

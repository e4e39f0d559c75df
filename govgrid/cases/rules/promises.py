"""What a promise adds to the service clock: only what is stricter than the hours that hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from govgrid.cases.rules.rates import share

MOST_ON_SITE = 48 * 60
MOST_MEETINGS = 4


@dataclass(frozen=True, slots=True)
class Pledge:
    """Minutes for a reply and for coming on site, owners' meetings a month; None: not promised."""

    reply: int | None = None
    on_site: int | None = None
    owners_meetings: int | None = None

    def __bool__(self) -> bool:
        return (self.reply, self.on_site, self.owners_meetings) != (None, None, None)


@dataclass(frozen=True, slots=True)
class OwnersMeetings:
    """How many owners' meetings were promised for a month, and how many of those were held."""

    promised: int = 0
    held: int = 0

    @property
    def rate(self) -> float | None:
        """Return the share held, None where nothing was promised."""
        return share(self.held, self.promised)


NO_PLEDGE = Pledge()


def strictest(pledges: Iterable[Pledge]) -> Pledge:
    """Return the strictest of what several promises say at once."""
    found = list(pledges)
    return Pledge(
        _least(one.reply for one in found),
        _least(one.on_site for one in found),
        max((one.owners_meetings or 0 for one in found), default=0) or None,
    )


def _least(minutes: Iterable[int | None]) -> int | None:
    return min((one for one in minutes if one is not None), default=None)

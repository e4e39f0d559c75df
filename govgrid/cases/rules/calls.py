"""When who is told of a due time: before it, once it has passed, and long after."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from govgrid.access import Role
from govgrid.cases.models import Case, DueKind, Stage

LAST = timedelta(days=1)  # so long the street's letter is still of use
TOLD = {
    Stage.SOON: (Role.PROJECT_MANAGER,),
    Stage.OVER: (Role.PROJECT_MANAGER, Role.GRID_LEADER),
    Stage.LONG: (Role.LIAISON,),
}


def due_time(case: Case, due: DueKind) -> datetime:
    """Return when that is due. Raise `ValueError` for an arrival that nobody promised."""
    dues = {
        DueKind.REPLY: case.reply_due,
        DueKind.ON_SITE: case.on_site_due,
        DueKind.CLOSE: case.close_due,
    }
    found = dues[due]
    if found is None:
        raise ValueError(case.number)
    return found


@dataclass(frozen=True, slots=True)
class Leads:
    """How long before a due time letters warn, and how long after it the street is told."""

    before: dict[DueKind, timedelta]
    street: timedelta

    def window(self, due: DueKind, stage: Stage, *, at: datetime) -> tuple[datetime, datetime]:
        """Return after when, and until when, a due time lies that is at that stage now.

        A case is in time up to the end of its due minute.
        """
        over = at - timedelta(minutes=1)
        if stage is Stage.SOON:
            return over, at + self.before[due]
        if stage is Stage.OVER:
            return over - self.street, over
        return over - self.street - LAST, over - self.street

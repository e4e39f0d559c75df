"""Note that a poster left on paper."""

from datetime import date

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.grid.models import Compound


def note_poster(db: Session, actor: Actor, compound: Compound, period: date, *, code: bool) -> None:
    """Note in the journal that the poster of a period, or the sheet with the code, was printed."""
    journal.record(
        db, actor, "print", "showcase", compound.code, period=f"{period:%Y-%m}",
        size="A4" if code else "A3",
    )  # fmt: skip

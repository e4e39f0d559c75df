"""What the meetings above hand to these pages: resolutions that a step can rest on."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govgrid.grid.models import Compound
from govgrid.oldcompounds.pipeline.actions.ways import Decision
from govgrid.oldcompounds.pipeline.models import Pipeline

Found = Callable[[Session, Compound], list[Decision]]
Bound = Callable[[Session, Decision, Pipeline], None]


@dataclass(frozen=True, slots=True)
class Decisions:
    """`found` returns a compound's resolutions, the newest first; `bind` notes what one moved."""

    found: Found
    bind: Bound

"""What meetings hand to the pages of old compounds: resolutions, and that one moved a stage."""

from sqlalchemy.orm import Session

from govgrid.meetings.models import Resolution
from govgrid.meetings.queries.decided import decisions_of
from govgrid.oldcompounds.pipeline.actions.ways import Decision
from govgrid.oldcompounds.pipeline.decisions import Decisions
from govgrid.oldcompounds.pipeline.models import Pipeline


def bind(db: Session, decision: Decision, pipeline: Pipeline) -> None:
    """Note at the resolution which way it moved; from then on it stays."""
    resolution = db.get_one(Resolution, decision.resolution_id)
    resolution.pipeline_id = pipeline.id


DECISIONS = Decisions(decisions_of, bind)

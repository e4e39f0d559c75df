"""Approvals for minutes that a test lays out itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid.meetings.models import Approval, Reviewer
from tests import build


def approved(db: Session, at: datetime) -> list[Approval]:
    """Return the approvals that signing asks for, by two people."""
    return [
        Approval(
            reviewer=reviewer, officer_id=build.officer(db, reviewer.word).id, name=reviewer.word, at=at
        )
        for reviewer in Reviewer
    ]  # fmt: skip

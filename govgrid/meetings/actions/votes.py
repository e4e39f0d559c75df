"""A vote counted in the room: the resolution that states it, and its figures."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict
from govgrid.meetings.actions.room import may_record, resolve
from govgrid.meetings.models import AgendaItem, Meeting, Vote
from govgrid.meetings.rules.votes import OWNERS, Ballot, checked, stated


def count_vote(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    question: str,
    ballot: Ballot,
    *,
    at: datetime,
) -> Vote:
    """Write a counted vote down; its resolution says figures, rule and result."""
    may_record(db, actor, meeting, at=at)
    if ballot.rule in OWNERS and meeting.unit.compound_id is None:
        raise Conflict("社区会议不能由业主共同表决；请在该小区的会议上表决。")
    checked(ballot)
    made = resolve(db, actor, meeting, item, stated(question, ballot), at=at)
    vote = Vote(
        agenda_item_id=item.id, resolution_id=made.id, question=question, rule=ballot.rule,
        persons=ballot.whole.persons, area=ballot.whole.area,
        yes_persons=ballot.yes.persons, yes_area=ballot.yes.area,
        no_persons=ballot.no.persons, no_area=ballot.no.area,
        abstained_persons=ballot.abstained.persons, abstained_area=ballot.abstained.area,
        passed=ballot.passed,
    )  # fmt: skip
    db.add(vote)
    db.flush()
    after = journal.image(vote, "question", "rule", "passed")
    journal.record(
        db, actor, "count_vote", "meeting", meeting.id, resolution=made.id, before={}, after=after
    )
    return vote

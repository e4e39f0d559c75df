"""Queue letters that nothing but time causes, and the notice of signed minutes."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid.meetings import groups, letters, notes
from govgrid.meetings.models import ActionItem, Meeting, Minutes, Stage
from govgrid.meetings.queries import reminders as queries
from govgrid.meetings.queries import seen
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.meetings.queries.tasks import seat_of
from govgrid.meetings.rules.groups import Event, reminds
from govgrid.meetings.rules.reminders import Chase, Seated, call
from govgrid.outbox.actions import give_up, queue
from govgrid.web import language, provisional


def remind(db: Session, number: int, *, at: datetime) -> int:
    """Queue what the people of one meeting are due to be told now; return how many letters."""
    meeting = seen.load_meeting(db, number)
    if meeting.stage is not Stage.CONFIRMED or meeting.start <= at:
        return 0
    settings = letters.settings_of(db)
    setup = setup_of_unit(db, meeting.unit)
    told = queries.told_since(db, [meeting.id])
    count = 0
    if reminds(meeting.start, told.get(groups.thread(meeting)), at=at):
        count += groups.tell(db, meeting, Event.DAY_BEFORE, at=at, hold=at)
    with language.speaking(settings.locale), provisional.consulting(db):
        titles = letters.titles(db, meeting, seen.agenda(db, meeting))
        for attendee in meeting.attendees:
            if attendee.removed_at is not None or not attendee.officer.email:
                continue
            last = told.get(letters.thread(meeting, attendee))
            what = call(setup, Seated(attendee.role, attendee.reply, last), meeting.start, at=at)
            if what is None:
                continue
            give_up(db, [letters.reminders(meeting, attendee)], at=at)
            queue(db, notes.reminder(settings, meeting, attendee, what, titles), at=at)
            count += 1
    return count


def chase_owner(db: Session, number: int, *, at: datetime) -> int:
    """Queue what the owner of one action item is due to be told now; return how many letters."""
    for _number, what in queries.items_due(db, at=at, only=number):
        item = queries.open_item(db, number)
        settings = letters.settings_of(db)
        give_up(db, [notes.task_thread(Chase.DUE, item.id)], at=at)
        with language.speaking(settings.locale), provisional.consulting(db):
            seat = seat_of(db, item)
            queue(db, notes.task(settings, item.meeting, item, what, seat, at=at), at=at)
        return 1
    return 0


def drop_calls(db: Session, item: ActionItem, *, at: datetime) -> None:
    """Give up the letters about an action item that have not left: it is done or gone."""
    give_up(db, [notes.task_thread(what, item.id) for what in Chase], at=at)


def tell_signed(db: Session, meeting: Meeting, minutes: Minutes, *, at: datetime) -> int:
    """Queue the notice of signed minutes to everybody who was due; return how many letters."""
    settings = letters.settings_of(db)
    agenda, given = seen.agenda(db, meeting), seen.action_items(db, meeting)
    groups.tell(db, meeting, Event.SIGNED, at=at, hold=at)
    due = [a for a in meeting.attendees if a.removed_at is None and a.officer.email]
    with language.speaking(settings.locale), provisional.consulting(db):
        for attendee in due:
            draft = notes.signed(settings, meeting, minutes, attendee, agenda, given)
            queue(db, draft, at=at)
    return len(due)

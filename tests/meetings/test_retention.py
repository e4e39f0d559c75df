"""The text of old mails goes; what was done with them stays."""

from datetime import timedelta

from sqlalchemy import select

from govgrid.db import Database
from govgrid.journal import Entry
from govgrid.meetings.actions.inbox import take
from govgrid.meetings.models import IncomingMail
from govgrid.meetings.retention import forget_mails
from tests.meetings.inbox_world import meeting, reply
from tests.meetings.test_mail_replies import AT


def test_the_text_of_old_mails_goes(database: Database) -> None:
    with database.writing() as db:
        meeting(db)
    with database.writing() as db:
        assert take(db, reply(), at=AT).outcome == "applied"
        take(db, b"From: a@b.cn\r\n\r\nhello", at=AT + timedelta(days=3))
    year = timedelta(days=12 * 31)
    assert forget_mails(database, AT + year) == 0
    assert forget_mails(database, AT + year + timedelta(days=1)) == 1
    assert forget_mails(database, AT + year + timedelta(days=1)) == 0
    with database.reading() as db:
        rows = db.execute(
            select(IncomingMail.outcome, IncomingMail.sender, IncomingMail.raw.is_(None)).order_by(
                IncomingMail.received_at
            )
        ).all()
        assert [tuple(row) for row in rows] == [
            ("applied", "wang@example.cn", True),
            ("unknown", "a@b.cn", False),
        ]
        assert db.scalar(select(Entry.verb).order_by(Entry.id.desc()).limit(1)) == "forget_mails"

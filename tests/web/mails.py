"""Mails around a meeting: one that was refused on its way out, one that waits for somebody."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from govgrid.grid.models import Area
from govgrid.meetings.models import IncomingMail, Meeting, Outcome
from govgrid.meetings.rules.letters import about
from govgrid.outbox.models import Letter


def lost_letter(db: Session, number: int, at: datetime) -> int:
    """Add a letter about the meeting that was refused."""
    path = db.get_one(Area, db.get_one(Meeting, number).community_id).path
    lost = Letter(
        key=secrets.token_hex(16), subject_of=about(number), message_id="x@y.cn",
        sender_name="召集人", to_address="gone@y.cn", to_name="某人", title="会议通知", plain="",
        html="", scope=path, queued_at=at, not_before=at, dead_at=at, answer="550 no such user",
    )  # fmt: skip
    db.add(lost)
    db.flush()
    return lost.id


def waiting_mail(db: Session, number: int, at: datetime) -> int:
    """Add an answer about the meeting that waits for somebody."""
    waits = IncomingMail(
        digest=secrets.token_hex(32), received_at=at, size=1, raw=b"From: x@y.cn\r\n\r\n",
        sender="x@y.cn", method="COUNTER", status="TENTATIVE", outcome=Outcome.REVIEW,
        reason="提议另择时间", meeting_id=number, proposed_start=at + timedelta(days=9),
    )  # fmt: skip
    db.add(waits)
    db.flush()
    return waits.id

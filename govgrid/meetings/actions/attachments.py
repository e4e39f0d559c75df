"""Attach files to agenda items and take them off; the bytes lie in the archive by their hash."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid import archive, journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid
from govgrid.meetings.actions.agenda import may_write
from govgrid.meetings.models import AgendaItem, Attachment, Meeting
from govgrid.meetings.rules.agenda import MIB, MOST_BYTES, MOST_FILES, media_of


def attach(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    item: AgendaItem,
    name: str,
    data: bytes,
    *,
    at: datetime,
) -> Attachment:
    """Attach a PDF or a picture. Raise `Invalid` for anything else and what is too large."""
    may_write(actor, meeting)
    if not data:
        raise Invalid("文件是空的，请重新选择。")
    if len(data) > MOST_BYTES:
        raise Invalid("附件不能超过 %(n)s MB，请压缩后再上传。", n=MOST_BYTES // MIB)
    media = media_of(data)
    sha256 = archive.digest(data)
    known = select(Attachment.sha256).where(Attachment.meeting_id == meeting.id)
    alike = known.where(Attachment.agenda_item_id == item.id, Attachment.sha256 == sha256)
    if db.scalar(alike.limit(1)) is not None:
        raise Conflict("这份附件已在该议题下。")
    if (db.scalar(select(func.count()).select_from(known.subquery())) or 0) >= MOST_FILES:
        raise Conflict("一次会议最多 %(n)s 份附件。", n=MOST_FILES)
    made = Attachment(
        meeting_id=meeting.id,
        agenda_item_id=item.id,
        name=_short(name),
        media=media,
        size=len(data),
        sha256=archive.keep(db.info["settings"].archive, data),
        added_at=at,
        added_by=actor.name,
    )
    db.add(made)
    db.flush()
    after = {"file": made.name, "sha256": sha256}
    journal.record(db, actor, "attach", "meeting", meeting.id, item=item.id, after=after)
    return made


def detach(db: Session, actor: Actor, meeting: Meeting, attachment: Attachment) -> None:
    """Take a file off; its bytes stay in the archive, where a notice may name them."""
    may_write(actor, meeting)
    before = {"file": attachment.name, "sha256": attachment.sha256}
    item = attachment.agenda_item_id
    db.delete(attachment)
    journal.record(db, actor, "detach", "meeting", meeting.id, item=item, before=before)


def _short(name: str) -> str:
    """Return a file's name without folders and control characters, its end kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable()).strip() or "附件"
    return plain if len(plain) <= 120 else f"{plain[:100]}…{plain[-19:]}"

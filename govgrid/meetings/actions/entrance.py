"""Signing in at the door with the code that stands there."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.errors import Conflict, Invalid
from govgrid.meetings.models import Attendance, Attendee, Meeting, Reply, Stage
from govgrid.meetings.rules import DOORS, spoken
from govgrid.meetings.rules.entrance import Fit, fit

CAME = {Attendance.PRESENT, Attendance.SUBSTITUTE}


def sign_in(db: Session, meeting: Meeting, attendee: Attendee, code: str, *, at: datetime) -> None:
    """Note that the attendee, or the substitute sent, is there. The same twice changes nothing."""
    check_code(db, meeting, code, at=at)
    if attendee.attendance in CAME:
        return
    before = journal.image(attendee, "attendance")
    sent = attendee.reply is Reply.SUBSTITUTE and attendee.substitute
    attendee.attendance = Attendance.SUBSTITUTE if sent else Attendance.PRESENT
    journal.record(
        db, None, "sign_in_at_door", "meeting", meeting.id, officer=attendee.officer_id,
        before=before, after=journal.image(attendee, "attendance"),
    )  # fmt: skip


def check_code(db: Session, meeting: Meeting, code: str, *, at: datetime) -> None:
    """Raise `Conflict` or `Invalid` unless the code stands at the door of an open meeting."""
    check_open(meeting, at=at)
    given = "".join(code.split())
    if not (given.isascii() and given.isdecimal()):
        raise Invalid("签到码应为会场屏幕上的 8 位数字。")
    match fit(db.info["settings"].secret, meeting.uid, given, at):
        case Fit.STALE:
            raise Conflict("签到码已过期，请重新扫描会场屏幕上的二维码，或输入屏幕上最新的签到码。")
        case Fit.WRONG:
            raise Invalid("签到码不正确，请核对会场屏幕上的 8 位数字，并确认是本次会议的签到码。")


def check_open(meeting: Meeting, *, at: datetime) -> None:
    """Raise `Conflict` unless people come in now: from two hours before until the end."""
    if meeting.stage is Stage.CANCELLED:
        raise Conflict("会议已取消，无需签到。")
    if meeting.stage is not Stage.CONFIRMED or at >= meeting.end:
        raise Conflict("会议已结束或尚未确认，不能扫码签到；请联系召集人登记考勤。")
    if at < meeting.start - DOORS:
        raise Conflict(
            "签到尚未开始，会前 2 小时起可以签到（会议时间：%(start)s）。",
            start=spoken(meeting.start),
        )

"""A meeting's time and place in the words that letters, papers and pages use."""

from govgrid.meetings.models import Meeting
from govgrid.web import language, provisional
from govgrid.web.language import gettext as _


def when(meeting: Meeting) -> str:
    """Return `2026年12月8日 周二 09:30—10:30`, marked where the day is provisional."""
    day = provisional.noted(language.local(meeting.start).date())
    span = f"{language.clock_text(meeting.start)}—{language.clock_text(meeting.end)}"
    mark = provisional.mark(day)
    return f"{language.day_text(day)} {language.weekday_text(day)} {span}{mark}"


def unsettled(meeting: Meeting) -> list[str]:
    """Return the sentence for a meeting on a provisional day, else nothing."""
    day = language.local(meeting.start).date()
    if not provisional.mark(day):
        return []
    return [_("日期暂定：%(year)s年放假安排尚未公布，如遇调整将另行通知。", year=day.year)]


def place(meeting: Meeting) -> str:
    """Return room and address in one line."""
    return " ".join(filter(None, (meeting.venue.name, meeting.venue.address)))

"""What a change of a meeting sends to whom: invitations, changes, cancellations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from govgrid.meetings import calendar, groups, links
from govgrid.meetings.facts import place, unsettled, when
from govgrid.meetings.letter_text import Button, Facts, Text
from govgrid.meetings.models import AgendaItem, Attendee, Meeting, Reply, Stage
from govgrid.meetings.rules.groups import event as group_event
from govgrid.meetings.rules.letters import Notice, Shown, notices, sequence, shown, waits
from govgrid.outbox.actions import Draft, give_up, queue
from govgrid.settings import Settings
from govgrid.web import language, provisional
from govgrid.web.language import gettext as _

ANSWERS: dict[Reply, calendar.Answer] = {
    Reply.NEEDS_ACTION: "NEEDS-ACTION",
    Reply.ACCEPTED: "ACCEPTED",
    Reply.TENTATIVE: "TENTATIVE",
    Reply.DECLINED: "DECLINED",
    Reply.SUBSTITUTE: "DELEGATED",
}


def tell(
    db: Session, before: Shown, meeting: Meeting, agenda: Callable[[], Iterable[AgendaItem]],
    *, at: datetime, reason: str = "",
) -> int:  # fmt: skip
    """Raise the SEQUENCE where it must, and queue what the change sends; return how many letters.

    `reason` stands in a CANCEL. The flushed meeting's attendees have numbers.
    """
    after = shown(meeting)
    meeting.sequence = sequence(before, after)
    hold = at + waits(before, after, settings_of(db).digest, at=at)
    groups.tell(db, meeting, group_event(before, after, at=at), at=at, hold=hold)
    return _queue(db, meeting, notices(before, after, at=at), agenda, reason, at=at, hold=hold)


def resend(
    db: Session, meeting: Meeting, attendees: Iterable[Attendee], agenda: Iterable[AgendaItem],
    *, at: datetime,
) -> int:  # fmt: skip
    """Queue the state of now once more, same SEQUENCE, new DTSTAMP; return how many letters."""
    if meeting.end <= at:
        return 0
    due = {a.id: Notice.CHANGE for a in attendees if a.officer.email}
    return _queue(db, meeting, due, lambda: agenda, "", at=at, hold=at)


def _queue(
    db: Session, meeting: Meeting, due: Mapping[int, Notice],
    agenda: Callable[[], Iterable[AgendaItem]], reason: str, *, at: datetime, hold: datetime,
) -> int:  # fmt: skip
    if not due:
        return 0
    asks = any(notice.method == "REQUEST" for notice in due.values())
    titles = [item.title for item in agenda()] if asks else []
    count = 0
    with language.speaking(settings_of(db).locale), provisional.consulting(db):
        for attendee in meeting.attendees:
            notice = due.get(attendee.id)
            if notice is None:
                continue
            give_up(db, reminders(meeting, attendee), at=at)
            waited = give_up(db, thread(meeting, attendee), at=at)
            if notice.method == "CANCEL":
                if waited is not None and not waited.told:
                    continue  # the invitation never left: there is nothing to cancel
                draft = _cancel(db, meeting, attendee, notice, reason, at=at)
            else:
                if waited is not None and not waited.told:
                    notice = Notice.INVITE
                draft = _request(db, meeting, attendee, notice, titles, at=at)
                attendee.asked = meeting.sequence
            first = min(hold, waited.until) if waited is not None else hold
            queue(db, draft, at=at, not_before=max(first, at))
            count += 1
    return count


def decline_counter(
    db: Session, meeting: Meeting, attendee: Attendee, mark: str, *, at: datetime
) -> None:
    """Queue the answer to a proposal: the meeting stays where it is. `mark` names the proposal."""
    settings = settings_of(db)
    with language.speaking(settings.locale), provisional.consulting(db):
        word = _("会议时间不变")
        lines = [
            (_("会议"), meeting.title),
            (_("时间"), when(meeting)),
            (_("地点"), place(meeting)),
            (_("说明"), _("您提议的时间未能采用，会议仍按原定时间召开。")),
        ]
        words = text(attendee, lines, link=reply_link(settings, attendee))
        draft = Draft(
            key=f"decline:{meeting.uid}:{attendee.id}:{mark}",
            about=f"meeting:{meeting.id}",
            scope=meeting.community.path,
            sender_name=meeting.convenor.name,
            to_address=attendee.officer.email or "",
            to_name=attendee.officer.name,
            title=_("%(head)s：%(title)s", head=word, title=meeting.title),
            plain=words.plain(),
            html=words.html(),
            calendar=calendar.decline_counter(
                event(settings, meeting), at, _party(meeting, attendee)
            ),
            method="DECLINECOUNTER",
        )
    queue(db, draft, at=at)


def thread(meeting: Meeting, attendee: Attendee) -> str:
    """Return what all letters to one person about one meeting have in common."""
    return f"{meeting.uid}:{attendee.id}"


def reminders(meeting: Meeting, attendee: Attendee) -> str:
    """Return what the reminders among them have in common; a change gives up those that wait."""
    return thread(meeting, attendee) + ":r"


def reply_link(settings: Settings, attendee: Attendee) -> str:
    """Return the attendee's private address."""
    return f"{settings.public_url}/r/{links.token(settings.secret, attendee.nonce)}"


def event(settings: Settings, meeting: Meeting, agenda: Iterable[str] = ()) -> calendar.Event:
    """Return the meeting as calendars see it."""
    present = [a for a in meeting.attendees if a.removed_at is None]
    return calendar.Event(
        uid=meeting.uid,
        sequence=meeting.sequence,
        start=meeting.start,
        end=meeting.end,
        summary=meeting.title,
        organizer=calendar.Party(settings.mailbox, meeting.convenor.name, "CHAIR", "ACCEPTED"),
        attendees=[_party(meeting, a) for a in present if a.officer.email],
        location=place(meeting),
        resource=meeting.venue.name,
        description="\n".join((*agenda_lines(agenda), *unsettled(meeting))),
        status="CANCELLED" if meeting.stage is Stage.CANCELLED else "CONFIRMED",
    )


def agenda_lines(titles: Iterable[str]) -> list[str]:
    """Return the numbered agenda."""
    return [f"{n}. {_(title)}" for n, title in enumerate(titles, 1)]


def _party(meeting: Meeting, attendee: Attendee) -> calendar.Party:
    role: calendar.Role = "REQ-PARTICIPANT" if attendee.required else "OPT-PARTICIPANT"
    if attendee.observer:
        role = "NON-PARTICIPANT"
    if attendee.officer_id == meeting.convenor_id:
        role = "CHAIR"
    address = attendee.officer.email or ""
    return calendar.Party(address, attendee.officer.name, role, ANSWERS[attendee.reply])


def settings_of(db: Session) -> Settings:
    settings: Settings = db.info["settings"]
    return settings


def _request(
    db: Session, meeting: Meeting, attendee: Attendee, notice: Notice, titles: list[str],
    *, at: datetime,
) -> Draft:  # fmt: skip
    settings = settings_of(db)
    lines = [
        (_("会议"), meeting.title),
        (_("时间"), when(meeting)),
        (_("地点"), place(meeting)),
        (_("召集人"), meeting.convenor.name),
        *((_("说明"), sentence) for sentence in unsettled(meeting)),
    ]
    head = _("会议通知") if notice is Notice.INVITE else _("会议变更通知")
    words = text(attendee, lines, agenda_lines(titles), reply_link(settings, attendee))
    return Draft(
        key=f"request:{meeting.uid}:{attendee.id}:{meeting.sequence}:{_mark(attendee, at)}",
        about=f"meeting:{meeting.id}",
        thread=thread(meeting, attendee),
        scope=meeting.community.path,
        sender_name=meeting.convenor.name,
        to_address=attendee.officer.email or "",
        to_name=attendee.officer.name,
        title=_("%(head)s：%(title)s", head=head, title=meeting.title),
        plain=words.plain(),
        html=words.html(),
        calendar=calendar.request(event(settings, meeting, titles), at),
        method="REQUEST",
    )


def _cancel(
    db: Session, meeting: Meeting, attendee: Attendee, notice: Notice, reason: str,
    *, at: datetime,
) -> Draft:  # fmt: skip
    settings = settings_of(db)
    whole = notice is Notice.CANCEL
    word = _("会议已取消") if whole else _("您无需参加本次会议")
    lines = [(_("会议"), meeting.title), (_("时间"), when(meeting)), (_("说明"), reason or word)]
    shown = event(settings, meeting)
    only = None if whole else _party(meeting, attendee)
    words = text(attendee, lines)
    return Draft(
        key=f"cancel:{meeting.uid}:{attendee.id}:{meeting.sequence}",
        about=f"meeting:{meeting.id}",
        thread=thread(meeting, attendee),
        scope=meeting.community.path,
        sender_name=meeting.convenor.name,
        to_address=attendee.officer.email or "",
        to_name=attendee.officer.name,
        title=_("%(head)s：%(title)s", head=word, title=meeting.title),
        plain=words.plain(),
        html=words.html(),
        calendar=calendar.cancel(shown, at, only),
        method="CANCEL",
    )


def _mark(attendee: Attendee, at: datetime) -> str:
    """Tell a second letter of one sequence (asked for again) from the first."""
    return f"{attendee.nonce[:6]}{at:%m%d%H%M%S}"


def salutation(attendee: Attendee) -> str:
    """Return the greeting line."""
    return _("%(name)s（%(role)s）：", name=attendee.officer.name, role=_(attendee.role.word))


def text(attendee: Attendee, facts: Facts, agenda: Sequence[str] = (), link: str = "") -> Text:
    """Return the words of a letter to one person; `link`: where they answer."""
    button = Button(
        link,
        _("请点击链接回复是否参加（无需登录）："),
        _("回复是否参加"),
        _("无需登录。您也可以直接在日历中接受或谢绝。"),
    )
    lists = [(_("议程"), agenda)]
    return Text(salutation(attendee), facts, lists, button if link else None)

"""What a change of a meeting sends to whom: invitations, changes, cancellations."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from govgrid.grid.models import Officer
from govgrid.meetings import calendar, groups, links
from govgrid.meetings.facts import place, unsettled, when
from govgrid.meetings.models import AgendaItem, Attendee, Meeting, Reply, Stage
from govgrid.meetings.queries.agenda import marks
from govgrid.meetings.rules.groups import event as group_event
from govgrid.meetings.rules.letters import Notice, Shown, about, notices, sequence, shown, waits
from govgrid.outbox.actions import Draft, give_up, queue, queue_all, untouched
from govgrid.outbox.letter_text import Button, Facts, Text
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

    `reason` stands in a CANCEL. The flushed meeting's attendees have numbers. Letters that still
    wait are written anew, so that whatever leaves shows the last state.
    """
    after = shown(meeting)
    meeting.sequence = sequence(before, after)
    hold = at + waits(before, after, settings_of(db).digest, at=at)
    groups.tell(db, meeting, group_event(before, after, at=at), at=at, hold=hold)
    due = notices(before, after, at=at)
    again = untouched(db, about(meeting.id)) if due and after.stage is Stage.CONFIRMED else set()
    return _queue(db, meeting, due, agenda, reason, at=at, hold=hold, again=again)


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
    again: Collection[str] = (),
) -> int:  # fmt: skip
    """Queue what is due, and anew the letters of the threads `again` that still wait."""
    if not due:
        return 0
    told = {
        a: due.get(a.id, Notice.CHANGE)
        for a in meeting.attendees
        if a.id in due or (a.removed_at is None and thread(meeting, a) in again)
    }
    give_up(db, [reminders(meeting, attendee) for attendee in told], at=at)
    waited = give_up(db, [thread(meeting, attendee) for attendee in told], at=at)
    drafts: list[tuple[Draft, datetime]] = []
    with language.speaking(settings_of(db).locale), provisional.consulting(db):
        writer = _Writer(db, meeting, agenda, reason, at)
        for attendee, notice in told.items():
            before = waited.get(thread(meeting, attendee))
            if before is None and attendee.id not in due:
                continue  # a worker has taken it meanwhile
            unheard = before is not None and not before.told
            if notice.method == "CANCEL" and unheard:
                continue  # the invitation never left: there is nothing to cancel
            written = writer.write(attendee, Notice.INVITE if unheard else notice)
            first = min(hold, before.until) if before is not None else hold
            drafts.append((written, max(first, at)))
    queue_all(db, drafts, at=at)
    return len(drafts)


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
        made = draft(
            meeting,
            attendee.officer,
            key=f"decline:{meeting.uid}:{attendee.id}:{mark}",
            head=word,
            words=words,
            data=calendar.decline_counter(event(settings, meeting), at, _party(meeting, attendee)),
            method="DECLINECOUNTER",
        )
    queue(db, made, at=at)


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


def titles(db: Session, meeting: Meeting, agenda: Iterable[AgendaItem]) -> list[str]:
    """Return the agenda's titles in this language, marked where they changed since the notice."""
    changed = marks(db, meeting)
    shown = [
        _("%(title)s（%(change)s）", title=_(item.title), change=changed.of[item.id])
        if item.id in changed.of
        else _(item.title)
        for item in agenda
    ]
    return shown + [_("（已取消）%(title)s", title=_(title)) for title in changed.gone]


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


class _Writer:
    """Writes the letters of one change; what all of them say is made once."""

    def __init__(
        self, db: Session, meeting: Meeting, agenda: Callable[[], Iterable[AgendaItem]],
        reason: str, at: datetime,
    ) -> None:  # fmt: skip
        self._db, self._settings, self._meeting = db, settings_of(db), meeting
        self._agenda = agenda
        self._reason, self._at = reason, at

    def write(self, attendee: Attendee, notice: Notice) -> Draft:
        """Return the letter; note in the attendee which request was sent last."""
        if notice.method == "CANCEL":
            return self._cancel(attendee, whole=notice is Notice.CANCEL)
        attendee.asked = self._meeting.sequence
        return self._request(attendee, first=notice is Notice.INVITE)

    @cached_property
    def _titles(self) -> list[str]:
        return titles(self._db, self._meeting, self._agenda())

    @cached_property
    def _invitation(self) -> bytes:
        return calendar.request(event(self._settings, self._meeting, self._titles), self._at)

    @cached_property
    def _end_of_all(self) -> bytes:
        return calendar.cancel(event(self._settings, self._meeting), self._at)

    @cached_property
    def _asked(self) -> tuple[list[tuple[str, str]], list[str]]:
        lines = [
            (_("会议"), self._meeting.title),
            (_("时间"), when(self._meeting)),
            (_("地点"), place(self._meeting)),
            (_("召集人"), self._meeting.convenor.name),
            *((_("说明"), sentence) for sentence in unsettled(self._meeting)),
        ]
        return lines, agenda_lines(self._titles)

    def _request(self, attendee: Attendee, *, first: bool) -> Draft:
        meeting, (lines, titles) = self._meeting, self._asked
        link = reply_link(self._settings, attendee)
        return draft(
            meeting,
            attendee.officer,
            key=f"request:{meeting.uid}:{attendee.id}:{meeting.sequence}:{_mark(attendee, self._at)}",
            head=_("会议通知") if first else _("会议变更通知"),
            words=text(attendee, lines, titles, link),
            thread=thread(meeting, attendee),
            data=self._invitation,
            method="REQUEST",
        )

    def _cancel(self, attendee: Attendee, *, whole: bool) -> Draft:
        meeting = self._meeting
        word = _("会议已取消") if whole else _("您无需参加本次会议")
        lines = [
            (_("会议"), meeting.title),
            (_("时间"), when(meeting)),
            (_("说明"), self._reason or word),
        ]
        if whole:
            data = self._end_of_all
        else:
            shown = event(self._settings, meeting)
            data = calendar.cancel(shown, self._at, _party(meeting, attendee))
        return draft(
            meeting,
            attendee.officer,
            key=f"cancel:{meeting.uid}:{attendee.id}:{meeting.sequence}",
            head=word,
            words=text(attendee, lines),
            thread=thread(meeting, attendee),
            data=data,
            method="CANCEL",
        )


def draft(
    meeting: Meeting, to: Officer, *, key: str, head: str, words: Text,
    thread: str | None = None, data: bytes | None = None, method: str | None = None,
    not_after: datetime | None = None,
) -> Draft:  # fmt: skip
    """Return a letter to one person in the convenor's name; `head` opens its subject."""
    return Draft(
        key=key,
        about=about(meeting.id),
        thread=thread,
        scope=meeting.community.path,
        sender_name=meeting.convenor.name,
        to_address=to.email or "",
        to_name=to.name,
        title=_("%(head)s：%(title)s", head=head, title=meeting.title),
        plain=words.plain(),
        html=words.html(),
        calendar=data,
        method=method,
        not_after=not_after,
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

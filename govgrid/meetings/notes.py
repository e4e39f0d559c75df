"""Plain letters about a meeting: reminders, a second request, signed minutes, action items.

None carries a calendar part: no calendar shall show a second event.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from govgrid.clock import HERE
from govgrid.grid.models import Area, Officer
from govgrid.meetings import letters
from govgrid.meetings.facts import place, unsettled, when
from govgrid.meetings.models import ActionItem, AgendaItem, Attendee, Meeting, Minutes, Reply
from govgrid.meetings.queries.desk import Row
from govgrid.meetings.rules.desk import Doer
from govgrid.meetings.rules.reminders import Call, Chase
from govgrid.outbox.actions import Draft
from govgrid.outbox.letter_text import Button, Text
from govgrid.settings import Settings
from govgrid.web.language import gettext as _
from govgrid.web.language import month_text
from govgrid.web.provisional import planned_text


def reminder(
    settings: Settings, meeting: Meeting, attendee: Attendee, call: Call, titles: Iterable[str]
) -> Draft:
    """Return the letter that calls a meeting to mind; of no use once the meeting has begun.

    Its key names the SEQUENCE: a reminder given up because of a move may be due again.
    """
    answered = attendee.reply is not Reply.NEEDS_ACTION
    asks = call is Call.ANSWER
    facts = [
        (_("会议"), meeting.title),
        (_("时间"), when(meeting)),
        (_("地点"), place(meeting)),
        (_("召集人"), meeting.convenor.name),
        (_("您的回复"), _(attendee.reply.word)),
        *((_("说明"), sentence) for sentence in unsettled(meeting)),
    ]
    link = "" if answered else letters.reply_link(settings, attendee)
    words = letters.text(attendee, facts, letters.agenda_lines(titles), link)
    return letters.draft(
        meeting,
        attendee.officer,
        key=f"remind:{meeting.uid}:{attendee.id}:{call}:{meeting.start:%Y%m%d%H%M}:{meeting.sequence}",
        thread=letters.reminders(meeting, attendee),
        head=_("请回复是否参加") if asks else _("会议提醒"),
        words=words,
        not_after=meeting.start,
    )


def signed(
    settings: Settings,
    meeting: Meeting,
    minutes: Minutes,
    attendee: Attendee,
    agenda: Sequence[AgendaItem],
    given: Sequence[ActionItem],
) -> Draft:
    """Return the notice of signed minutes: what was decided, and what this person is to do."""
    signer = minutes.signer.name if minutes.signer else ""
    facts = [
        (_("会议"), meeting.title),
        (_("时间"), when(meeting)),
        (_("纪要"), _("第%(n)s期", n=minutes.issue)),
        (_("签发人"), signer),
        (_("核验码"), minutes.code or ""),
    ]
    resolved = [r.text for item in agenda for r in item.resolutions]
    own = [item for item in given if item.owner_id == attendee.officer_id]
    lists = [
        (_("决议"), _numbered(resolved)),
        (_("由您负责的督办事项"), _numbered(_task(item) for item in own)),
    ]
    if minutes.number > 1:
        facts.insert(3, (_("更正原因"), minutes.correction or ""))
    link = f"{letters.reply_link(settings, attendee)}/minutes.pdf"
    button = Button(
        link,
        _("请点击链接查看或下载纪要（无需登录，三个月内有效）："),
        _("查看纪要"),
        _("无需登录，三个月内有效。"),
    )
    return letters.draft(
        meeting,
        attendee.officer,
        key=f"minutes:{meeting.uid}:{minutes.number}:{attendee.id}",
        thread=f"minutes:{meeting.id}:{attendee.id}",
        head=_("会议纪要已更正") if minutes.number > 1 else _("会议纪要已签发"),
        words=Text(letters.salutation(attendee), facts, lists, button),
    )


def task(
    settings: Settings,
    meeting: Meeting,
    item: ActionItem,
    what: Chase,
    seat: Attendee | None,
    *,
    at: datetime,
) -> Draft:
    """Return the letter to the owner of an action item that is soon due, or overdue.

    `seat`: the owner's at the meeting, whose private link does without an account.
    """
    over = what is Chase.OVERDUE
    facts = _facts(meeting, item)
    if item.co_owners:
        facts.insert(2, (_("协办"), item.co_owners))
    return letters.draft(
        meeting,
        item.owner,
        key=f"{what}:{item.id}:{f'{at:%Y%m%d}' if over else item.deadline}",
        thread=task_thread(what, item.id),
        head=_("督办事项已逾期") if over else _("督办事项即将到期"),
        words=Text(_("%(name)s：", name=item.owner.name), facts, button=_way(settings, item, seat)),
    )


def returned(
    settings: Settings, item: ActionItem, reason: str, seat: Attendee | None, *, at: datetime
) -> Draft:
    """Return the letter to the owner of an action item whose report was sent back."""
    facts = [*_facts(item.meeting, item), (_("退回原因"), reason)]
    return letters.draft(
        item.meeting,
        item.owner,
        key=f"returned:{item.id}:{at:%Y%m%d%H%M%S}",
        thread=f"returned:{item.id}",
        head=_("办结情况被退回"),
        words=Text(_("%(name)s：", name=item.owner.name), facts, button=_way(settings, item, seat)),
    )


def escalated(settings: Settings, item: ActionItem, officer: Officer) -> Draft:
    """Return the letter that tells the street of an item which several meetings found open."""
    facts = [
        *_facts(item.meeting, item),
        (_("责任人"), item.owner.name),
        (_("结转"), _("已结转 %(n)s 次会议，仍未办结", n=item.carried)),
    ]
    say = _("请督促办理（需登录）：")
    button = Button(f"{settings.public_url}/actions/{item.id}", say, _("查看督办事项"), say)
    return letters.draft(
        item.meeting,
        officer,
        key=f"escalated:{item.id}:{officer.id}",
        thread=f"escalated:{item.id}:{officer.id}",
        head=_("督办事项上报街道"),
        words=Text(_("%(name)s：", name=officer.name), facts, button=button),
    )


def _facts(meeting: Meeting, item: ActionItem) -> list[tuple[str, str]]:
    return [
        (_("事项"), item.matter),
        (_("完成时限"), planned_text(item.deadline)),
        (_("来自会议"), meeting.title),
        (_("召集人"), meeting.convenor.name),
    ]


def _way(settings: Settings, item: ActionItem, seat: Attendee | None) -> Button:
    """Return the way to where the owner says what was done."""
    if seat is None:
        ask = _("办结后请登录填写办理结果；没有账号的，请告知召集人。")
        return Button(f"{settings.public_url}/actions/{item.id}", ask, _("填写办理结果"), ask)
    ask = _("办结后请填写办理结果，可附照片，无需账号；链接等同密码，请勿转发。")
    return Button(f"{letters.reply_link(settings, seat)}/actions", ask, _("填写办理结果"), ask)


def urge(
    settings: Settings,
    sender: str,
    area: Area,
    month: date,
    doer: Doer,
    rows: Sequence[Row],
    *,
    at: datetime,
) -> Draft:
    """Return the letter that calls to mind what a month's minutes wait for; one a day and person."""
    lines = [
        _("%(title)s：%(what)s", title=row.title, what=_(row.holdup.word))
        for row in rows
        if row.holdup
    ]
    facts = [(_("区域"), area.name), (_("月份"), month_text(month)), (_("催办人"), sender)]
    ask = _("请登录后办理：")
    words = Text(
        _("%(name)s：", name=doer.name),
        facts,
        [(_("下列会议的纪要尚未完成"), _numbered(lines))],
        Button(f"{settings.public_url}/months/{month:%Y-%m}", ask, _("查看月度会议"), ask),
    )
    thread = f"urge:{area.code}:{month:%Y%m}:{doer.id}"
    return Draft(
        key=f"{thread}:{at.astimezone(HERE):%Y%m%d}",
        about=f"desk:{area.code}:{month:%Y-%m}",
        thread=thread,
        scope=area.path,
        sender_name=sender,
        to_address=doer.email or "",
        to_name=doer.name,
        title=_("请尽快完成%(month)s的会议纪要", month=month_text(month)),
        plain=words.plain(),
        html=words.html(),
    )


def task_thread(what: Chase, number: int) -> str:
    """Return what all letters of one sort about one action item have in common."""
    return f"{what}:{number}"


def _task(item: ActionItem) -> str:
    return _("%(matter)s（%(day)s前完成）", matter=item.matter, day=planned_text(item.deadline))


def _numbered(lines: Iterable[str]) -> list[str]:
    return [f"{n}. {line}" for n, line in enumerate(lines, 1)]

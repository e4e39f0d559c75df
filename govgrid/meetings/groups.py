"""Short texts about a meeting to a chat group's bot, without any person's data."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.grid.models import Area
from govgrid.meetings.facts import place, unsettled, when
from govgrid.meetings.models import Meeting
from govgrid.meetings.queries.bots import speaker
from govgrid.meetings.rules.groups import GAP, HEADS, Event, slot
from govgrid.meetings.rules.letters import about
from govgrid.outbox.actions import Draft, give_up, queue
from govgrid.outbox.models import Bot, Letter
from govgrid.settings import Settings
from govgrid.web import language, provisional
from govgrid.web.language import gettext as _


def tell(
    db: Session, meeting: Meeting, event: Event | None, *, at: datetime, hold: datetime
) -> int:
    """Queue the text for the bot that speaks for the meeting's community, where there is one.

    As with letters: one that has not left is given up by the next, and a meeting of which the group
    never heard is not called off there. Return how many texts.
    """
    found = speaker(db, meeting.community) if event else None
    if event is None or found is None:
        return 0
    bot, area = found
    waited = give_up(db, [thread(meeting)], at=at).get(thread(meeting))
    if waited is not None and not waited.told:
        if event is Event.CANCELLED:
            return 0
        event = Event.CONFIRMED if event is Event.MOVED else event
    first = min(hold, waited.until) if waited is not None else hold
    with language.speaking(_settings(db).locale), provisional.consulting(db):
        draft = _draft(
            bot,
            area,
            key=f"group:{meeting.uid}:{event}:{meeting.start:%Y%m%d%H%M}:{meeting.sequence}",
            about=about(meeting.id),
            thread=thread(meeting),
            scope=meeting.community.path,
            lines=[
                _("%(head)s：%(title)s", head=_(HEADS[event]), title=meeting.title),
                f"{_('时间')}：{when(meeting)}",
                f"{_('地点')}：{place(meeting)}",
                *(unsettled(meeting) if event is not Event.CANCELLED else []),
            ],
            not_after=None if event is Event.SIGNED else meeting.end,
        )
    _queue(db, bot, draft, at=at, first=max(first, at))
    return 1


def test(db: Session, bot: Bot, area: Area, *, at: datetime) -> None:
    """Queue a text that shows whether the bot is heard."""
    with language.speaking(_settings(db).locale):
        draft = _draft(
            bot,
            area,
            key=f"test:{bot.name}:{at:%Y%m%d%H%M%S}",
            about=bot.name,
            thread=f"test:{bot.name}",
            scope=area.path,
            lines=[_("%(head)s：%(title)s", head=_("测试消息"), title=area.name)],
            not_after=None,
        )
    give_up(db, [f"test:{bot.name}"], at=at)
    _queue(db, bot, draft, at=at, first=at)


def thread(meeting: Meeting) -> str:
    """Return what all texts about one meeting have in common."""
    return f"group:{meeting.id}"


def _queue(db: Session, bot: Bot, draft: Draft, *, at: datetime, first: datetime) -> None:
    near = select(Letter.not_before).where(
        Letter.to_address == bot.name, Letter.dead_at.is_(None), Letter.not_before > at - GAP
    )
    queue(db, draft, at=at, not_before=slot(db.scalars(near), first))


def _draft(
    bot: Bot, area: Area, *, key: str, about: str, thread: str, scope: str, lines: list[str],
    not_after: datetime | None,
) -> Draft:  # fmt: skip
    return Draft(
        key=key,
        about=about,
        thread=thread,
        scope=scope,
        sender_name=area.name,
        to_address=bot.name,
        to_name=_("%(area)s群机器人", area=area.name),
        title=lines[0],
        plain="\n".join(lines),
        html="",
        not_after=not_after,
    )


def _settings(db: Session) -> Settings:
    settings: Settings = db.info["settings"]
    return settings

"""Give an area a chat group's bot, take it away, try it."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict
from govgrid.grid.models import Area
from govgrid.meetings import groups
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.queries.bots import own_bot
from govgrid.outbox import bots
from govgrid.outbox.actions import give_up_all
from govgrid.outbox.models import Bot


def set_bot(db: Session, actor: Actor, area: Area, typed: str, *, at: datetime) -> None:
    """Let this bot speak for the area's meetings. Raise `Invalid` on an address of another kind.

    The journal sees the masked address only.
    """
    may_convene(actor, area.path)
    address = bots.address_of(typed)
    bot = own_bot(db, area)
    before = {"bot": bots.masked(bot.address)} if bot else {}
    if bot is None:
        bot = Bot(name=bots.name(area.id))
        db.add(bot)
    bot.address, bot.set_by, bot.set_at = address, actor.name, at
    after = {"bot": bots.masked(address)}
    journal.record(db, actor, "set_bot", "area", area.id, before=before, after=after)


def remove_bot(db: Session, actor: Actor, area: Area, *, at: datetime) -> None:
    """Let nobody speak, or again the bot of the street above; what waits is given up.

    Raise `Conflict` where the area has none.
    """
    may_convene(actor, area.path)
    bot = _own(db, area)
    before = {"bot": bots.masked(bot.address)}
    give_up_all(db, bot.name, at=at)
    db.delete(bot)
    journal.record(db, actor, "remove_bot", "area", area.id, before=before, after={})


def try_bot(db: Session, actor: Actor, area: Area, *, at: datetime) -> None:
    """Queue a text by which the group sees that the bot is heard."""
    may_convene(actor, area.path)
    groups.test(db, _own(db, area), area, at=at)
    journal.record(db, actor, "try_bot", "area", area.id)


def _own(db: Session, area: Area) -> Bot:
    bot = own_bot(db, area)
    if bot is None:
        raise Conflict("%(area)s没有设置群机器人。", area=area.name)
    return bot

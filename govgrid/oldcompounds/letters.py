"""The letter about watched compounds: what is new to somebody that day, gathered in one."""

from collections.abc import Sequence
from datetime import date

from govgrid.grid.queries import Holder
from govgrid.oldcompounds.rules import Concern, Watched
from govgrid.outbox.actions import Draft
from govgrid.outbox.letter_text import Button, Text
from govgrid.settings import Settings
from govgrid.web.language import day_text, rate_text
from govgrid.web.language import gettext as _

MOST = 30  # lines of one concern; the page has them all


def proposal_text(one: Watched) -> str:
    """Return what is proposed to the compound's joint meeting, in the reader's language."""
    return _(one.proposal, **{name: _shown(value) for name, value in one.params.items()})


def _shown(value: object) -> object:
    if isinstance(value, date):
        return day_text(value)
    return rate_text(value) if isinstance(value, float) else value


def about_watched(settings: Settings, to: Holder, watched: Sequence[Watched], on: date) -> Draft:
    """Return the letter to one person about what is watched in the person's area."""
    facts = [(_("日期"), day_text(on)), (_("事项"), _("%(n)s 项", n=len(watched)))]
    lists = [
        (_(concern.word), list(_lines([one for one in watched if one.concern is concern])))
        for concern in Concern
    ]
    ask = _("这些事项已列为联席会议的建议议题，请登录查看。")
    link = f"{settings.public_url}/coverage/{to.path.strip('/').rpartition('/')[2]}/watch"
    greeting = _("%(name)s（%(role)s）：", name=to.officer.name, role=_(to.role.word))
    words = Text(greeting, facts, lists, Button(link, ask, _("查看关注事项"), ask))
    return Draft(
        key=f"coverage:{on}:{to.officer.id}",
        about=f"coverage:{on}",
        scope=to.path,
        sender_name=settings.city,
        to_address=to.officer.email or "",
        to_name=to.officer.name,
        title=_("老旧小区关注事项：%(n)s 项", n=len(watched)),
        plain=words.plain(),
        html=words.html(),
    )


def _lines(watched: Sequence[Watched]) -> Sequence[str]:
    lines = [f"{one.name}（{one.community}）：{proposal_text(one)}" for one in watched[:MOST]]
    if len(watched) > MOST:
        lines.append(_("另有 %(n)s 项，见关注事项页面。", n=len(watched) - MOST))
    return lines

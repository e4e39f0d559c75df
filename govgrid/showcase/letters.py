"""The letter that asks a project manager to publish: compound, period and due day."""

from datetime import date
from urllib.parse import quote

from govgrid.grid.models import Compound
from govgrid.grid.queries import Holder
from govgrid.outbox.actions import Draft
from govgrid.outbox.letter_text import Button, Text
from govgrid.settings import Settings
from govgrid.showcase.rules import Plan
from govgrid.web.language import day_text, month_text
from govgrid.web.language import gettext as _


def to_publish(
    settings: Settings, compound: Compound, plan: Plan, period: date, to: Holder, on: date
) -> Draft:
    """Return the letter to one project manager; one a day and period."""
    due = plan.due(period)
    facts = [
        (_("小区"), compound.name),
        (_("期间"), period_text(plan, period)),
        (_("公示截止日"), day_text(due)),
        (_("已逾期"), _("%(n)s 天", n=(on - due).days)),
        (_("公示内容"), "、".join(panel.word for panel in plan.panels)),
    ]
    ask = _("请登录填报并公示；没有账号的，请把填好的内容交给社区代填。")
    code = quote(compound.code, safe="")
    link = f"{settings.public_url}/compounds/{code}/showcase/{period:%Y-%m}/entry"
    greeting = _("%(name)s（%(role)s）：", name=to.officer.name, role=_(to.role.word))
    words = Text(greeting, facts, button=Button(link, ask, _("填报双晒"), ask))
    title = _(
        "请公示双晒：%(name)s %(period)s", name=compound.name, period=period_text(plan, period)
    )
    return Draft(
        key=f"showcase:{compound.id}:{period:%Y-%m}:{on}:{to.officer.id}",
        about=f"showcase:{compound.id}",
        thread=f"showcase:{compound.id}:{period:%Y-%m}:{to.officer.id}",
        scope=compound.community.path,
        sender_name=settings.city,
        to_address=to.officer.email or "",
        to_name=to.officer.name,
        title=title,
        plain=words.plain(),
        html=words.html(),
    )


def period_text(plan: Plan, period: date) -> str:
    """Return what the period is called: its month, or first and last month."""
    if plan.months == 1:
        return month_text(period)
    return _("%(first)s至%(last)s", first=month_text(period), last=month_text(plan.end(period)))

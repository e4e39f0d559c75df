"""Letters about a case: number, category, compound and times, nothing of residents."""

from urllib.parse import quote

from govgrid.cases.models import Case, DueKind, ExpertGroup, Stage
from govgrid.cases.rules import due_time, masked
from govgrid.grid.models import Officer
from govgrid.grid.queries import Holder
from govgrid.outbox.actions import Draft
from govgrid.outbox.letter_text import Button, Text
from govgrid.settings import Settings
from govgrid.web.language import gettext as _
from govgrid.web.language import moment_text
from govgrid.web.provisional import planned_text


def about_due(settings: Settings, case: Case, to: Holder, due: DueKind, stage: Stage) -> Draft:
    """Return the letter to one person; a warning is of no use once the time has passed."""
    limit = due_time(case, due)
    facts = [
        (_("工单"), case.number),
        (_("类别"), case.category),
        (_("小区"), case.compound.name),
        (_("受理时间"), moment_text(case.received_at)),
        (_("%(what)s时限", what=_(due.word)), planned_text(limit)),
        (_("承办层级"), _(case.company_level.word)),
    ]
    ask = _("办理后请登录登记；没有账号的，请告知网格长。")
    link = f"{settings.public_url}/cases/{case.number}"
    greeting = _("%(name)s（%(role)s）：", name=to.officer.name, role=_(to.role.word))
    words = Text(greeting, facts, button=Button(link, ask, _("查看工单"), ask))
    head = _("诉求%(what)s%(stage)s", what=_(due.word), stage=_(stage.word))
    return Draft(
        key=f"case:{case.id}:{due}:{stage}:{to.officer.id}",
        about=f"case:{case.id}",
        thread=f"case:{case.id}:{due}:{to.officer.id}",
        scope=case.compound.community.path,
        sender_name=settings.city,
        to_address=to.officer.email or "",
        to_name=to.officer.name,
        title=f"{head}：{case.number}",
        plain=words.plain(),
        html=words.html(),
        not_after=limit if stage is Stage.SOON else None,
    )


def to_expert(
    settings: Settings, case: Case, group: ExpertGroup, officer: Officer, asker: str, question: str
) -> Draft:
    """Return the letter that asks a member of an expert group for advice on a case."""
    facts = [
        (_("工单"), case.number),
        (_("类别"), case.category),
        (_("小区"), case.compound.name),
        (_("专家组"), group.name),
        (_("请教的问题"), masked(question)),
        (_("联系人"), asker),
    ]
    ask = _("请登录查看并登记意见；没有账号的，请将意见告知联系人。")
    link = f"{settings.public_url}/cases/{quote(case.number, safe='')}"
    words = Text(
        _("%(name)s：", name=officer.name), facts, button=Button(link, ask, _("查看工单"), ask)
    )
    return Draft(
        key=f"case:{case.id}:experts:{group.id}:{officer.id}",
        about=f"case:{case.id}",
        scope=case.compound.community.path,
        sender_name=settings.city,
        to_address=officer.email or "",
        to_name=officer.name,
        title=_("请专家组会诊：%(number)s", number=case.number),
        plain=words.plain(),
        html=words.html(),
    )


def to_head_office(settings: Settings, case: Case, to: Holder, why: str) -> Draft:
    """Return the letter of a case that has come to the company's area or head office."""
    facts = [
        (_("工单"), case.number),
        (_("类别"), case.category),
        (_("小区"), case.compound.name),
        (_("来源"), _(case.source.word)),
        (_("承办层级"), _(case.company_level.word)),
        (_("响应时限"), planned_text(case.reply_due)),
        (_("办结时限"), planned_text(case.close_due)),
    ]
    if why:
        facts.append((_("说明"), masked(why)))
    ask = _("请协调办理，并登录登记进展。")
    link = f"{settings.public_url}/cases/{quote(case.number, safe='')}"
    greeting = _("%(name)s（%(role)s）：", name=to.officer.name, role=_(to.role.word))
    words = Text(greeting, facts, button=Button(link, ask, _("查看工单"), ask))
    return Draft(
        key=f"case:{case.id}:level:{case.company_level}:{to.officer.id}",
        about=f"case:{case.id}",
        scope=case.compound.community.path,
        sender_name=settings.city,
        to_address=to.officer.email or "",
        to_name=to.officer.name,
        title=_(
            "诉求交%(level)s办理：%(number)s", level=_(case.company_level.word), number=case.number
        ),
        plain=words.plain(),
        html=words.html(),
    )

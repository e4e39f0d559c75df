"""The letter about a case's due time: number, category, compound and time, nothing of residents."""

from govgrid.cases.models import Case, DueKind, Stage
from govgrid.grid.queries import Holder
from govgrid.outbox.actions import Draft
from govgrid.outbox.letter_text import Button, Text
from govgrid.settings import Settings
from govgrid.web.language import gettext as _
from govgrid.web.language import moment_text
from govgrid.web.provisional import planned_text


def about_due(settings: Settings, case: Case, to: Holder, due: DueKind, stage: Stage) -> Draft:
    """Return the letter to one person; a warning is of no use once the time has passed."""
    limit = case.reply_due if due is DueKind.REPLY else case.close_due
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

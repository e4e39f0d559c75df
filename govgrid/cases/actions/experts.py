"""Verbs of expert groups: keep them, call one in for a case, note what it advises."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.actions.life import may_handle
from govgrid.cases.letters import to_expert
from govgrid.cases.models import Case, CaseEvent, ExpertCall, ExpertGroup, ExpertMember, Step
from govgrid.cases.queries.experts import group_named, groups_called, groups_for, officer_of
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.models import Area
from govgrid.outbox.actions import queue
from govgrid.settings import Settings
from govgrid.web import language, provisional


def add_group(db: Session, actor: Actor, area: Area, name: str, field: str) -> ExpertGroup:
    """Found a group of the area. Raise `Conflict` where one has that name already."""
    _may_keep(actor, area)
    if group_named(db, area, name) is not None:
        raise Conflict("%(area)s已有名为“%(name)s”的专家组。", area=area.name, name=name)
    made = ExpertGroup(area_id=area.id, name=name, field=field)
    db.add(made)
    db.flush()
    after = journal.image(made, "name", "field")
    journal.record(db, actor, "add", "expert_group", made.id, area=area.code, after=after)
    return made


def add_member(
    db: Session, actor: Actor, group: ExpertGroup, code: str | None, title: str | None
) -> ExpertMember:
    """Add an officer by number, or somebody by the title of a post. Raise `Invalid`."""
    _may_keep(actor, group.area)
    _working(group)
    if (code is None) == (title is None):
        raise Invalid("请填写人员编号或专家称谓，二者选一。")
    made = ExpertMember(group_id=group.id, title=title)
    if code is not None:
        officer = officer_of(db, group.area, code)
        if officer is None:
            fields = {"code": Invalid("没有这个人员编号，或不在该区域任职。")}
            raise Invalid("没有这个人员编号，或不在该区域任职。", fields=fields)
        if any(one.officer_id == officer.id for one in group.members):
            raise Conflict("%(name)s已在这个专家组中。", name=officer.name)
        made.officer_id, title = officer.id, officer.name
    db.add(made)
    db.flush()
    journal.record(db, actor, "add_expert", "expert_group", group.id, name=title)
    return made


def remove_member(db: Session, actor: Actor, group: ExpertGroup, number: int) -> None:
    """Let a member leave; what was advised stays."""
    _may_keep(actor, group.area)
    found = next((one for one in group.members if one.id == number), None)
    if found is None:
        raise NotFound("这个专家组里没有这位成员。")
    journal.record(db, actor, "remove_expert", "expert_group", group.id, name=found.name)
    db.delete(found)


def close_group(db: Session, actor: Actor, group: ExpertGroup, *, at: datetime) -> None:
    """Let the group rest: no case calls it in any more."""
    _may_keep(actor, group.area)
    _working(group)
    group.closed_at = at
    journal.record(db, actor, "close_experts", "expert_group", group.id, name=group.name)


def call_experts(
    db: Session, actor: Actor, case: Case, group_id: int, question: str, *, at: datetime
) -> int:
    """Call a group in for an open case; return how many letters to its members are queued."""
    refuse_callers(actor, case)
    if case.closed_at is not None:
        raise Conflict("工单已办结，不能再请专家组会诊。")
    group = next((one for one in groups_for(db, case) if one.id == group_id), None)
    if group is None:
        raise NotFound("没有这个专家组，或已停用。")
    if group in groups_called(db, case):
        raise Conflict("已请过“%(name)s”，请等待意见。", name=group.name)
    db.add(ExpertCall(case_id=case.id, group_id=group.id, called_at=at))
    _note(db, actor, case, Step.CALL_EXPERTS, group, question, at)
    reached = [one.officer for one in group.members if one.officer and one.officer.email]
    settings: Settings = db.info["settings"]
    with language.speaking(settings.locale), provisional.consulting(db):
        for officer in reached:
            queue(db, to_expert(settings, case, group, officer, actor.name, question), at=at)
    journal.record(
        db, actor, "call_experts", "cases", case.number, name=group.name, letters=len(reached)
    )
    return len(reached)


def advise(
    db: Session, actor: Actor, case: Case, group_id: int, author: str, text: str, *, at: datetime
) -> None:
    """Note what a group that was called in advises, and which member says so."""
    group = next((one for one in groups_called(db, case) if one.id == group_id), None)
    if group is None:
        raise NotFound("这件工单没有请过这个专家组。")
    own = [one for one in group.members if one.officer_id == actor.officer_id]
    if not own and not may_call(actor, case):
        raise Forbidden("只有专家组成员或办理这件工单的工作人员可以登记意见。")
    if author not in {one.name for one in (own or group.members)}:
        raise Invalid("请从专家组成员中选择意见人。")
    _note(db, actor, case, Step.ADVISE, group, text, at, author)
    journal.record(db, actor, "advise_case", "cases", case.number, name=group.name, said_by=author)


def refuse_callers(actor: Actor, case: Case) -> None:
    """Raise `Forbidden` for whoever may not call experts in."""
    if not may_call(actor, case):
        raise Forbidden("您的职务不能请专家组会诊；请联系网格长、社区书记或街道联络员。")


def refuse_advisers(db: Session, actor: Actor, case: Case) -> None:
    """Raise `Forbidden` for whoever neither handles the case nor belongs to a group called in."""
    mine = any(
        one.officer_id == actor.officer_id
        for group in groups_called(db, case)
        for one in group.members
    )
    if not mine and not may_call(actor, case):
        raise Forbidden("只有专家组成员或办理这件工单的工作人员可以登记意见。")


def may_call(actor: Actor, case: Case) -> bool:
    """Tell whether the actor may call experts in and note their advice."""
    return may_handle(actor, case)


def _note(
    db: Session,
    actor: Actor,
    case: Case,
    step: Step,
    group: ExpertGroup,
    text: str,
    at: datetime,
    author: str | None = None,
) -> None:
    db.add(
        CaseEvent(
            case_id=case.id, step=step, at=at, noted_at=at, by_name=actor.name,
            by_id=actor.account_id, text=text, experts=group.name, said_by=author,
        )
    )  # fmt: skip


def _may_keep(actor: Actor, area: Area) -> None:
    if not actor.may(Power.SUPERVISE, area.path):
        raise Forbidden("专家组由街道联络员或住建干部组建，您没有这项权限。")


def _working(group: ExpertGroup) -> None:
    if group.closed_at is not None:
        raise Conflict("专家组已停用。")

"""Set what an area wants shown, how often and by when."""

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area, Level
from govgrid.showcase.models import ShowcaseForm
from govgrid.showcase.queries.plans import plan_of
from govgrid.showcase.rules import LENGTHS, Plan, faults

SETTERS = (Level.CITY, Level.DISTRICT, Level.STREET)


def may_set(actor: Actor, area: Area) -> bool:
    """Tell whether the actor says what is shown in the area: a district's or street's business."""
    return area.level in SETTERS and actor.may(Power.SUPERVISE, area.path)


def set_plan(db: Session, actor: Actor, area: Area, plan: Plan, version: int) -> None:
    """Let this hold in the area from now on. `version` is what the form showed."""
    _may(actor, area)
    if plan.months not in LENGTHS:
        raise Invalid("公示周期只能选择每月、每季度、每半年或每年。")
    for fault in faults(plan):
        raise fault
    before, row, _ = plan_of(db, area)
    if (row.version if row else 0) != version:
        raise Conflict("双晒项目刚刚被其他人修改，您的修改没有保存。请刷新页面，核对后重新提交。")
    if row is None:
        row = ShowcaseForm(area_id=area.id)
        db.add(row)
    row.months, row.due_day, row.panels = plan.months, plan.due_day, plan.stored()
    db.flush()
    journal.record(
        db, actor, "set_showcase", "area", area.code, before=_image(before), after=_image(plan)
    )


def follow_above(db: Session, actor: Actor, area: Area, version: int) -> None:
    """Take the area's own plan away: it follows the one above again."""
    _may(actor, area)
    before, row, _ = plan_of(db, area)
    if row is None or row.version != version:
        raise Conflict("双晒项目刚刚被其他人修改，请刷新页面后再试。")
    db.delete(row)
    db.flush()
    after, _, _ = plan_of(db, area)
    journal.record(
        db, actor, "set_showcase", "area", area.code, before=_image(before), after=_image(after)
    )


def _image(plan: Plan) -> journal.Image:
    return {"months": plan.months, "due_day": plan.due_day, "panels": plan.stored()}


def _may(actor: Actor, area: Area) -> None:
    if not may_set(actor, area):
        raise Forbidden("双晒的面板和项目由区（市）县或街道设定，您没有这项权限。")

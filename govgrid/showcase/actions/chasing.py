"""Ask project managers to publish what is late: at most once a day for a compound's period."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.outbox.actions import give_up, queue
from govgrid.settings import Settings
from govgrid.showcase.letters import to_publish
from govgrid.showcase.models import ShowcaseChase
from govgrid.showcase.queries.late import Late
from govgrid.web import language
from govgrid.workdays import local_day


def may_chase(actor: Actor, late: Late) -> bool:
    """Tell whether the actor asks projects of that community to publish."""
    return actor.may(Power.PUBLISH, late.compound.community.path)


def chase(db: Session, actor: Actor, late: Late, *, at: datetime) -> int:
    """Queue a letter to each project manager of the compound; return how many.

    Raise `Conflict` where they were asked today already, `Invalid` where nobody can be reached.
    """
    today = local_day(at)
    if not may_chase(actor, late):
        raise Forbidden("催办由社区书记和街道联络员办理，您没有这项权限。")
    if late.asked_on == today:
        raise Conflict("“%(name)s”今天已催办过，明天可以再催。", name=late.compound.name)
    if not late.reachable:
        raise Invalid(
            "“%(name)s”没有登记邮箱的项目经理，请电话联系，或先登记人员。", name=late.compound.name
        )
    count = _write(db, late, today, at)
    db.add(
        ShowcaseChase(
            compound_id=late.compound.id,
            period=late.period,
            day=today,
            asked_by=actor.name,
            letters=count,
        )
    )
    journal.record(
        db, actor, "chase_showcase", "showcase", late.compound.code,
        period=f"{late.period:%Y-%m}", letters=count,
    )  # fmt: skip
    return count


def _write(db: Session, late: Late, today: date, at: datetime) -> int:
    settings: Settings = db.info["settings"]
    written = [one for one in late.managers if one.officer.email]
    with language.speaking(settings.locale):
        for one in written:
            draft = to_publish(settings, late.compound, late.plan, late.period, one, today)
            give_up(db, [draft.thread or ""], at=at)
            queue(db, draft, at=at)
    return len(written)

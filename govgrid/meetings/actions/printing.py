"""Ask for a street's minutes as one file; try again what failed; call to mind what is missing."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.clock import HERE
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area
from govgrid.meetings import letters, notes
from govgrid.meetings.models import Meeting, Minutes, MinutesPrint, MinutesStage
from govgrid.meetings.queries.desk import Row
from govgrid.outbox.actions import queue
from govgrid.web import language, provisional

MOST = 400


def ask_for_print(
    db: Session,
    actor: Actor,
    area: Area,
    month: date,
    chosen: Sequence[tuple[Meeting, Minutes | None]],
    missing: Iterable[str],
    *,
    at: datetime,
) -> MinutesPrint:
    """Queue the signed ones of the chosen for the worker; the register names the rest, too."""
    _may_print(actor, area)
    ids = [w.id for _m, w in chosen if w is not None and w.stage is MinutesStage.SIGNED]
    if not ids:
        raise Invalid("所选会议的纪要都还没有签发，请先勾选已签发的纪要。")
    if len(ids) > MOST:
        raise Invalid("一次最多打印 %(n)s 份纪要，请分批打印。", n=MOST)
    job = MinutesPrint(
        area_id=area.id,
        month=month,
        asked_by=actor.name,
        asked_at=at,
        total=len(ids),
        waiting=ids,
        parts=[],
        skipped=[],
        missing=list(missing),
    )
    db.add(job)
    db.flush()
    journal.record(db, actor, "print", "minutes_print", job.id, area=area.code, month=month,
                   rows=len(ids))  # fmt: skip
    return job


def try_again(db: Session, actor: Actor, job: MinutesPrint) -> None:
    """Queue what was left out once more; what is ready stays ready. Its area is loaded."""
    _may_print(actor, job.area)
    if job.finished_at is None:
        raise Conflict("汇编还在进行，请稍候。")
    if not job.skipped:
        raise Conflict("没有未收入的纪要，不需要重试。")
    again = [number for number, _why in job.skipped]
    job.waiting, job.skipped, job.finished_at = again, [], None
    journal.record(db, actor, "retry", "minutes_print", job.id, rows=len(again))


def urge(db: Session, actor: Actor, area: Area, month: date, rows: Iterable[Row], *, at: datetime) -> tuple[int, list[str]]:  # fmt: skip
    """Call to mind with everybody what lies with them, at most once a day each.

    Return how many letters, and the names of those without e-mail.
    """
    _may_print(actor, area)
    lying: dict[int, list[Row]] = {}
    people = {}
    for row in rows:
        for doer in row.doers if row.holdup else ():
            people[doer.id] = doer
            lying.setdefault(doer.id, []).append(row)
    settings, sent, unreached = letters.settings_of(db), 0, []
    with language.speaking(settings.locale), provisional.consulting(db):
        for number, held_up in lying.items():
            doer = people[number]
            if not doer.email:
                unreached.append(doer.name)
                continue
            queue(db, notes.urge(settings, actor.name, area, month, doer, held_up, at=at), at=at)
            sent += 1
    journal.record(
        db, actor, "urge", "area", area.code, month=month, letters=sent, unreached=unreached
    )
    return sent, unreached


def told_missing(rows: Iterable[Row]) -> list[str]:
    """Return a line, in Chinese, for each that the register names as missing."""
    return [_told(row) for row in rows if row.holdup]


def _told(row: Row) -> str:
    when = f"（{_day(row.meeting.start.astimezone(HERE))}）" if row.meeting else ""
    names = "、".join(doer.name for doer in row.doers)
    what = row.holdup.word if row.holdup else ""
    return f"{row.community.name}：{row.title}{when}，{what}" + (f"（{names}）" if names else "")


def _day(value: date) -> str:
    return f"{value.month}月{value.day}日"


def _may_print(actor: Actor, area: Area) -> None:
    if not actor.may(Power.PRINT, area.path):
        raise Forbidden("您的职务没有打印该区域纪要的权限。")

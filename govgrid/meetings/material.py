"""What a meeting is shown under its items, as plain JSON: read anew until it is held, then kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from govgrid.cases.models import Case, SupervisionStep
from govgrid.cases.queries import RateRow
from govgrid.cases.rules import RATES, Counts
from govgrid.clock import HERE
from govgrid.exchange.refusals import told
from govgrid.meetings.models import AgendaItem, AgendaKind, AgendaPoint, Meeting, Stamp
from govgrid.meetings.queries import agenda as queries
from govgrid.meetings.queries import material
from govgrid.meetings.queries.agenda import Owed
from govgrid.meetings.rules import last_month
from govgrid.meetings.rules.hearing import ranked
from govgrid.showcase.queries import CompoundShowcase, showcase_of

Shown = dict[str, Any]


def of_meeting(
    db: Session, meeting: Meeting, items: Sequence[AgendaItem], *, at: datetime
) -> Shown:
    """Return what the meeting was shown, or what it would be shown now (see `shown`)."""
    return kept(db, meeting) or shown(db, meeting, items, at=at)


def kept(db: Session, meeting: Meeting) -> Shown | None:
    """Return what was kept when the meeting was held."""
    stamp = queries.stamp_of(db, meeting.id, Stamp.HELD)
    return None if stamp is None else stamp.stood


def shown(db: Session, meeting: Meeting, items: Sequence[AgendaItem], *, at: datetime) -> Shown:
    """Return `as_of`, by item its `cases`, `steps` and `showcases`, and `rates`, `showcase`, `carried`.

    Items come with their cases. Figures are those of the moment, at the latest of the start.
    """
    moment = min(at, meeting.start)
    points = queries.points_of(db, [item.id for item in items])
    steps = material.steps_raised(db, [one for some in points.values() for one in some])
    raised = {one.compound_id for some in points.values() for one in some}
    panels = material.showcases(db, meeting, at=moment) if raised - {None} else []
    return {
        "as_of": _moment(moment),
        "items": {
            str(item.id): _heard(item, points.get(item.id, []), steps, panels, moment)
            for item in items
        },
        "rates": rates(db, meeting, at=moment),
        "showcase": _showcase(db, meeting, items),
        "carried": [_carried(one) for one in queries.owed(db, meeting, at=at)],
    }


def _heard(
    item: AgendaItem,
    points: Sequence[AgendaPoint],
    steps: dict[int, SupervisionStep],
    panels: Sequence[CompoundShowcase],
    at: datetime,
) -> Shown:
    compounds = {point.compound_id for point in points}
    chosen = [steps[point.step_id] for point in points if point.step_id is not None]
    return {
        "cases": _cases([heard.case for heard in item.cases], at),
        "steps": [_step(step) for step in chosen],
        "showcases": [_panel(one) for one in panels if one.compound_id in compounds],
    }


def _cases(cases: Sequence[Case], at: datetime) -> list[Shown]:
    """Return the troubled ones, the worst first, then those chosen without trouble."""
    placed = ranked(cases, at)
    found = [{**_case(one.case, at), "told": [told(why) for why in one.told]} for one in placed]
    known = {one.case.id for one in placed}
    return found + [{**_case(case, at), "told": []} for case in cases if case.id not in known]


def _case(case: Case, at: datetime) -> Shown:
    closed = case.closed_at if case.closed_at is not None and case.closed_at <= at else None
    return {
        "number": case.number,
        "category": case.category,
        "received": _day(case.received_at),
        "closed": _day(closed) if closed else None,
        "satisfied": case.satisfied if closed else None,
    }


def _step(step: SupervisionStep) -> Shown:
    return {
        "company": step.company.name,
        "area": step.area.name,
        "kind": step.kind.word,
        "points": step.points,
        "month": step.month.isoformat(),
        "decided": _day(step.decided_at) if step.decided_at else None,
        "reason": step.reason or "",
        "misses": [[str(RATES[name]), value, bar] for name, value, bar in step.misses],
    }


def _panel(one: CompoundShowcase) -> Shown:
    return {
        "name": one.name,
        "code": one.code,
        "published": one.published_on.isoformat() if one.published_on else None,
        "met": one.met,
        "unmet": one.unmet,
        "income": str(one.income),
        "spending": str(one.spending),
        "missing": list(one.missing),
        "late": one.late,
        "unmet_items": list(one.unmet_items),
    }


def rates(db: Session, meeting: Meeting, *, at: datetime) -> Shown:
    """Return the unit's rates of the month before, and `before`: those of the month before that."""
    found = material.two_months(db, meeting, at=at)
    return {
        "month": found.month.isoformat(),
        "as_of": _moment(at),
        "row": _rates(meeting, found.now),
        "before": _rates(meeting, found.before),
    }


def _rates(meeting: Meeting, counts: Counts) -> Shown:
    compound = meeting.unit.compound
    return RateRow(compound.code if compound else "", meeting.unit.name, counts).json()


def _showcase(db: Session, meeting: Meeting, items: Sequence[AgendaItem]) -> Shown | None:
    """Return what the unit's compound published, where the agenda hears of it."""
    if meeting.unit.compound_id is None or not any(i.kind is AgendaKind.SHOWCASE for i in items):
        return None
    month = last_month(meeting.month)
    found = showcase_of(db, [meeting.unit.compound_id], month)
    return {
        "month": month.isoformat(),
        "rows": [
            {
                "panel": row.panel,
                "item": row.item,
                "promise": row.promise or "",
                "result": row.result,
                "amount": None if row.amount is None else str(row.amount),
                "met": row.met,
            }
            for row in found
        ],
    }


def _carried(one: Owed) -> Shown:
    task = one.task
    return {
        "matter": task.matter,
        "owner": task.owner.name,
        "deadline": task.deadline.isoformat(),
        "since": _day(task.meeting.start),
        "days": one.age.days,
        "meetings": one.age.meetings,
        "overdue": one.age.overdue,
        "told": [told(why) for why in one.age.told],
    }


def showcase_told(one: Shown) -> str:
    """Return a compound's showcase as the minutes say it."""
    said = [f"达标{one['met']}项、未达标{one['unmet']}项"] if one["met"] or one["unmet"] else []
    if one["unmet_items"]:
        said.append(f"未达标的有{'、'.join(one['unmet_items'])}")
    if one["missing"]:
        said.append(f"未公示{'、'.join(one['missing'])}")
    if one["late"]:
        said.append("逾期公示")
    return f"{one['name']}：{'；'.join(said) or '已公示'}。"


def step_told(step: Shown) -> str:
    """Return a supervision step as the minutes say it."""
    month = date.fromisoformat(step["month"])
    misses = "、".join(
        f"{word}{value * 100:.1f}%（应达{bar}%）" for word, value, bar in step["misses"]
    )
    credit = f"{step['points']}分" if step["points"] else ""
    said = f"{step['area']}因{month.year}年{month.month}月{misses}，对{step['company']}作出{step['kind']}{credit}"
    return f"{said}：{step['reason'].rstrip('。')}。" if step["reason"] else f"{said}。"


def _moment(value: datetime) -> str:
    return value.astimezone(HERE).isoformat(timespec="minutes")


def _day(value: datetime) -> str:
    return value.astimezone(HERE).date().isoformat()

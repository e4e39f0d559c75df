"""Verbs of promises: keep what a company promises, end it, set an area's hours for a reply."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.models import Promise, ServiceHours
from govgrid.cases.queries.promises import (
    company_named,
    compound_served,
    hours_from,
    standing_with,
)
from govgrid.cases.queries.terms import terms
from govgrid.cases.rules import MINUTE, Pledge
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area, Compound, Organization
from govgrid.workdays import calendar, local_day

DAY = timedelta(days=1)


def make_promise(
    db: Session,
    actor: Actor,
    area: Area,
    company_name: str,
    compound_code: str | None,
    pledge: Pledge,
    since: date,
    *,
    at: datetime,
) -> Promise:
    """Keep a promise from a day on; an earlier one of the same company and place ends before it.

    Raise `Invalid` naming the field that is wrong, `Conflict` beside a promise that begins later.
    """
    _may(actor, area)
    company, compound = _promising(db, area, company_name, compound_code)
    _stricter(db, area, pledge, since, at)
    before = standing_with(db, area, company, compound)
    if before is not None and (before.until is None or before.until >= since):
        if before.since >= since:
            raise Conflict("该企业已有自%(day)s起的承诺，新承诺应自其后起算。", day=before.since)
        before.until = since - DAY
    made = Promise(
        area_id=area.id,
        company_id=company.id,
        compound_id=compound.id if compound else None,
        since=since,
        made_by=actor.name,
        made_at=at,
        **asdict(pledge),
    )
    db.add(made)
    db.flush()
    journal.record(
        db, actor, "make_promise", "promise", made.id, company=company.name, area=area.code,
        compound=compound.code if compound else None, since=since, promised_reply=pledge.reply,
        on_site=pledge.on_site, owners_meetings=pledge.owners_meetings,
    )  # fmt: skip
    return made


def end_promise(
    db: Session, actor: Actor, promise: Promise, version: int, until: date, *, at: datetime
) -> None:
    """Let a promise (area and company loaded) end; that day is its last. Cases keep what they had."""
    _may(actor, promise.area)
    if promise.version != version:
        raise Conflict("这条承诺刚刚被其他人修改。请刷新页面，核对后重新提交。")
    earliest = max(local_day(at), promise.since)
    if until < earliest:
        raise _field("until", Invalid("截止日期不能早于%(day)s。", day=earliest))
    before = journal.image(promise, "until")
    promise.until = until
    journal.record(
        db, actor, "end_promise", "promise", promise.id, company=promise.company.name,
        before=before, after=journal.image(promise, "until"),
    )  # fmt: skip


def set_hours(
    db: Session, actor: Actor, area: Area, workday: int, other: int, since: date, *, at: datetime
) -> ServiceHours:
    """Let these minutes for a reply hold in the area for what is received from that day on."""
    _may(actor, area)
    _not_past(since, at)
    row = hours_from(db, area, since)
    before = {name: getattr(row, name, None) for name in ("reply_workday", "reply_other")}
    if row is None:
        row = ServiceHours(area_id=area.id, since=since)
        db.add(row)
    row.reply_workday, row.reply_other = workday, other
    row.set_by, row.set_at = actor.name, at
    after = {"reply_workday": workday, "reply_other": other}
    journal.record(
        db, actor, "set_hours", "area", area.code, since=since, before=before, after=after
    )
    return row


def _promising(
    db: Session, area: Area, company_name: str, compound_code: str | None
) -> tuple[Organization, Compound | None]:
    company = company_named(db, area, company_name)
    if company is None:
        raise _field("company", Invalid("该区域内没有由这家物业企业服务的小区，请从列表中选择。"))
    if not compound_code:
        return company, None
    compound = compound_served(db, area, company, compound_code)
    if compound is None:
        raise _field("compound", Invalid("该区域内没有由这家企业服务的这个小区，请核对小区编号。"))
    return company, compound


def _stricter(db: Session, area: Area, pledge: Pledge, since: date, at: datetime) -> None:
    """Refuse a promise of nothing, of the past, or of no more than is asked anyway."""
    _not_past(since, at)
    if not pledge:
        raise _field("reply", Invalid("请至少填写一项承诺。"))
    asked = terms(db, calendar(db), ()).clock(area.path, since).reply_workday
    if pledge.reply is not None and pledge.reply * MINUTE >= asked:
        limit = int(asked / MINUTE)
        raise _field("reply", Invalid("承诺应严于规定的 %(n)s 分钟。", n=limit))


def _not_past(since: date, at: datetime) -> None:
    if since < local_day(at):
        raise _field("since", Invalid("起始日期不能早于今天：已受理诉求的时限不变。"))


def _field(name: str, refusal: Invalid) -> Invalid:
    return Invalid(refusal.message, fields={name: refusal}, **refusal.params)


def _may(actor: Actor, area: Area) -> None:
    if not actor.may(Power.SUPERVISE, area.path):
        raise Forbidden("企业承诺由街道联络员或住建干部登记，您没有这项权限。")

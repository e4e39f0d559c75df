"""Note when an officer cannot come; stand in for a post; uncover a phone."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.imports.busy import Span
from govgrid.grid.models import Absence, Officer, Substitute
from govgrid.grid.queries.people import Holding, holdings, keeps_calendar
from govgrid.words import N_

LONGEST = timedelta(days=731)
MANY = 2000  # times away that one officer may have ahead
FROM_CALENDAR = N_("日历占用")


def may_keep(db: Session, actor: Actor, officer: Officer, today: date) -> None:
    """Raise `Forbidden` unless the actor may note when the officer is away."""
    if not keeps_calendar(actor, officer, holdings(db, officer.id), today):
        raise Forbidden("请假和忙碌时间由本人、社区书记或街道联络员登记。")


def add_absence(
    db: Session,
    actor: Actor,
    officer: Officer,
    span: Span,
    reason: str,
    *,
    at: datetime,
    today: date,
) -> Absence:
    """Note a time away. Raise `Invalid` on a wrong time, `Conflict` where it is noted already."""
    may_keep(db, actor, officer, today)
    if span.end <= span.start:
        raise Invalid("结束时间应晚于开始时间。")
    if span.end <= at:
        raise Invalid("这段时间已经过去，请登记今后的时间。")
    if span.end - span.start > LONGEST:
        raise Invalid("一次请假最长两年；长期离岗请办理任职交接。")
    _refuse_many(db, officer.id, 1, at)
    if db.scalar(_same(officer.id, span, reason)):
        raise Conflict("这段时间已经登记过。")
    made = Absence(officer_id=officer.id, start=span.start, end=span.end, reason=reason)
    db.add(made)
    db.flush()
    journal.record(
        db,
        actor,
        "add_absence",
        "officer",
        officer.code,
        after=journal.image(made, "start", "end", "reason"),
    )
    return made


def end_absence(
    db: Session, actor: Actor, officer: Officer, number: int, *, at: datetime, today: date
) -> None:
    """End a time away that has begun, now."""
    may_keep(db, actor, officer, today)
    absence = _absence(db, officer, number)
    if not absence.start < at < absence.end:
        raise Conflict("这段时间尚未开始或已经结束，请刷新页面。")
    before, absence.end = journal.image(absence, "end"), at
    after = journal.image(absence, "end")
    journal.record(db, actor, "end_absence", "officer", officer.code, before=before, after=after)


def delete_absence(
    db: Session, actor: Actor, officer: Officer, number: int, *, today: date
) -> None:
    """Take back a time away."""
    may_keep(db, actor, officer, today)
    absence = _absence(db, officer, number)
    journal.record(
        db,
        actor,
        "delete_absence",
        "officer",
        officer.code,
        before=journal.image(absence, "start", "end", "reason"),
    )
    db.delete(absence)


def take_busy(
    db: Session, actor: Actor, officer: Officer, spans: Sequence[Span], *, at: datetime, today: date
) -> int:
    """Note the busy times of a calendar file; return how many were new."""
    may_keep(db, actor, officer, today)
    known = {
        Span(start, end)
        for start, end in db.execute(
            select(Absence.start, Absence.end).where(
                Absence.officer_id == officer.id, Absence.end > at
            )
        )
    }
    new = [span for span in spans if span.end > at and span not in known]
    _refuse_many(db, officer.id, len(new), at)
    insert_busy(db, officer.id, new)
    journal.record(db, actor, "import_busy", "officer", officer.code, added=len(new))
    return len(new)


def insert_busy(
    db: Session, officer_id: int, spans: Sequence[Span], feed_id: int | None = None
) -> None:
    """Store busy times, without what the calendar says they are about."""
    if spans:
        db.execute(
            insert(Absence),
            [
                {
                    "officer_id": officer_id,
                    "start": span.start,
                    "end": span.end,
                    "reason": FROM_CALENDAR,
                    "feed_id": feed_id,
                }
                for span in spans
            ],
        )


def replace_busy(
    db: Session, officer_id: int, feed_id: int, spans: Sequence[Span], at: datetime
) -> bool:
    """Let a feed's times ahead be these; tell whether any differ."""
    ahead = (Absence.feed_id == feed_id, Absence.end > at)
    stored = db.execute(select(Absence.start, Absence.end).where(*ahead)).all()
    wanted = {span for span in spans if span.end > at}
    if {Span(start, end) for start, end in stored} == wanted:
        return False
    db.execute(delete(Absence).where(*ahead))
    insert_busy(db, officer_id, sorted(wanted), feed_id)
    return True


def add_substitute(
    db: Session, actor: Actor, held: Holding, who: Officer, since: date, until: date, *, today: date
) -> Substitute:
    """Let an officer stand in for a post in a period. Raise `Conflict` where two would."""
    may_stand_in(actor, held)
    if until < since or until < today:
        raise Invalid("代理期限不正确：应为今后的日期，且结束日期不早于开始日期。")
    if who.id == held.post.officer_id:
        raise Invalid("本人不能代理自己的岗位。")
    if held.ended(since) or held.ended(until):
        raise Invalid("代理期限超出了任职期限。")
    taken = select(Substitute.id).where(
        Substitute.post_id == held.post.id, Substitute.since <= until, Substitute.until >= since
    )
    if db.scalar(taken.limit(1)):
        raise Conflict("这一期间已有代理人，请先撤销或另选期限。")
    made = Substitute(post_id=held.post.id, officer_id=who.id, since=since, until=until)
    db.add(made)
    db.flush()
    journal.record(
        db,
        actor,
        "add_substitute",
        "post",
        held.post.id,
        after={"officer": who.code, "since": since, "until": until},
    )
    return made


def delete_substitute(db: Session, actor: Actor, held: Holding, number: int) -> None:
    """Take a substitute off a post."""
    may_stand_in(actor, held)
    found = db.get(Substitute, number)
    if found is None or found.post_id != held.post.id:
        raise NotFound("该代理已不存在，请刷新页面。")
    journal.record(
        db,
        actor,
        "delete_substitute",
        "post",
        held.post.id,
        before=journal.image(found, "officer_id", "since", "until"),
    )
    db.delete(found)


def uncover_phone(db: Session, actor: Actor, officer: Officer, reason: str) -> str | None:
    """Return the phone in full, and note who asked and why."""
    journal.record(db, actor, "unmask", "officer", officer.code, reason=reason)
    return officer.phone


def may_stand_in(actor: Actor, held: Holding) -> None:
    """Raise `Forbidden` unless the actor arranges substitutes at that place."""
    if not (actor.may(Power.CONVENE, held.path) or actor.may(Power.KEEP, held.path)):
        raise Forbidden("代理人由社区书记或街道联络员安排。")


def _absence(db: Session, officer: Officer, number: int) -> Absence:
    found = db.get(Absence, number, with_for_update=True)
    if found is None or found.officer_id != officer.id or found.feed_id is not None:
        raise NotFound("这条请假已不存在，请刷新页面。")
    return found


def _same(officer_id: int, span: Span, reason: str) -> Select[int]:
    return select(Absence.id).where(
        Absence.officer_id == officer_id,
        Absence.start == span.start,
        Absence.end == span.end,
        Absence.reason == reason,
    )


def _refuse_many(db: Session, officer_id: int, more: int, at: datetime) -> None:
    ahead = select(func.count()).where(Absence.officer_id == officer_id, Absence.end > at)
    if (db.scalar(ahead) or 0) + more > MANY:
        raise Invalid("忙碌时间过多（最多 %(most)s 段），请只导入近期的日程。", most=MANY)

"""Recording who manages a compound from a day on; nothing recorded is ever lost."""

from dataclasses import fields
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area, Compound, Organization, OrganizationKind
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries import history, history_version
from govgrid.oldcompounds.rules import (
    Change,
    Succession,
    Terms,
    contradictions,
    fitting_kind,
    omissions,
    succeed,
)


def record_change(
    db: Session, actor: Actor, compound: Compound, change: Change, *, at: datetime
) -> Coverage:
    """Record a new period: the running one ends on the day before, a gap only if asked for.

    Raise `Forbidden` outside the actor's areas, `Conflict` where the history has changed since
    the form was shown, `Invalid` for terms that contradict themselves or the history.
    """
    community = db.get_one(Area, compound.community_id)
    if not actor.may(Power.COVER, community.path):
        raise Forbidden("您没有登记该小区管理方式的权限，请联系社区书记或街道联络员。")
    # Writers of one compound go one after the other; the later one finds a newer version.
    db.execute(select(Compound.id).where(Compound.id == compound.id).with_for_update())
    periods = history(db, compound.id)
    if history_version(periods) != change.seen:
        raise Conflict(
            "该小区的管理方式刚刚被其他人登记，您的修改没有保存。请刷新页面，核对后重新提交。"
        )
    last, terms = (periods[0] if periods else None), change.terms
    kind, known = _operator(db, terms)
    _refuse(terms, kind)
    succession = succeed(last, terms, fill=change.fill)
    before = last.until if last else None
    if last is not None:
        _close(db, last, succession, at)
    period = _add(db, compound, terms, known or _new(db, terms, kind), at)
    journal.record(
        db,
        actor,
        "record_coverage",
        "compound",
        compound.code,
        before=_running(last, before),
        after=_told(terms),
        closed=last.since if last and succession.close_on else None,
        closed_on=succession.close_on,
        filled=succession.gap,
    )
    return period


def _operator(db: Session, terms: Terms) -> tuple[OrganizationKind | None, Organization | None]:
    """Return what kind of organization the operator is, and itself where it is known."""
    if terms.operator is None:
        return None, None
    named = db.scalars(select(Organization).where(Organization.name == terms.operator))
    known = {organization.kind: organization for organization in named}
    kind = fitting_kind(terms.operator, {terms.mode}, known)
    return kind, known.get(kind)


def _refuse(terms: Terms, kind: OrganizationKind | None) -> None:
    wrong = dict([*omissions(terms), *contradictions(terms, kind)])
    if wrong:
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=wrong, n=len(wrong))


def _close(db: Session, last: Coverage, succession: Succession, at: datetime) -> None:
    if succession.close_on is not None:
        last.until = succession.close_on
    if succession.gap is not None:
        since, until = succession.gap
        db.add(
            Coverage(
                compound_id=last.compound_id,
                mode=Mode.NONE,
                since=since,
                until=until,
                recorded_at=at,
            )
        )
    db.flush()


def _new(db: Session, terms: Terms, kind: OrganizationKind | None) -> Organization | None:
    if terms.operator is None or kind is None:
        return None
    made = Organization(name=terms.operator, kind=kind)
    db.add(made)
    db.flush()
    return made


def _add(
    db: Session, compound: Compound, terms: Terms, operator: Organization | None, at: datetime
) -> Coverage:
    values = {name: value for name, value in _values(terms).items() if name != "operator"}
    period = Coverage(
        compound_id=compound.id,
        operator_id=operator.id if operator else None,
        recorded_at=at,
        **values,
    )
    db.add(period)
    db.flush()
    return period


def _values(terms: Terms) -> dict[str, object]:
    return {field.name: getattr(terms, field.name) for field in fields(terms)}


def _running(last: Coverage | None, until: date | None) -> dict[str, object]:
    """Return the period before this one, as it stood."""
    return {"mode": last.mode, "since": last.since, "until": until} if last else {}


def _told(terms: Terms) -> dict[str, object]:
    return {name: value for name, value in _values(terms).items() if value is not None}

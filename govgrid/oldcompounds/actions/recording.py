"""Recording who manages a compound, correcting and undoing it; nothing recorded is ever lost."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.models import Area, Compound, OrganizationKind
from govgrid.oldcompounds.actions.operators import make_operator, operator_of
from govgrid.oldcompounds.actions.store import hold, open_act, restore, rewrite
from govgrid.oldcompounds.models import Act, ActKind, FeeUnit
from govgrid.oldcompounds.queries.acts import act_covered
from govgrid.oldcompounds.queries.stored import (
    History,
    Kept,
    built_upon,
    last_act,
    stored,
)
from govgrid.oldcompounds.rules import (
    Terms,
    chained,
    clashes,
    contradictions,
    omissions,
    period_text,
    succeed,
)

STALE = "该小区的管理方式刚刚被其他人登记，您的修改没有保存。请刷新页面，核对后重新提交。"


def record_coverage(
    db: Session,
    actor: Actor,
    compound: Compound,
    terms: Terms,
    *,
    at: datetime,
    seen: int | None = None,
    fill: bool = False,
    act: Act | None = None,
) -> Act:
    """Record a new period: the running one ends on the day before, a gap only with `fill`.

    `seen` is the `last_act` that the form showed; without it the history is taken as it is. With
    `act` several compounds are recorded in one act. Raise `Forbidden` outside the actor's areas,
    `Conflict` where the history has changed since, `Invalid` for terms that contradict themselves
    or the history.
    """
    history = _held(db, actor, compound, seen)
    real = [kept.terms for kept in history.values() if not kept.link.gap]
    last = real[-1] if real else None
    kind, operator_id = _checked(db, compound, terms)
    succession = succeed(last, terms, fill=fill)
    closed = last.until if last else None
    if last is not None and succession.close_on is not None:
        real[-1] = replace(last, until=succession.close_on)
    act = act or open_act(db, actor, ActKind.RECORDED, at=at)
    if operator_id is None:
        operator_id = getattr(make_operator(db, terms, kind), "id", None)
    _write(db, act, compound, history, [*real, terms], {terms.since: operator_id}, at=at)
    journal.record(
        db,
        actor,
        "record_coverage",
        "compound",
        compound.code,
        before={"mode": last.mode, "since": last.since, "until": closed} if last else {},
        after=_told(terms),
        closed=last.since if last and succession.close_on else None,
        closed_on=succession.close_on,
        filled=succession.gap,
    )
    return act


def correct_coverage(
    db: Session,
    actor: Actor,
    compound: Compound,
    since: date,
    terms: Terms,
    *,
    seen: int,
    reason: str,
    at: datetime,
) -> Act:
    """Put right the period that began on `since`; what stood there stays, with who and why.

    Raise `NotFound` without such a period, `Conflict` where the history has changed since the
    form was shown, `Invalid` for wrong terms or days that another period has.
    """
    history = _held(db, actor, compound, seen)
    wrong = _period(history, since)
    others = [k.terms for k in history.values() if k is not wrong and not k.link.gap]
    kind, operator_id = _checked(db, compound, terms)
    for one, other in clashes([*others, terms]):
        taken = other if one is terms else one
        raise Invalid(
            "与已登记的期间 %(period)s（%(mode)s）重叠，请先更正该期间，或修改起止日期。",
            period=period_text(taken),
            mode=taken.mode.word,
        )
    if wrong.terms == terms:
        raise Invalid("内容没有变化，无需更正。")
    act = open_act(db, actor, ActKind.CORRECTED, at=at, reason=reason)
    if operator_id is None:
        operator_id = getattr(make_operator(db, terms, kind), "id", None)
    _write(db, act, compound, history, [*others, terms], {terms.since: operator_id}, at=at)
    journal.record(
        db,
        actor,
        "correct_coverage",
        "compound",
        compound.code,
        before=_told(wrong.terms),
        after=_told(terms),
        reason=reason,
    )
    return act


def remove_coverage(
    db: Session,
    actor: Actor,
    compound: Compound,
    since: date,
    *,
    seen: int,
    reason: str,
    at: datetime,
) -> Act:
    """Take a period that should not be there out of the history; it stays as a version.

    Its days count as unmanaged. Raise as `correct_coverage` does.
    """
    history = _held(db, actor, compound, seen)
    wrong = _period(history, since)
    others = [k.terms for k in history.values() if k is not wrong and not k.link.gap]
    act = open_act(db, actor, ActKind.REMOVED, at=at, reason=reason)
    _write(db, act, compound, history, others, {}, at=at)
    journal.record(
        db,
        actor,
        "remove_coverage",
        "compound",
        compound.code,
        before=_told(wrong.terms),
        after={},
        reason=reason,
    )
    return act


def undo_act(db: Session, actor: Actor | None, act_id: int, *, reason: str, at: datetime) -> Act:
    """Take an act back as a whole, while nothing was built upon it.

    Raise `NotFound` where it is not the actor's to undo, `Conflict` where it is undone already or
    somebody changed one of its compounds since.
    """
    undone, places = act_covered(db, actor, act_id)
    hold(db, places)
    if undone.kind is ActKind.UNDONE or _undone(db, act_id):
        raise Conflict("这次登记已经撤回。")
    name = built_upon(db, act_id)
    if name is not None:
        raise Conflict(
            "“%(name)s”的管理方式之后又有登记，不能整体撤回。请到该小区逐条更正。", name=name
        )
    act = open_act(db, actor, ActKind.UNDONE, at=at, reason=reason, undoes=act_id)
    restore(db, act, undone)
    journal.record(
        db,
        actor,
        "undo_coverage",
        "coverage",
        undone.file or undone.id,
        kind=undone.kind,
        reason=reason,
        compounds=len(places),
    )
    return act


def _undone(db: Session, act_id: int) -> bool:
    return db.scalar(select(Act.id).where(Act.undoes == act_id)) is not None


def _held(db: Session, actor: Actor, compound: Compound, seen: int | None) -> History:
    """Return the compound's history, held for this transaction."""
    community = db.get_one(Area, compound.community_id)
    if not actor.may(Power.COVER, community.path):
        raise Forbidden("您没有登记该小区管理方式的权限，请联系社区书记或街道联络员。")
    hold(db, [compound.id])
    if seen is not None and last_act(db, compound.id) != seen:
        raise Conflict(STALE)
    return stored(db, [compound.id]).get(compound.id, {})


def _period(history: History, since: date) -> Kept:
    found = history.get(since)
    if found is None or found.link.gap:
        raise NotFound("没有这段管理记录，请刷新页面。")
    return found


def _checked(
    db: Session, compound: Compound, terms: Terms
) -> tuple[OrganizationKind | None, int | None]:
    """Return the operator's kind, and its id where it is known. Raise `Invalid` by field."""
    kind, known = operator_of(db, terms)
    wrong = dict([*omissions(terms), *contradictions(terms, kind)])
    if terms.fee_unit is FeeUnit.AREA_MONTH and compound.floor_area == 0:
        wrong["fee_unit"] = Invalid("该小区的建筑面积为 0，不能按面积收费，请先更正建筑面积。")
    if wrong:
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=wrong, n=len(wrong))
    return kind, known.id if known else None


def _write(
    db: Session,
    act: Act,
    compound: Compound,
    history: History,
    periods: Sequence[Terms],
    operators: dict[date, int | None],
    *,
    at: datetime,
) -> None:
    """Write the periods as the compound's history; `operators` are those of the new ones."""
    known = {since: kept.operator_id for since, kept in history.items()} | operators
    chain = [(link, None if link.gap else known[link.terms.since]) for link in chained(periods)]
    rewrite(db, act, {compound.id: chain}, {compound.id: history}, at=at)


def _told(terms: Terms) -> dict[str, Any]:
    told = {field.name: getattr(terms, field.name) for field in fields(terms)}
    return {name: value for name, value in told.items() if value not in {None, ()}}

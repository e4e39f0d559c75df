"""A change of areas on its way: drafted, previewed, applied or kept for its day, taken back."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, not_, select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.clock import HERE
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, Refusal
from govgrid.grid.actions.areas.heirs import references
from govgrid.grid.actions.areas.planning import Part, Plan, plan
from govgrid.grid.actions.areas.steps import (
    Step,
    as_json,
    fingerprint,
    from_json,
    perform,
    reverse,
    unlike,
)
from govgrid.grid.actions.areas.wishes import Wish, read_wish, subjects
from govgrid.grid.keeping import KEYED, renew
from govgrid.grid.models import Area, AreaChange, AreaChangePart, ChangeKind, ChangeStage, Side

EARLIEST = date(1950, 1, 1)
AHEAD = timedelta(days=2 * 366)  # a change further off is a slip of the keyboard
DRAFT_DAYS = timedelta(days=1)


def draft(
    db: Session, actor: Actor, wish: Wish, on: date, note: str | None, *, at: datetime
) -> AreaChange:
    """Keep a wish for its preview. Raise as `plan` does, so that no form leads nowhere."""
    _refuse_day(on, at)
    _refuse_waiting(db, wish)
    plan(db, actor, wish, on)
    change = AreaChange(
        kind=wish.kind,
        stage=ChangeStage.DRAFT,
        effective_on=on,
        note=note,
        wish=wish.model_dump(mode="json"),
        asked_by=actor.name,
        asked_by_id=actor.account_id,
        asked_at=at,
    )
    db.add(change)
    db.flush()
    journal.record(
        db, actor, "draft", "area_change", change.id, kind=change.kind, on=on, wish=change.wish
    )
    return change


def preview(db: Session, actor: Actor, change: AreaChange) -> Plan:
    """Return what the change would do as things stand. Raise as `plan` does.

    Of one that waits for its day, whoever sees the area may read that.
    """
    whose = actor if change.stage is ChangeStage.DRAFT else None
    return plan(db, whose, read_wish(change.wish), change.effective_on)


def first_subject(change: AreaChange) -> int:
    """Return the id of the area that a change is first about."""
    return subjects(read_wish(change.wish))[0]


def confirm(
    db: Session, actor: Actor, change: AreaChange, seen: str, *, at: datetime
) -> AreaChange:
    """Apply a previewed change, or keep it for its day where that lies ahead.

    Raise `Conflict` where anything differs from what was seen.
    """
    if change.stage is not ChangeStage.DRAFT:
        raise Conflict("这项变更已经办理过，请刷新页面查看。")
    wish = read_wish(change.wish)
    _lock(db, wish)
    _refuse_waiting(db, wish)
    planned = plan(db, actor, wish, change.effective_on)
    if fingerprint(planned.steps) != seen:
        raise Conflict("预览之后内容有变化，变更没有办理。请重新预览，核对后再确认。")
    if change.effective_on > _today(at):
        return _keep(db, actor, change, planned)
    _do(db, actor, change, planned, at=at)
    return change


def withdraw(db: Session, actor: Actor, change: AreaChange) -> None:
    """Take back a change that waits for its day, or drop a draft."""
    _refuse_stranger(db, actor, change)
    if change.stage not in {ChangeStage.PLANNED, ChangeStage.DRAFT, ChangeStage.FAILED}:
        raise Conflict("这项变更%(stage)s，不能撤回。", stage=change.stage.word)
    if change.stage is ChangeStage.DRAFT:
        db.delete(change)
        journal.record(db, actor, "drop_draft", "area_change", change.id, kind=change.kind)
        return
    change.stage = ChangeStage.WITHDRAWN
    journal.record(db, actor, "withdraw", "area_change", change.id, kind=change.kind)


def undo(db: Session, actor: Actor, change: AreaChange, *, at: datetime) -> None:
    """Take an applied change back, on its day and while nothing was built on it.

    Raise `Conflict` that says why not.
    """
    _refuse_stranger(db, actor, change)
    why = why_not_undo(db, change, at=at)
    if why is not None:
        raise why
    steps = from_json(change.steps or [])
    _forget_new(db, change, steps)
    reverse(db, steps)
    _find_anew(db, steps)
    change.stage = ChangeStage.UNDONE
    journal.record(
        db, actor, "undo", "area_change", change.id, kind=change.kind, rows=_counted(steps)
    )


def _find_anew(db: Session, steps: Sequence[Step]) -> None:
    """Renew what the directory finds areas by: the steps write past the mapped classes."""
    ids = [step.key["id"] for step in steps if step.table == Area.__tablename__]
    renew(db.connection(), KEYED[Area], ids)


def _forget_new(db: Session, change: AreaChange, steps: Sequence[Step]) -> None:
    """Take the areas that the change made out of its own record, which stays."""
    made = [s.key["id"] for s in steps if s.table == "areas" and s.before is None]
    own = AreaChangePart.change_id == change.id
    db.execute(delete(AreaChangePart).where(own, AreaChangePart.area_id.in_(made)))
    db.execute(
        update(AreaChangePart)
        .where(own, AreaChangePart.new_parent_id.in_(made))
        .values(new_parent_id=None)
    )


def why_not_undo(db: Session, change: AreaChange, *, at: datetime) -> Conflict | None:
    """Return why an applied change cannot be taken back any more, None where it can."""
    if change.stage is not ChangeStage.DONE or change.done_at is None:
        return Conflict("这项变更%(stage)s，无可撤销。", stage=change.stage.word)
    if _today(change.done_at) != _today(at):
        return Conflict("变更只能在办理当日撤销；如需恢复原状，请另行办理一次变更。")
    steps = from_json(change.steps or [])
    for step in steps:
        if unlike(db, step):
            return Conflict(
                "“%(row)s”在变更之后又有修改，不能撤销；请另行办理一次变更。", row=step.label
            )
    named = _built_on(db, steps, change.id)
    if named:
        return Conflict(
            "变更新设的内容已被使用（%(where)s），不能撤销；请另行办理一次变更。", where=named
        )
    return None


def apply_due(database: Database, at: datetime) -> int:
    """Apply the changes whose day has come; one that cannot be is marked with the reason.

    A step of the worker: each change in a transaction of its own. Return how many were tried.
    """
    with database.reading() as db:
        due = db.scalars(
            select(AreaChange.id)
            .where(AreaChange.stage == ChangeStage.PLANNED, AreaChange.effective_on <= _today(at))
            .order_by(AreaChange.effective_on, AreaChange.id)
        ).all()
    for number in due:
        _apply_one(database, number, at)
    return len(due)


def _apply_one(database: Database, number: int, at: datetime) -> None:
    reason: Refusal
    try:
        with database.writing() as db:
            change = db.get(AreaChange, number, with_for_update=True)
            if change is None or change.stage is not ChangeStage.PLANNED:
                return
            wish = read_wish(change.wish)
            _lock(db, wish)
            _do(db, None, change, plan(db, None, wish, change.effective_on), at=at)
    except Refusal as refusal:
        reason = refusal
    else:
        return
    with database.writing() as db:
        change = db.get(AreaChange, number, with_for_update=True)
        if change is not None and change.stage is ChangeStage.PLANNED:
            change.stage, change.failure = ChangeStage.FAILED, str(reason)
            journal.record(db, None, "fail", "area_change", number, reason=str(reason))


def forget_drafts(database: Database, at: datetime) -> int:
    """Drop previews that nobody confirmed within a day; a step of the worker."""
    old = (AreaChange.stage == ChangeStage.DRAFT) & (AreaChange.asked_at < at - DRAFT_DAYS)
    with database.reading() as db:
        if db.scalar(select(AreaChange.id).where(old).limit(1)) is None:
            return 0
    with database.writing() as db:
        db.execute(delete(AreaChange).where(old))
    return 0


def _keep(db: Session, actor: Actor, change: AreaChange, planned: Plan) -> AreaChange:
    change.stage = ChangeStage.PLANNED
    _add_parts(db, change, [p for p in planned.parts if p.area_id > 0], stored=False)
    journal.record(
        db, actor, "plan", "area_change", change.id, kind=change.kind, on=change.effective_on,
        wish=change.wish,
    )  # fmt: skip
    return change


def _do(
    db: Session, actor: Actor | None, change: AreaChange, planned: Plan, *, at: datetime
) -> None:
    done = perform(db, planned.steps)
    _find_anew(db, done)
    ids = _ids(planned.steps, done)
    db.execute(delete(AreaChangePart).where(AreaChangePart.change_id == change.id))
    _add_parts(db, change, planned.parts, ids=ids)
    change.stage, change.done_at, change.steps = ChangeStage.DONE, at, as_json(done)
    change.failure = None
    journal.record(
        db, actor, "change", "area", planned.parts[0].new.code, kind=change.kind,
        change=change.id, on=change.effective_on, asked_by=change.asked_by, note=change.note,
        before={"areas": [_told(p.old) for p in planned.parts if p.old]},
        after={"areas": [_told(p.new) for p in planned.parts]},
        rows=_counted(done), steps=fingerprint(done),
    )  # fmt: skip


def _told(node: Any) -> dict[str, Any]:
    return {
        "code": node.code, "name": node.name, "path": node.path, "closed_on": node.closed_on,
        "external_code": node.external_code, "managing": node.managing_area_id,
    }  # fmt: skip


def _counted(steps: Sequence[Step]) -> dict[str, int]:
    return dict(Counter(step.table for step in steps))


def _ids(planned: Sequence[Step], done: Sequence[Step]) -> dict[int, int]:
    """Return the ids that new areas got, by their placeholders."""
    pairs = zip(planned, done, strict=True)
    return {p.key["id"]: d.key["id"] for p, d in pairs if p.table == "areas" and p.key["id"] < 0}


def _add_parts(
    db: Session,
    change: AreaChange,
    parts: Sequence[Part],
    *,
    ids: dict[int, int] | None = None,
    stored: bool = True,
) -> None:
    real = ids or {}
    for part in parts:
        parent = part.new.parent_id
        db.add(
            AreaChangePart(
                change_id=change.id,
                area_id=real.get(part.area_id, part.area_id),
                side=part.side,
                old_code=part.old.code if part.old else None,
                old_name=part.old.name if part.old else None,
                old_parent_id=part.old.parent_id if part.old else None,
                new_code=part.new.code if stored else None,
                new_name=part.new.name if stored else None,
                new_parent_id=real.get(parent, parent) if stored and parent else None,
            )
        )
    db.flush()


def _built_on(db: Session, steps: Sequence[Step], change: int) -> str:
    """Return what refers to a row that the change made, "" where nothing does."""
    for step in steps:
        if step.before is None and step.after is not None and "id" in step.key:
            for reference in references(step.table):
                others = _others(reference.table, steps, change)
                named = select(1).where(reference.column == step.key["id"], *others).limit(1)
                if db.execute(named).first() is not None:
                    return f"{step.label} · {reference.table.name}"
    return ""


def _others(table: Table, steps: Sequence[Step], change: int) -> list[ColumnElement[bool]]:
    """Return the conditions that a row is not one of the change's own."""
    if table.name == AreaChangePart.__tablename__:
        return [table.c.change_id != change]
    keys = [step.key for step in steps if step.table == table.name]
    return [not_(and_(*(table.c[k] == v for k, v in key.items()))) for key in keys]


def _lock(db: Session, wish: Wish) -> None:
    """Hold the areas, so that nothing new can name them while they change."""
    wanted = select(Area.id).where(Area.id.in_(subjects(wish)))
    db.execute(wanted.order_by(Area.id).with_for_update()).all()


def _refuse_day(on: date, at: datetime) -> None:
    if not EARLIEST <= on <= _today(at) + AHEAD:
        raise Invalid("日期 %(day)s 不合常理，请核对年份。", day=on.isoformat())


def _refuse_waiting(db: Session, wish: Wish) -> None:
    waiting = db.scalar(
        select(AreaChange.effective_on)
        .join(AreaChangePart, AreaChangePart.change_id == AreaChange.id)
        .where(
            AreaChangePart.area_id.in_(_changed(wish)),
            AreaChangePart.side == Side.FROM,
            AreaChange.stage == ChangeStage.PLANNED,
        )
        .limit(1)
    )
    if waiting is not None:
        raise Conflict(
            "该区域已有一项将于 %(day)s 生效的变更；请先撤回它，或等它生效。",
            day=waiting.isoformat(),
        )


def _changed(wish: Wish) -> tuple[int, ...]:
    """Return the areas that the wish changes themselves, not the parents it hangs them on."""
    about = subjects(wish)
    return about[:1] if wish.kind in {ChangeKind.MOVE, ChangeKind.MANAGE} else about


def _refuse_stranger(db: Session, actor: Actor, change: AreaChange) -> None:
    wanted = select(Area.path).where(Area.id.in_(subjects(read_wish(change.wish))))
    paths = db.scalars(wanted).all()
    if not all(actor.may(Power.KEEP, path) for path in paths):
        raise Forbidden("您没有变更该区域的权限：变更前后的区域都须在您的管理范围内。")


def _today(at: datetime) -> date:
    return at.astimezone(HERE).date()

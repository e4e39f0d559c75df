"""Write, publish and correct what a compound's project shows of a period."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power, Role
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Compound
from govgrid.showcase.leftovers import leave
from govgrid.showcase.models import ShowcaseItem, ShowcasePhoto, ShowcaseVersion
from govgrid.showcase.queries.items import showcase_of
from govgrid.showcase.queries.plans import plan_at
from govgrid.showcase.queries.versions import draft_of, latest_of, photos_of, said_now
from govgrid.showcase.rules import (
    Flow,
    Panel,
    PanelText,
    Plan,
    changes,
    opened,
    publishable,
    readable,
    restored,
    stored,
)
from govgrid.words import N_
from govgrid.workdays import local_day

BY_SHEET = N_("表格导入")


def may_write(actor: Actor, compound: Compound) -> bool:
    """Tell whether the actor writes for the compound (community loaded).

    Its project manager does, and the community or street for it.
    """
    manages = any(
        post.role is Role.PROJECT_MANAGER and post.compound_id == compound.id
        for post in actor.posts
    )
    return manages or actor.may(Power.PUBLISH, compound.community.path)


def check_may_write(actor: Actor, compound: Compound) -> None:
    """Raise `Forbidden` where the actor may only look."""
    if not may_write(actor, compound):
        raise Forbidden("双晒由小区的项目经理填报，社区书记和街道联络员可以代填。")


def check_period(db: Session, compound: Compound, plan: Plan, period: date, today: date) -> None:
    """Raise `Invalid` where nothing can be written for that period."""
    if period > today:
        raise Invalid("这一期还没有开始，不能填报。")
    if plan.period_of(period) != period and not showcase_of(db, [compound.id], period):
        raise Invalid(
            "这里的双晒按期公示，请选择 %(period)s 开始的一期。",
            period=f"{plan.period_of(period):%Y-%m}",
        )


def draft_for(
    db: Session, actor: Actor, compound: Compound, period: date, *, at: datetime
) -> ShowcaseVersion:
    """Return the draft of the period; begin one, from what is published, where there is none."""
    check_may_write(actor, compound)
    plan = plan_at(db, compound)
    check_period(db, compound, plan, period, local_day(at))
    known = draft_of(db, compound.id, period)
    if known is not None:
        return known
    latest = latest_of(db, compound.id, period)
    made = ShowcaseVersion(
        compound_id=compound.id,
        period=period,
        number=_next_number(db, compound, period, latest),
        draft=True,
        panels=stored(opened(plan, said_now(db, compound.id, period, plan))),
        written_by=actor.name,
        written_at=at,
    )
    db.add(made)
    db.flush()
    _copy_photos(db, latest, made)
    return made


def save_draft(
    db: Session,
    actor: Actor,
    compound: Compound,
    period: date,
    panels: Sequence[PanelText],
    note: str,
    version: int,
    *,
    at: datetime,
) -> ShowcaseVersion:
    """Keep what was written so far, whether it adds up or not.

    `version` is that of the draft which the form showed, 0 where there was none. Raise `Conflict`
    where somebody saved another one meanwhile.
    """
    check_may_write(actor, compound)
    known = draft_of(db, compound.id, period)
    if (known.version if known else 0) != version:
        raise Conflict(
            "这份草稿刚刚被%(name)s修改，您的内容没有保存，仍在本页。"
            "请在另一个窗口打开本页核对，再把您的改动填入。",
            name=known.written_by if known else "其他人",
        )
    draft = draft_for(db, actor, compound, period, at=at)
    draft.panels, draft.note = stored(panels), note or None
    draft.written_by, draft.written_at = actor.name, at
    db.flush()
    journal.record(
        db, actor, "save_showcase", "showcase", compound.code, period=f"{period:%Y-%m}",
        number=draft.number, lines=sum(len(panel.lines) for panel in panels),
    )  # fmt: skip
    return draft


def publish(
    db: Session, actor: Actor, compound: Compound, draft: ShowcaseVersion, *, at: datetime
) -> None:
    """Let residents see the draft from now on; what was published before stays as a version.

    Raise `Invalid`, with the differences, where sums do not add up or something is missing.
    """
    check_may_write(actor, compound)
    plan, today, period = plan_at(db, compound), local_day(at), draft.period
    if plan.end(period) > today:
        raise Invalid("这一期到 %(day)s 才结束，届时再公示。", day=plan.end(period).isoformat())
    shown = showcase_of(db, [compound.id], period)
    latest = latest_of(db, compound.id, period)
    panels = restored(draft.panels)
    found = publishable(panels, note=(draft.note or "") if shown else None)
    if found:
        raise Invalid("有 %(n)s 处需要修改，还没有公示。", fields=found, n=len(found))
    panels = [_completed(panel) for panel in panels]
    before = said_now(db, compound.id, period, plan)
    told = changes(before, panels) if shown else []
    if shown and not told and _pictures(db, latest) == _pictures(db, draft):
        raise Invalid("与已公示的内容没有不同，不需要更正。")
    if shown and latest is None:
        _keep_imported(db, compound, shown, plan, at)
    _show(db, draft, panels, shown, today)
    draft.panels, draft.draft, draft.published_on = stored(panels), False, today
    draft.number = _next_number(db, compound, period, latest, shown=bool(shown))
    draft.written_by, draft.written_at = actor.name, at
    db.flush()
    journal.record(
        db, actor, "publish_showcase", "showcase", compound.code, period=f"{period:%Y-%m}",
        number=draft.number, note=draft.note, changes=len(told),
    )  # fmt: skip


def drop_draft(
    db: Session, actor: Actor, compound: Compound, draft: ShowcaseVersion, *, at: datetime
) -> None:
    """Give up a draft; what is published stays."""
    check_may_write(actor, compound)
    leave(db, photos_of(db, draft), at=at)
    db.execute(delete(ShowcasePhoto).where(ShowcasePhoto.version_id == draft.id))
    db.delete(draft)
    journal.record(
        db, actor, "drop_showcase", "showcase", compound.code, period=f"{draft.period:%Y-%m}",
        number=draft.number,
    )  # fmt: skip


def _completed(panel: PanelText) -> PanelText:
    """Fill in what need not be typed: the sums, and in a line of money what it is."""
    if panel.kind is not Panel.ACCOUNTS or not panel.lines:
        return panel
    lines = [
        replace(line, result=line.result or (line.flow or Flow.INCOME).word) for line in panel.lines
    ]
    income, spending = panel.total(Flow.INCOME), panel.total(Flow.SPENDING)
    return replace(panel, lines=tuple(lines), income=income, spending=spending)


def _show(
    db: Session,
    draft: ShowcaseVersion,
    panels: Sequence[PanelText],
    shown: Sequence[ShowcaseItem],
    today: date,
) -> None:
    """Put the lines in the place of those shown so far; each keeps the day it was first shown."""
    since = {(item.panel, item.item): item.published_on for item in shown}
    db.execute(
        delete(ShowcaseItem).where(
            ShowcaseItem.compound_id == draft.compound_id, ShowcaseItem.period == draft.period
        )
    )
    db.add_all(
        ShowcaseItem(
            compound_id=draft.compound_id,
            period=draft.period,
            panel=panel.word,
            item=line.item,
            promise=line.promise or None,
            result=line.result,
            amount=None if line.amount is None else line.moved,
            met=line.met,
            published_on=since.get((panel.word, line.item), today),
        )
        for panel in panels
        for line in panel.lines
    )


def _keep_imported(
    db: Session, compound: Compound, shown: Sequence[ShowcaseItem], plan: Plan, at: datetime
) -> None:
    """Keep what a sheet brought as the first version, so that the correction has a before."""
    period = shown[0].period
    db.add(
        ShowcaseVersion(
            compound_id=compound.id,
            period=period,
            number=1,
            draft=False,
            panels=stored(readable(shown, plan)),
            written_by=BY_SHEET,
            written_at=at,
            published_on=min((i.published_on for i in shown if i.published_on), default=None),
        )
    )


def _next_number(
    db: Session,
    compound: Compound,
    period: date,
    latest: ShowcaseVersion | None,
    *,
    shown: bool | None = None,
) -> int:
    if latest is not None:
        return latest.number + 1
    if shown is None:
        shown = bool(showcase_of(db, [compound.id], period))
    return 2 if shown else 1


def _copy_photos(db: Session, source: ShowcaseVersion | None, target: ShowcaseVersion) -> None:
    names = ("panel", "caption", "digest", "small", "width", "height")
    db.add_all(
        ShowcasePhoto(version_id=target.id, **{name: getattr(one, name) for name in names})
        for one in photos_of(db, source)
    )


def _pictures(db: Session, version: ShowcaseVersion | None) -> list[tuple[str, str, str]]:
    return [(one.panel, one.digest, one.caption) for one in photos_of(db, version)]

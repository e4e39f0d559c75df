"""Changing areas: what may be done, the form, the preview, and an area's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Actor, Power
from govgrid.errors import Invalid, NotFound, Refusal
from govgrid.grid.actions.areas import changes
from govgrid.grid.actions.areas.steps import Step, fingerprint, from_json
from govgrid.grid.area_forms import MOST_HEIRS, NEW, SHARE, asked
from govgrid.grid.models import Area, AreaChange, ChangeKind, ChangeStage, Level
from govgrid.grid.queries import crumbs
from govgrid.grid.queries.changes import (
    area_told,
    change_seen,
    changes_kept,
    history,
    right_below,
    tops_kept,
)
from govgrid.grid.queries.choices import below, beside, managers_for, parents_for, shared_by_split
from govgrid.grid.rules import PARENT
from govgrid.web.house import with_account
from govgrid.web.language import day_text
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page
from govgrid.web.paging import Paging, paging_of, stretch
from govgrid.web.render import redirect, render
from govgrid.web.visit import Visit

TONES = {
    ChangeStage.DRAFT: "neutral",
    ChangeStage.PLANNED: "info",
    ChangeStage.DONE: "good",
    ChangeStage.FAILED: "bad",
    ChangeStage.WITHDRAWN: "neutral",
    ChangeStage.UNDONE: "neutral",
}
_TOP = frozenset({Level.CITY, Level.DISTRICT})


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one noun that a change touches."""

    noun: str
    steps: tuple[Step, ...]


@page(may_enter=holding(Power.KEEP))
def show_all(visit: Visit) -> Response:
    """List the changes of the areas that the actor keeps, and where to begin one."""
    return render(
        visit,
        "grid/area_changes.html",
        tops=tops_kept(visit.db, visit.actor),
        tones=TONES,
        **stretch(visit, partial(changes_kept, visit.db, visit.actor)),
    )


@page(may_enter=with_account)
def show_history(visit: Visit) -> Response:
    """Show what an area has been, and what may be done to it."""
    area = area_told(visit.db, visit.actor, visit.path("code"))
    return render(
        visit,
        "grid/area_history.html",
        area=area,
        above=crumbs(visit.db, visit.actor, area),
        kinds=_kinds(visit.actor, area),
        below=right_below(visit.db, area),
        tones=TONES,
        **stretch(visit, partial(history, visit.db, area)),
    )


@page(may_enter=holding(Power.KEEP))
def show_form(visit: Visit) -> Response:
    """Show the form of one kind of change."""
    area, kind = _asked_for(visit)
    offered = parents_for(visit.db, visit.actor, area) if kind is ChangeKind.MOVE else []
    return render(
        visit,
        "grid/area_change_form.html",
        area=area,
        above=crumbs(visit.db, visit.actor, area),
        kind=kind,
        levels=[(level.value, _(level.word)) for level in below(area)],
        parents=[(one.id, f"{name} · {one.name}") for one, name in offered],
        beside=beside(visit.db, area) if kind is ChangeKind.MERGE else [],
        managers=managers_for(visit.db, visit.actor, area) if kind is ChangeKind.MANAGE else [],
        shared=shared_by_split(visit.db, area) if kind is ChangeKind.SPLIT else [],
        heirs=_heirs(visit),
        new=NEW,
        share=SHARE,
    )


@page(may_enter=holding(Power.KEEP))
def ask(visit: Visit) -> Response:
    """Keep what was asked for and go to its preview."""
    area, kind = _asked_for(visit)
    form, wish = asked(kind, area, visit.form)
    change = changes.draft(visit.db, visit.actor, wish, form.on, form.note, at=visit.at)
    return redirect(f"/area-changes/{change.id}")


@page(may_enter=with_account)
def show_change(visit: Visit) -> Response:
    """Show a change: what it would do, or what it did."""
    change = change_seen(visit.db, visit.actor, visit.number("number"))
    steps, refusal = _steps(visit, change)
    groups = _groups(steps)
    shown = next(
        (g for g in groups if g.noun == visit.query("rows")), groups[0] if groups else None
    )
    paging = paging_of(visit, len(shown.steps) if shown else 0)
    return render(
        visit,
        "grid/area_change.html",
        change=change,
        area=_home(visit, change),
        tones=TONES,
        groups=groups,
        shown=shown,
        rows=_slice(shown.steps if shown else (), paging),
        paging=paging,
        seen=fingerprint(steps),
        refusal=refusal,
        future=change.effective_on > visit.today,
        mine=visit.actor.has(Power.KEEP),
        why_not=changes.why_not_undo(visit.db, change, at=visit.at),
    )


@page(may_enter=holding(Power.KEEP))
def confirm(visit: Visit) -> Response:
    """Apply a previewed change, or keep it for its day."""
    change = change_seen(visit.db, visit.actor, visit.number("number"))
    seen = str(visit.form.get("seen", ""))
    done = changes.confirm(visit.db, visit.actor, change, seen, at=visit.at)
    day = day_text(done.effective_on)
    told = _("变更已办理。") if done.stage is ChangeStage.DONE else _(
        "变更已登记，将于%(day)s生效。", day=day
    )  # fmt: skip
    return redirect(f"/area-changes/{change.id}", told)


@page(may_enter=holding(Power.KEEP))
def withdraw(visit: Visit) -> Response:
    """Take back a change that waits for its day, or drop a draft."""
    change = change_seen(visit.db, visit.actor, visit.number("number"))
    home = _home(visit, change)
    changes.withdraw(visit.db, visit.actor, change)
    return redirect(f"/grid/{quote(home.code)}/changes" if home else "/", _("变更已撤回。"))


@page(may_enter=holding(Power.KEEP))
def undo(visit: Visit) -> Response:
    """Take an applied change back."""
    change = change_seen(visit.db, visit.actor, visit.number("number"))
    changes.undo(visit.db, visit.actor, change, at=visit.at)
    return redirect(f"/area-changes/{change.id}", _("变更已撤销，一切恢复原状。"))


def _asked_for(visit: Visit) -> tuple[Area, ChangeKind]:
    """Return the area and the kind of change. Raise `NotFound` where that is not offered."""
    area = area_told(visit.db, visit.actor, visit.path("code"))
    kind = next((k for k in _kinds(visit.actor, area) if k.value == visit.path("kind")), None)
    if kind is None:
        raise NotFound("不能对该区域办理这种变更，或不在您的职责范围内。")
    return area, kind


def _kinds(actor: Actor, area: Area) -> list[ChangeKind]:
    """Return what the actor may do to the area: inside it, and from above."""
    inside = actor.may(Power.KEEP, area.path)
    above = area.path[: area.path.rindex("/", 0, -1) + 1]
    outside = above != "/" and actor.may(Power.KEEP, above)
    if area.closed_on is not None:
        return [ChangeKind.REOPEN] if outside else []
    found = [ChangeKind.RENAME] if inside else []
    if inside and area.level in set(PARENT.values()):
        found.append(ChangeKind.CREATE)
    if outside:
        found += [ChangeKind.CLOSE]
        if area.level not in _TOP:
            found += [ChangeKind.MOVE, ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.MANAGE]
    return [kind for kind in ChangeKind if kind in found]


def _heirs(visit: Visit) -> int:
    asked_for = visit.query("parts", "2")
    return min(max(int(asked_for), 2), MOST_HEIRS) if asked_for.isdecimal() else 2


def _steps(visit: Visit, change: AreaChange) -> tuple[Sequence[Step], Refusal | None]:
    """Return the rows that the change touches, or would, and why it cannot be done."""
    if change.steps is not None:
        return from_json(change.steps), None
    if change.stage not in {ChangeStage.DRAFT, ChangeStage.PLANNED}:
        return [], None
    try:
        return changes.preview(visit.db, visit.actor, change).steps, None
    except Invalid as refusal:
        return [], refusal


def _groups(steps: Sequence[Step]) -> list[Group]:
    nouns = dict.fromkeys(step.noun for step in steps if step.noun)
    return [Group(noun, tuple(s for s in steps if s.noun == noun)) for noun in nouns]


def _slice(steps: Sequence[Step], paging: Paging) -> Sequence[Step]:
    return steps[paging.offset : paging.offset + paging.size]


def _home(visit: Visit, change: AreaChange) -> Area | None:
    """Return the area that the change is first about."""
    number = change.parts[0].area_id if change.parts else changes.first_subject(change)
    return visit.db.get(Area, number)


routes = [
    Route("/area-changes", show_all),
    Route("/grid/{code}/changes", show_history),
    Route("/grid/{code}/changes/{kind}", show_form, methods=["GET"]),
    Route("/grid/{code}/changes/{kind}", ask, methods=["POST"]),
    Route("/area-changes/{number:int}", show_change),
    Route("/area-changes/{number:int}/confirm", confirm, methods=["POST"]),
    Route("/area-changes/{number:int}/withdraw", withdraw, methods=["POST"]),
    Route("/area-changes/{number:int}/undo", undo, methods=["POST"]),
]

"""Pages of the year's calendar: the year, a notice's preview and record, what waits for repair."""

import hashlib
import io
from collections.abc import Mapping

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Office, Power
from govgrid.almanac import queries
from govgrid.almanac.actions import bring, take_back
from govgrid.almanac.forms import ApplyForm, SeenForm
from govgrid.cases.actions.due_times import see_due_changes
from govgrid.cases.queries.due_times import count_unseen, unseen_page
from govgrid.errors import Conflict, Invalid, NotFound
from govgrid.meetings.queries.rest_days import closed, count_hit, hit_page
from govgrid.web.forms import read
from govgrid.web.house import serving
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect, with_account, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit
from govgrid.workdays import (
    DayKind,
    Turned,
    WorkdayChange,
    actions,
    built_in,
    calendar,
    calendar_of,
    turned_by,
)
from govgrid.workdays.calendar import notices
from govgrid.workdays.exports import rows, write
from govgrid.workdays.notice import MOST_BYTES, Notice
from govgrid.workdays.queries import change_of, changes, imported, in_force, preview

TONES = {
    DayKind.WORKDAY: "neutral",
    DayKind.WEEKEND: "neutral",
    DayKind.HOLIDAY: "bad",
    DayKind.MAKEUP: "info",
}
keeps = serving(Office.SYSTEM)


@page(may_enter=with_account)
def show(visit: Visit) -> Response:
    """Show a year: its days, whence they are known, what waits for repair."""
    year = _year(visit.query("year") or str(visit.today.year))
    days = calendar(visit.db)
    hit = closed(visit.db, visit.at)
    keeper = visit.actor.office is Office.SYSTEM
    return render(
        visit,
        "almanac/year.html",
        year=year,
        years=YEARS,
        announced=year in days.years,
        known=imported(visit.db, year),
        change=in_force(visit.db, year),
        built_in_until=max(built_in().years),
        months=queries.months(days, year),
        festivals=queries.festivals(days, year),
        waiting=queries.waiting(visit.db, visit.actor, hit),
        keeper=keeper,
        changes=changes(visit.db) if keeper else [],
        states=_state,
        DayKind=DayKind,
    )


YEARS = range(min(built_in().years), 2036)  # later years know too few festivals to be shown


def _year(written: str) -> int:
    if (
        not (written.isascii() and written.isdecimal())
        or len(written) != 4
        or int(written) not in YEARS
    ):
        raise NotFound(
            "没有“%(value)s”年的工作日安排，请从页面上的年份中选择。", value=written[:10]
        )
    return int(written)


def _state(change: WorkdayChange) -> tuple[str, str]:
    """Return how a notice stands, and the tone of its badge."""
    if change.undone_at is not None:
        return _("已撤销"), "neutral"
    if change.applied_at is not None:
        return _("已生效"), "good"
    return _("等待确认"), "warn"


@page(may_enter=with_account)
def export(visit: Visit) -> Response:
    """Give the imported notice of a year in the open form."""
    year = visit.number("year")
    stream = io.BytesIO()
    write(stream, rows(visit.db, (), year))
    return file(stream.getvalue(), "application/json", f"{year}.json", download=True)


@page(may_enter=keeps)
def upload(visit: Visit) -> Response:
    """Take in a notice to be looked at."""
    sent = visit.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Invalid("请选择要上传的文件。")
    data = sent.file.read(MOST_BYTES + 1)
    change = actions.take_in(visit.db, visit.actor, data, sent.filename, at=visit.at)
    return redirect(f"/workdays/notices/{change.id}")


@page(may_enter=keeps)
def notice(visit: Visit) -> Response:
    """Show what a notice would change and hit, or what it changed."""
    change = change_of(visit.db, visit.number("notice"))
    of = Notice.of(change.notice)
    waits = change.applied_at is None
    turned = preview(visit.db, of) if waits else turned_by(change)
    after = calendar_of({**notices(visit.db), of.year: of.days})
    last = in_force(visit.db, change.year)
    return render(
        visit,
        "almanac/notice.html",
        change=change,
        notice=of,
        turned=turned,
        hit=queries.hit_by(visit.db, turned, after, visit.today) if waits else None,
        known=imported(visit.db, change.year),
        same=waits and _same(visit, of),
        digest=_digest(turned),
        state=_state(change),
        undoable=last is not None and last.id == change.id,
        tones=TONES,
    )


def _same(visit: Visit, of: Notice) -> bool:
    known = imported(visit.db, of.year)
    return known is not None and known.days == of.days


def _digest(turned: list[Turned]) -> str:
    told = ",".join(f"{one.day}{one.was}{one.now}" for one in turned)
    return hashlib.sha256(told.encode()).hexdigest()


@page(may_enter=keeps)
def apply(visit: Visit) -> Response:
    """Bring the notice into force, if it still changes what the preview showed."""
    change = change_of(visit.db, visit.number("notice"))
    seen = read(ApplyForm, visit.form).digest or ""
    if change.applied_at is None and seen != _digest(preview(visit.db, Notice.of(change.notice))):
        raise Conflict("预览之后工作日安排已有变化，没有写入。请刷新页面，核对新的预览后再确认。")
    done = bring(visit.db, visit.actor, change, at=visit.at)
    return redirect(
        f"/workdays/notices/{change.id}",
        _("%(year)s年放假通知已生效：%(days)s 天性质改变，%(due)s 件诉求的响应时限已重新计算。",
          year=change.year, days=len(done.turned), due=len(done.due)),
    )  # fmt: skip


@page(may_enter=keeps)
def undo(visit: Visit) -> Response:
    """Take the notice back."""
    change = change_of(visit.db, visit.number("notice"))
    done = take_back(visit.db, visit.actor, change, at=visit.at)
    return redirect(
        f"/workdays/notices/{change.id}",
        _("已撤销：%(days)s 天恢复原来的性质，%(due)s 件诉求的响应时限已恢复。",
          days=len(done.turned), due=len(done.due)),
    )  # fmt: skip


@page(may_enter=keeps)
def drop(visit: Visit) -> Response:
    """Give up a notice that is not in force."""
    change = change_of(visit.db, visit.number("notice"))
    actions.drop(visit.db, visit.actor, change)
    return redirect(f"/workdays?year={change.year}", _("已放弃这份通知。"))


@page(may_enter=with_post)
def affected(visit: Visit) -> Response:
    """List the meetings to move and the due times to see where the actor serves."""
    days = closed(visit.db, visit.at)
    counts = {
        "meetings": count_hit(visit.db, visit.actor, days),
        "cases": count_unseen(visit.db, visit.actor),
    }
    shown = _shown(visit, counts)
    paging = paging_of(visit, counts[shown])
    part = {"offset": paging.offset, "limit": paging.size}
    return render(
        visit,
        "almanac/affected.html",
        shown=shown,
        counts=counts,
        paging=paging,
        days=days,
        meetings=hit_page(visit.db, visit.actor, days, **part) if shown == "meetings" else [],
        dues=unseen_page(visit.db, visit.actor, **part) if shown == "cases" else [],
        convenes=visit.actor.has(Power.CONVENE),
    )


def _shown(visit: Visit, counts: Mapping[str, int]) -> str:
    asked = visit.query("show")
    if asked in counts:
        return asked
    return "cases" if counts["cases"] and not counts["meetings"] else "meetings"


@page(may_enter=holding(Power.CONVENE))
def seen(visit: Visit) -> Response:
    """Note that moved due times were seen: those ticked, or all in the actor's areas."""
    form = read(SeenForm, visit.form)
    if not form.every and not form.due:
        raise Invalid("请先勾选已经知悉的诉求。")
    number = see_due_changes(visit.db, visit.actor, None if form.every else form.due, at=visit.at)
    return redirect("/workdays/affected?show=cases", _("已确认 %(n)s 件。", n=number))


_ONE = "/workdays/notices/{notice:int}"
routes = [
    Route("/workdays", show),
    Route("/workdays/{year:int}.json", export),
    Route("/workdays/affected", affected),
    Route("/workdays/affected/seen", seen, methods=["POST"]),
    Route("/workdays/notices", upload, methods=["POST"]),
    Route(_ONE, notice),
    Route(_ONE + "/apply", apply, methods=["POST"]),
    Route(_ONE + "/undo", undo, methods=["POST"]),
    Route(_ONE + "/drop", drop, methods=["POST"]),
]

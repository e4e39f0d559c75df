"""Pages of the monthly report: its foremost figures, export, those that a worker makes."""

from datetime import datetime

from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.access import Power
from govgrid.cases.pages.rates import Scope, about
from govgrid.cases.queries.series import month_counts
from govgrid.errors import NotFound, Unavailable
from govgrid.grid.models import Area
from govgrid.grid.queries import area_seen, starts
from govgrid.meetings.queries.figures import figures_of
from govgrid.press.press import Press
from govgrid.reports.actions import BOUND, ask_for_reports, check_may_report, note_report
from govgrid.reports.content import LEVELS, report_of
from govgrid.reports.forms import Ending, FileForm, ReportForm
from govgrid.reports.models import ReportJob
from govgrid.reports.papers.page import report_sheet
from govgrid.reports.queries.jobs import job_known, jobs_page, under_way
from govgrid.reports.rules import Stamp, before, year_before
from govgrid.reports.workbook import workbook
from govgrid.web.forms import moment_of, month_of, read
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import stretch
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

TYPES = {
    Ending.PDF: "application/pdf",
    Ending.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
prints = holding(Power.PRINT)


@page(may_enter=prints)
def show(visit: Visit) -> Response:
    """Show the month's foremost figures, and offer its report."""
    scope = _scope(visit)
    area, month, at = scope.area, scope.month, scope.as_of
    known = about(visit, scope)
    counts = [month_counts(visit.db, m, area, as_of=at) for m in (month, before(month))]
    shown = stretch(visit, lambda **part: jobs_page(visit.db, area, **part), 20)
    return render(
        visit,
        "reports/index.html",
        **{**known, "areas": [one for one in known["areas"] if _reported(visit, one)]},
        **shown,
        total=counts[0],
        last=counts[1],
        year=month_counts(visit.db, year_before(month), area, as_of=at),
        meetings=figures_of(visit.db, month, area, as_of=at).total,
        reported=area.level in LEVELS,
        binds=area.level in BOUND,
        busy=under_way(visit.db, area),
    )


def _scope(visit: Visit) -> Scope:
    """Return the area, month and moment asked for: at first one's own area, last month, now."""
    code, written = visit.query("area"), visit.query("as_of")
    month = visit.query("month") or f"{before(visit.today.replace(day=1)):%Y-%m}"
    area = _area(visit, code) if code else _own(visit)
    return Scope(area, month_of(month), moment_of(written) if written else visit.at, bool(written))


def _own(visit: Visit) -> Area:
    found = (one for one in starts(visit.db, visit.actor) if _reported(visit, one))
    area = next(found, None)
    if area is None:
        raise NotFound("您的职责范围内没有可编制月报的区域。")
    return area


def _reported(visit: Visit, area: Area) -> bool:
    return area.level in LEVELS and visit.actor.may(Power.PRINT, area.path)


def _area(visit: Visit, code: str) -> Area:
    area = area_seen(visit.db, visit.actor, code)
    check_may_report(visit.actor, area)
    return area


@page(may_enter=prints, own_transactions=True)
def give(visit: Visit) -> Response:
    """Give the report as PDF or workbook, journalled."""
    form = read(FileForm, visit.form)
    area, month = _area(visit, form.area), month_of(form.month)
    as_of = form.as_of or visit.at
    report = report_of(visit.db, area, month, as_of=as_of)
    stamp = Stamp(visit.actor.name, visit.at)
    if form.ending is Ending.PDF:
        press: Press = visit.request.app.state.press
        data = press.print(report_sheet(press.fonts, report, stamp))
    else:
        data = workbook([report], stamp)
    with visit.house.database.writing() as db:
        note_report(db, visit.actor, area, month, form.ending.value, as_of)
    name = f"report-{area.code}-{month:%Y%m}.{form.ending.value}"
    return file(data, TYPES[form.ending], name, download=form.ending is Ending.XLSX)


@page(may_enter=prints)
def ask(visit: Visit) -> Response:
    """Queue the area's report with one for each area below."""
    form = read(ReportForm, visit.form)
    area, month = _area(visit, form.area), month_of(form.month)
    as_of: datetime = form.as_of or visit.at
    job = ask_for_reports(visit.db, visit.actor, area, month, as_of, at=visit.at)
    return redirect(f"/reports/jobs/{job.id}")


@page(may_enter=prints)
def show_job(visit: Visit) -> Response:
    """Show how far a job is; the page asks again until it is done."""
    template = "reports/progress.html" if visit.partial else "reports/job.html"
    return render(visit, template, job=_job(visit))


@page(may_enter=prints)
def job_pdf(visit: Visit) -> Response:
    job = _job(visit)
    return _kept(visit, job, job.paper, Ending.PDF)


@page(may_enter=prints)
def job_book(visit: Visit) -> Response:
    job = _job(visit)
    return _kept(visit, job, job.book, Ending.XLSX)


def _job(visit: Visit) -> ReportJob:
    job = job_known(visit.db, visit.number("job"))
    check_may_report(visit.actor, job.area)
    return job


def _kept(visit: Visit, job: ReportJob, kept: str | None, ending: Ending) -> Response:
    if kept is None:
        raise Unavailable("月报还没有编好，请稍候。")
    data = archive.fetch(visit.settings.archive, kept)
    name = f"reports-{job.area.code}-{job.month:%Y%m}-{job.id}.{ending.value}"
    return file(data, TYPES[ending], name, download=ending is Ending.XLSX)


routes = [
    Route("/reports", show, methods=["GET"]),
    Route("/reports/file", give, methods=["POST"]),
    Route("/reports/jobs", ask, methods=["POST"]),
    Route("/reports/jobs/{job:int}", show_job, methods=["GET"]),
    Route("/reports/jobs/{job:int}/reports.pdf", job_pdf, methods=["GET"]),
    Route("/reports/jobs/{job:int}/reports.xlsx", job_book, methods=["GET"]),
]

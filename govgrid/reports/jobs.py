"""The worker's step that makes reports: read all at one moment, print on every core, bind."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

from govgrid import archive
from govgrid.db import Database
from govgrid.errors import Refusal
from govgrid.press.press import Press
from govgrid.reports.content import report_of
from govgrid.reports.models import ReportJob
from govgrid.reports.papers.bundle import bound
from govgrid.reports.papers.page import report_sheet
from govgrid.reports.queries.jobs import job_known, parts_of, waiting
from govgrid.reports.rules import Report, Stamp
from govgrid.reports.workbook import workbook

LEASE = timedelta(minutes=5)
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    """A leased job, apart from any session."""

    database: Database
    number: int
    month: date
    as_of: datetime
    stamp: Stamp
    at: datetime
    began: float

    def now(self) -> datetime:
        """Return the moment by the worker's clock."""
        return self.at + timedelta(seconds=monotonic() - self.began)

    def sign(self, done: int) -> None:
        """Show how many reports are printed, and keep the lease."""
        with self.database.writing() as db:
            row = db.get_one(ReportJob, self.number)
            row.done, row.leased_until = done, self.now() + LEASE


def make_reports(press: Press) -> Callable[[Database, datetime], int]:
    """Return the step; it makes one waiting job whole and returns how many it made.

    A job whose worker was killed begins anew when its lease is over.
    """

    def make_one(database: Database, at: datetime) -> int:
        with database.writing() as db:
            row = waiting(db, at)
            if row is None:
                return 0
            row.leased_until, row.done = at + LEASE, 0
            stamp = Stamp(row.asked_by, row.asked_at)
            job = _Job(database, row.id, row.month, row.as_of, stamp, at, monotonic())
        try:
            _make(press, job)
        except Refusal as refusal:
            _fail(job, str(refusal))
        except Exception:  # noqa: BLE001  # told to whoever asked; the worker goes on
            _log.exception("report job %s failed", job.number)
            _fail(job, "编制月报时系统出错，请联系管理员。")
        return 1

    return make_one


def _make(press: Press, job: _Job) -> None:
    reports = _read(job)
    printed: list[tuple[str, bytes]] = []
    skipped: list[str] = []
    for first in range(0, len(reports), press.children):
        some = reports[first : first + press.children]
        sheets = [report_sheet(press.fonts, one, job.stamp) for one in some]
        for report, pdf in zip(some, press.print_many(sheets), strict=True):
            if isinstance(pdf, Refusal):
                skipped.append(f"{report.area}：{pdf}")
            else:
                printed.append((report.area, pdf))
        job.sign(first + len(some))
    if not printed:
        return _fail(job, skipped[0])
    folder = job.database.settings.archive
    paper = archive.keep(folder, bound(reports[0].title, printed, job.stamp.at))
    book = archive.keep(folder, workbook(reports, job.stamp))
    return _finish(job, paper, book, skipped)


def _read(job: _Job) -> list[Report]:
    """Read every report in one transaction, so that they agree with each other."""
    with job.database.reading() as db:
        row = job_known(db, job.number)
        areas = parts_of(db, row.area)
        return [report_of(db, area, job.month, as_of=job.as_of) for area in areas]


def _finish(job: _Job, paper: str, book: str, skipped: Sequence[str]) -> None:
    with job.database.writing() as db:
        row = db.get_one(ReportJob, job.number)
        row.paper, row.book, row.skipped = paper, book, list(skipped)
        row.finished_at, row.leased_until = job.now(), None


def _fail(job: _Job, why: str) -> None:
    with job.database.writing() as db:
        row = db.get_one(ReportJob, job.number)
        row.failure, row.finished_at, row.leased_until = why[:200], job.now(), None

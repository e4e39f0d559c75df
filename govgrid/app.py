"""create_app(): the only file that knows every package."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio.to_thread
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from govgrid import metrics
from govgrid.access import Actor, Office, Power
from govgrid.accounts import door
from govgrid.accounts import pages as account_pages
from govgrid.accounts.oidc import Provider
from govgrid.accounts.pages.keeping import keepers
from govgrid.accounts.rules import DemoSignIn
from govgrid.accounts.throttle import Throttle
from govgrid.almanac import pages as almanac_pages
from govgrid.api.routes import routes as api_routes
from govgrid.audit import pages as audit_pages
from govgrid.cases import pages as case_pages
from govgrid.cases.chasing import call_for_cases
from govgrid.cases.layers import OPEN_CASES
from govgrid.db import POOL, Database
from govgrid.exchange import jobs as exchange_jobs
from govgrid.exchange import pages as exchange_pages
from govgrid.grid import pages as grid_pages
from govgrid.grid.actions.areas.changes import apply_due, forget_drafts
from govgrid.grid.feeds import reading
from govgrid.grid.pages import people as people_pages
from govgrid.grid.papers.desk import print_boards
from govgrid.holders import PICTURES
from govgrid.journal.retention import trim
from govgrid.kinds import KINDS
from govgrid.meetings import pages as meeting_pages
from govgrid.meetings.actions.handover import FOLLOWERS
from govgrid.meetings.caldav import write_calendars
from govgrid.meetings.chasing import call_to_mind
from govgrid.meetings.decisions import DECISIONS
from govgrid.meetings.jobs import plan_waiting
from govgrid.meetings.layers import NEXT_MEETING
from govgrid.meetings.mailbox import read_mailbox
from govgrid.meetings.pages.tasks import panel as task_panel
from govgrid.meetings.papers.desk import bind_waiting
from govgrid.meetings.papers.store import print_waiting
from govgrid.meetings.queries.promised import owners_meetings
from govgrid.meetings.queries.seen import known_uids
from govgrid.meetings.queries.unmet import SIGNALS
from govgrid.meetings.retention import forget_letters, forget_mails
from govgrid.months import make_months
from govgrid.oldcompounds import pages as coverage_pages
from govgrid.oldcompounds.chasing import watching
from govgrid.oldcompounds.layers import COVERAGE
from govgrid.oldcompounds.pipeline import pages as pipeline_pages
from govgrid.oldcompounds.services import pages as service_pages
from govgrid.oldcompounds.takeover import pages as package_pages
from govgrid.oldcompounds.takeover.jobs import search_packages
from govgrid.outbox.actions import deliver
from govgrid.outbox.beats import beating
from govgrid.outbox.worker import Worker, hourly, stop_all
from govgrid.press.press import Press
from govgrid.readiness import leaving_slowly, unready
from govgrid.reports import pages as report_pages
from govgrid.reports.jobs import make_reports
from govgrid.settings import Settings
from govgrid.showcase import pages as showcase_pages
from govgrid.showcase.leftovers import clearing
from govgrid.web import errors, static_files
from govgrid.web.guard import Guard
from govgrid.web.house import (
    NavItem,
    anyone,
    declare,
    holding,
    rule_of,
    serving,
    signed_in,
    with_post,
)
from govgrid.web.measure import Measured
from govgrid.web.routing import Heads
from govgrid.words import N_

NAV = (
    NavItem("/months", N_("月度会议"), signed_in, ("/meetings", "/units")),
    NavItem("/planning", N_("排会"), holding(Power.PLAN), ("/plans", "/venues")),
    NavItem("/actions", N_("督办"), with_post),
    NavItem("/print", N_("打印台"), holding(Power.PRINT), ("/prints",)),
    NavItem("/archive", N_("纪要档案"), with_post),
    NavItem("/cases", N_("诉求"), with_post),
    NavItem("/rates", N_("四率"), holding(Power.SEE), ("/reports",)),
    NavItem("/showcases", N_("双晒"), with_post),
    NavItem(
        "/coverage",
        N_("老旧小区"),
        with_post,
        ("/coverage-acts", "/pipelines", "/packages", "/service-costs"),
    ),
    NavItem("/area-changes", N_("区域变更"), serving(Office.SYSTEM)),
    NavItem("/workdays", N_("工作日安排"), serving(Office.SYSTEM)),
    NavItem("/grid", N_("网格"), signed_in, ("/compounds", "/officers", "/posts")),
    NavItem("/journal", N_("操作日志"), holding(Power.AUDIT)),
    NavItem("/exchange", N_("导入导出"), holding(Power.KEEP)),
    NavItem("/accounts", N_("账号"), keepers),
    NavItem("/tokens", N_("接口令牌"), holding(Power.CONNECT)),
)


class Site:
    """What pages are handed: settings, database, clock, door and navigation."""

    nav: Sequence[NavItem] = NAV

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database

    def now(self) -> datetime:
        """Return the moment by this installation's clock."""
        return datetime.now(UTC) + self.settings.ahead

    def who(self, db: Session, request: Request, at: datetime) -> Actor | None:
        """Return who is signed in, and note once a minute that the session is in use."""
        return door.who(self.database, db, request, at)


def create_app(
    settings: Settings,
    *,
    work: bool = True,
    demo_sign_ins: Sequence[DemoSignIn] = (),
    demo_password: str = "",
) -> ASGIApp:
    """Return the application; with `work` the worker runs inside while it is served."""
    database = Database(settings)
    site = Site(settings, database)
    press = Press.open(settings.vendor, settings.house_fonts)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = POOL
        helpers = workers(database, site.now, press) if work else []
        for worker in helpers:
            worker.start()
        with leaving_slowly(settings.drain_seconds):
            yield
        await anyio.to_thread.run_sync(stop_all, helpers)
        press.close()
        database.close()

    found = routes(settings)
    measured = [Middleware(Measured, found)]
    app = Starlette(exception_handlers=errors.handlers, middleware=measured)
    app.router = Heads(found, lifespan)
    app.state.house, app.state.press, app.state.throttle = site, press, Throttle()
    app.state.kinds = KINDS
    app.state.provider = Provider(settings)
    app.state.demo_sign_ins, app.state.demo_password = demo_sign_ins, demo_password
    return Guard(app, settings)


def workers(database: Database, now: Callable[[], datetime], press: Press) -> list[Worker]:
    """Return what works beside the web: letters, papers and due changes; the rest apart.

    A calendar that does not answer, a long sheet, a month to plan must not hold up letters.
    """
    steps = [
        beating(),
        deliver,
        print_waiting(press),
        bind_waiting(press),
        print_boards(press),
        apply_due,
        forget_drafts,
        trim,
        forget_mails,
        hourly(make_months),
        hourly(forget_letters),
        clearing(PICTURES),
    ]
    mailbox = (
        [Worker(database, now, [read_mailbox], pause=15)] if database.settings.imap_url else []
    )
    caldav = (
        [Worker(database, now, [write_calendars], pause=15)] if database.settings.caldav_url else []
    )
    return [
        Worker(database, now, steps),
        Worker(database, now, [call_to_mind, call_for_cases, watching(SIGNALS)], pause=60),
        *mailbox,
        *caldav,
        Worker(database, now, [reading(known_uids)], pause=15),
        Worker(database, now, [exchange_jobs.work_off(KINDS)]),
        Worker(database, now, [plan_waiting, search_packages]),
        Worker(database, now, [make_reports(press)]),
    ]


def routes(settings: Settings) -> list[BaseRoute]:
    """Return every route of the application. Raise `TypeError` where one declares no rule."""
    found = [
        *static_files.routes(settings),
        Route("/healthz", _alive),
        Route("/readyz", _ready),
        *account_pages.routes,
        *audit_pages.routes,
        *grid_pages.make_routes(
            [
                coverage_pages.panel,
                pipeline_pages.panel,
                case_pages.panel,
                showcase_pages.panel,
                task_panel,
            ],
            layers=[COVERAGE, OPEN_CASES, NEXT_MEETING],
        ),
        *people_pages.make_routes(FOLLOWERS, known_uids),
        *coverage_pages.make_routes(SIGNALS),
        *pipeline_pages.make_routes(DECISIONS),
        *service_pages.routes,
        *package_pages.routes,
        *showcase_pages.routes,
        *case_pages.make_routes(owners_meetings),
        *meeting_pages.routes,
        *report_pages.routes,
        *exchange_pages.routes,
        *almanac_pages.routes,
        *api_routes,
        *metrics.routes,
    ]
    for route in found:
        rule_of(route)
    return found


@declare(anyone)
def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


@declare(anyone)
def _ready(request: Request) -> Response:
    site: Site = request.app.state.house
    why = unready(site.database, to_read="reads" in request.query_params)
    return PlainTextResponse(why or "ok", 503 if why else 200)

"""/metrics: what an operator's Prometheus reads, of this server and of what waits for everybody."""

import hmac
import os
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from govgrid import schema
from govgrid.db import Database
from govgrid.errors import NotFound
from govgrid.exchange.models import WAITING, Batch
from govgrid.meetings.models import PlanRun
from govgrid.outbox.actions import SUPERSEDED
from govgrid.outbox.beats import last_seen
from govgrid.outbox.models import Letter
from govgrid.web.house import Rule
from govgrid.web.page import page
from govgrid.web.visit import Visit

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where several processes of one server add up
_LAG = """
SELECT CASE WHEN pg_is_in_recovery()
  THEN coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)
  ELSE coalesce((SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication), 0)
END, (SELECT count(*) FROM pg_stat_replication)
"""


class _Waiting(Collector):
    """What the database says at this moment."""

    def __init__(self, database: Database, db: Session, at: datetime) -> None:
        self._database, self._db, self._at = database, db, at

    def collect(self) -> Iterator[Metric]:
        """Yield a gauge for each figure."""
        waiting, oldest = self._waiting()
        yield _gauge("letters_waiting", "Letters that are due and have not left", waiting)
        yield _gauge("letters_oldest_seconds", "How long the oldest of them has been due", oldest)
        yield _gauge(
            "letters_dead", "Letters that a mail server refused, open to a retry", self._dead()
        )
        yield _gauge(
            "plans_waiting", "Months waiting to be planned or being planned", self._plans()
        )
        yield _gauge("plan_seconds", "How long the last planned month took", self._plan_seconds())
        seen = last_seen(self._db)
        if seen is not None:
            ago = (self._at - seen).total_seconds()
            yield _gauge("worker_seen_seconds", "How long ago a worker was last at work", ago)
        yield _gauge("imports_waiting", "Sheets waiting to be read or applied", self._imports())
        stands = schema.current(self._database) == schema.newest()
        yield _gauge("schema_newest", "1 where the schema is the one of this program", stands)
        if not self._database.sqlite:
            lag, standbys = self._db.execute(text(_LAG)).one()
            yield _gauge("replication_lag_seconds", "How far the last standby is behind", lag)
            yield _gauge("replication_standbys", "Standbys that stream from this primary", standbys)

    def _waiting(self) -> tuple[int, float]:
        due = (Letter.sent_at.is_(None), Letter.dead_at.is_(None), Letter.not_before <= self._at)
        asked = select(func.count(), func.min(Letter.not_before)).select_from(Letter).where(*due)
        count, first = self._db.execute(asked).one()
        return count, (self._at - first).total_seconds() if first else 0.0

    def _dead(self) -> int:
        dead = (Letter.dead_at.is_not(None), Letter.answer != SUPERSEDED)
        return self._db.scalar(select(func.count()).select_from(Letter).where(*dead)) or 0

    def _plans(self) -> int:
        open_ = PlanRun.finished_at.is_(None)
        return self._db.scalar(select(func.count()).select_from(PlanRun).where(open_)) or 0

    def _plan_seconds(self) -> float:
        ended = select(PlanRun.asked_at, PlanRun.finished_at).where(
            PlanRun.finished_at.is_not(None)
        )
        last = self._db.execute(ended.order_by(PlanRun.id.desc()).limit(1)).one_or_none()
        return (last.finished_at - last.asked_at).total_seconds() if last else 0.0

    def _imports(self) -> int:
        at_work = Batch.stage.in_(WAITING)
        return self._db.scalar(select(func.count()).select_from(Batch).where(at_work)) or 0


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"govgrid_{name}", about, value=float(value))


operator = Rule("operator", lambda _actor: True)
"""Whoever shows the token that the operator set; the page looks at it."""


@page(may_enter=operator)
def show(visit: Visit) -> Response:
    """Give all figures to whoever holds the token of GOVGRID_METRICS_TOKEN; 404 to others."""
    _refuse_strangers(visit.request, visit.settings.metrics_token)
    waiting = CollectorRegistry()
    waiting.register(_Waiting(visit.house.database, visit.db, visit.at))
    own = REGISTRY
    if os.environ.get(FOLDER):
        own = CollectorRegistry()
        MultiProcessCollector(own)  # type: ignore[no-untyped-call]  # has no types
    data = generate_latest(own) + generate_latest(waiting)
    return Response(data, media_type=CONTENT_TYPE_LATEST)


def _refuse_strangers(request: Request, token: str) -> None:
    given = request.headers.get("authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise NotFound("页面不存在，请检查地址，或从上方导航重新进入。")


routes = [Route("/metrics", show)]

"""What the city setup needs beside: a primary that writes, standbys that follow, workers, clocks."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import psycopg
from sqlalchemy import URL, make_url, text

from govgrid.db import LAG, Database
from govgrid.outbox.beats import last_seen
from govgrid.upkeep.finding import Finding

SEEN = 60  # seconds after which a worker counts as gone
APART = 2.0  # seconds between two clocks
BOUNCERS = "pgbouncer"  # the name of its console's database
_PRIMARY = text("SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names')")
_STANDBYS = text("""
SELECT application_name, sync_state, coalesce(extract(epoch FROM replay_lag), 0),
  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)
FROM pg_stat_replication WHERE state = 'streaming' ORDER BY application_name
""")
_BEHIND = """
SELECT pg_is_in_recovery(), CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
  ELSE coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0) END
"""


def examine(database: Database, at: datetime) -> Iterator[Finding]:
    """Yield a finding for each check of a database that is there."""
    with database.reading() as db:
        recovering, wanted = db.execute(_PRIMARY).one()
        now = datetime.now(UTC)
        theirs: datetime = db.scalars(text("SELECT clock_timestamp()")).one()
        yield _primary(recovering=recovering)
        yield _clock((theirs - now).total_seconds())
        if not recovering:
            rows = [(str(n), str(s), float(lag), int(b)) for n, s, lag, b in db.execute(_STANDBYS)]
            yield _standbys(rows, wanted)
        yield _worker(last_seen(db), at)
    settings = database.settings
    yield _reads(make_url(settings.standby_url))
    yield from _bouncer(make_url(settings.database_url))


def _primary(*, recovering: bool) -> Finding:
    if recovering:
        return Finding(
            "primary", False, "GOVGRID_DATABASE_URL 连到备库，不能写入", "patronictl list"
        )
    return Finding("primary", True, "主库可以写入")


def _standbys(rows: list[tuple[str, str, float, int]], wanted: str) -> Finding:
    shown = "、".join(f"{name}（{sync}，落后 {lag:.1f} 秒）" for name, sync, lag, _ in rows)
    if not rows:
        return Finding("standbys", False, "没有备库：主库损坏时会丢失数据", "patronictl list")
    if not any(sync in {"sync", "quorum"} for _, sync, _, _ in rows):
        why = "未设置同步备库" if not wanted else "没有同步备库"
        line = "patronictl edit-config --set synchronous_mode=true"
        return Finding("standbys", False, f"{why}：{shown}", line)
    late = [name for name, _, lag, behind in rows if lag > LAG or behind > 16 * 1024**2]
    if late:
        line = f"patronictl reinit govgrid {late[0]}"
        return Finding("standbys", False, f"{'、'.join(late)} 落后过多：{shown}", line)
    return Finding("standbys", True, shown)


def _clock(ahead: float) -> Finding:
    found = f"与数据库服务器的时钟相差 {abs(ahead):.1f} 秒"
    line = "timedatectl set-ntp true"
    return Finding("clock", abs(ahead) <= APART, found, line if abs(ahead) > APART else "")


def _worker(seen: datetime | None, at: datetime) -> Finding:
    line = "systemctl restart govgrid-worker"
    if seen is None:
        return Finding("worker", False, "还没有 worker 工作过：信件和排会无人处理", line)
    ago = (at - seen).total_seconds()
    found = f"worker 最近一次工作在 {max(0, ago):.0f} 秒前"
    return Finding("worker", ago <= SEEN, found, line if ago > SEEN else "")


def _reads(url: URL) -> Finding:
    try:
        with _console(url, url.database) as opened:
            row = opened.execute(_BEHIND).fetchone()
    except psycopg.Error as error:
        why = str(error).strip().partition("\n")[0]
        return Finding("reads", False, f"备库无法连接：{why}；查询暂由主库承担", "patronictl list")
    assert row is not None
    standby, lag = bool(row[0]), float(str(row[1]))
    if not standby:
        return Finding("reads", True, "没有可用的备库，查询由主库承担")
    found = f"查询由备库承担，落后 {lag:.1f} 秒"
    return Finding("reads", lag <= LAG, found, "patronictl list" if lag > LAG else "")


def _bouncer(url: URL) -> Iterator[Finding]:
    """Ask pgbouncer how it lends connections; where none is between, there is nothing to say."""
    try:
        with _console(url, BOUNCERS) as opened:
            told = {str(row[0]): str(row[1]) for row in opened.execute("SHOW CONFIG")}
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            line = "stats_users = govgrid"
            yield Finding("pgbouncer", False, "pgbouncer 不让 govgrid 查看其设置", line)
        return
    except psycopg.Error:
        return
    mode = told.get("pool_mode", "?")
    found = f"pool_mode 为 {mode}"
    yield Finding("pgbouncer", mode == "transaction", found, "pool_mode = transaction")


def _console(url: URL, database: str | None) -> closing[psycopg.Connection[tuple[object, ...]]]:
    plain = url.set(drivername="postgresql", database=database)
    address = plain.render_as_string(hide_password=False)
    return closing(psycopg.connect(address, autocommit=True, connect_timeout=5))

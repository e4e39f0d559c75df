"""What the doctor finds of a city's hosts."""

from dataclasses import replace
from datetime import datetime, timedelta

from govgrid.app import workers
from govgrid.db import Database
from govgrid.outbox.beats import beating, last_seen
from govgrid.press.press import Press
from govgrid.upkeep import city


def test_standbys() -> None:
    good = ("db2", "sync", 0.1, 100)
    assert city._standbys([good, ("db3", "async", 1.0, 0)], "db2").well
    for rows, said in (
        ([], "没有备库"),
        ([("db2", "async", 0.1, 0)], "未设置同步备库"),
        ([good, ("db3", "async", 60.0, 0)], "db3 落后过多"),
        ([good, ("db3", "async", 0.0, 2**30)], "db3 落后过多"),
    ):
        found = city._standbys(rows, "")
        assert said in found.found
        assert not found.well
        assert found.mend


def test_clocks_apart() -> None:
    assert city._clock(1.5).well
    assert city._clock(-3600).mend == "timedatectl set-ntp true"


def test_a_worker_is_seen(database: Database, at: datetime) -> None:
    step = beating()
    assert step(database, at) == 0
    step(database, at + timedelta(seconds=5))  # too soon for another sign
    with database.reading() as db:
        seen = last_seen(db)
    assert seen == at
    assert city._worker(seen, at + timedelta(seconds=30)).well
    assert not city._worker(seen, at + timedelta(minutes=5)).well
    assert not city._worker(None, at).well
    first, *_others = workers(database, lambda: at, Press.__new__(Press))
    assert first._steps[0].__qualname__ == "beating.<locals>.beat"


def test_a_database_without_a_standby(database: Database, at: datetime) -> None:
    if database.sqlite:
        return
    settings = replace(database.settings, standby_url=database.settings.database_url)
    other = Database(settings)
    found = {one.name: one for one in city.examine(other, at)}
    other.close()
    assert found["primary"].well
    assert found["clock"].well
    assert "没有备库" in found["standbys"].found
    assert "由主库承担" in found["reads"].found
    assert "pgbouncer" not in found

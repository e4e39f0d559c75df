"""kill -9 of a real worker in the middle of a batch; every step: `python -m benchmarks mail_kills`."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from govgrid.db import Database
from govgrid.outbox.actions import deliver
from tests.meetings.test_letters_sent import Office
from tests.outbox import sink
from tests.outbox.killing import Killing
from tests.upkeep.command import Running


@pytest.mark.usefixtures("engines_apart")
def test_a_killed_worker_loses_nothing_and_repeats_the_same_message(
    database: Database, at: datetime
) -> None:
    office = Office(database, at)
    office.confirm()

    def start(place: str) -> Running:
        return Running(replace(database.settings, smtp_url=f"smtp://{place}"), ("deliver",))

    killing = Killing(database, start)
    # One letter has left and is noted, one is taken and not noted, two are leased and untried.
    killing.at("taken", turn=2)
    with sink.serving(killing.take) as place:
        database.settings = replace(database.settings, smtp_url=f"smtp://{place}")
        while deliver(database, datetime.now(UTC)):
            pass
    assert (killing.lost(), killing.changed(), killing.copies()) == ([], [], 1)
    assert Counter(map(len, killing.arrived.values())) == {1: 3, 2: 1}

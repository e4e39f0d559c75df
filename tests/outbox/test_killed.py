"""kill -9 of a real worker: with the letter named, and with the letter taken but not noted."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from govgrid.db import Database
from tests.meetings.test_letters_sent import Office
from tests.outbox.killing import Killing, all_gone
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
    with all_gone(killing):
        killing.at("RCPT", turn=2)
        killing.at("taken")
    assert Counter(map(len, killing.arrived.values())) == {1: 3, 2: 1}

"""Kill `govgrid worker` at every step of delivery, on both engines, and count what arrived.

`python -m benchmarks mail_kills [--rounds N]`: N kills for each step and engine, each at a letter
drawn by lot. Fails where an invitation is lost, arrives more than once more per kill, or arrives
as another message.
"""

import argparse
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.engines import ENGINES, opened
from benchmarks.mails import AT, lay
from govgrid.db import Database
from govgrid.meetings.actions import plan
from govgrid.meetings.queries.seen import load_meeting
from tests.outbox.killing import DOUBTFUL, STEPS, Killing, all_gone
from tests.upkeep.command import FORKS, Running

PEOPLE = 60  # more than one batch
FIRST = 12  # how far into a batch a kill may fall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    rounds = parser.parse_args().rounds
    FORKS.set_forkserver_preload(["tests.upkeep.command", "govgrid.server", "govgrid.cli.serving"])
    for engine in ENGINES:
        with opened(engine) as database, TemporaryDirectory(prefix="govgrid-bench-") as archive:
            database.settings = replace(database.settings, archive=Path(archive))
            measure(engine, database, rounds)


def measure(engine: str, database: Database, rounds: int) -> None:
    kills = [step for step in STEPS for _round in range(rounds)]
    chance = random.Random(20261126)
    chance.shuffle(kills)
    actor = lay(database, 1 + len(kills) // 4, PEOPLE)
    for number in range(1, 2 + len(kills) // 4):
        with database.writing() as db:
            plan.confirm(db, actor, load_meeting(db, number), at=AT)

    def start(place: str) -> Running:
        return Running(replace(database.settings, smtp_url=f"smtp://{place}"), ("worker",))

    killing = Killing(database, start)
    with all_gone(killing):
        for step in kills:
            first = step in {"leased", "connect"}  # once a batch
            killing.at(step, turn=1 if first else chance.randint(1, FIRST))
    copies = Counter(map(len, killing.arrived.values()))
    doubtful = sum(step in DOUBTFUL for step in kills)
    print(
        f"{engine}: {len(kills)} kills, {doubtful} of them with a letter taken and not noted; "
        f"{len(killing.arrived)} letters arrived, {killing.copies()} a second time as the same "
        f"message ({dict(copies)}), lost {len(killing.lost())}"
    )


if __name__ == "__main__":
    main()

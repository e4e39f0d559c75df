"""Print signed minutes: CPU and wall seconds of a batch."""

import resource
import time

from govgrid.meetings.papers.minutes import print_many
from govgrid.press.press import Press
from govgrid.settings import Settings
from tests.meetings.papers.build import example_minutes

BATCH = 12


def main() -> None:
    settings = Settings.read()
    with Press.open(settings.vendor, settings.house_fonts) as press:
        documents = [example_minutes()] * BATCH
        print_many(press, documents[:2])
        wall = time.perf_counter()
        done = print_many(press, documents)
        wall = time.perf_counter() - wall
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = sum(isinstance(pdf, bytes) for pdf in done)
    print(f"minutes printed {printed}/{BATCH}, wall {wall / BATCH:.3f} s each")
    print(f"children's CPU {(cpu.ru_utime + cpu.ru_stime) / (BATCH + 2):.3f} s each")


if __name__ == "__main__":
    main()

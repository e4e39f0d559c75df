"""Hold papers of any seeds against the official form: `python -m benchmarks paper 1 2 3`."""

import sys
from random import SystemRandom

from govgrid.meetings.papers.minutes import print_minutes
from govgrid.press.press import Press
from govgrid.settings import Settings
from tests.meetings.papers.judge import judged
from tests.meetings.papers.seeded import seeded, twenty_pages


def main(given: list[str]) -> int:
    seeds = [int(one) for one in given] or [SystemRandom().randrange(10**6) for _ in range(5)]
    settings, off, count = Settings.read(), dict[str, float](), 0
    with Press.open(settings.vendor, settings.house_fonts) as press:
        for seed in seeds:
            for document in (seeded(seed), twenty_pages(seed)):
                pdf = print_minutes(press, document)
                same = print_minutes(press, document) == pdf
                verdict = judged(pdf, document)
                faults = [*verdict.faults, *([] if same else ["two prints differ"])]
                count += len(faults)
                off = {k: max(off.get(k, 0), v) for k, v in {**off, **verdict.off}.items()}
                print(f"seed {seed}: {len(faults)} faults")
                for fault in faults:
                    print(f"  {fault}")
    print("largest distance from the standard, mm:")
    for what, distance in sorted(off.items()):
        print(f"  {what:32} {distance:.3f}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

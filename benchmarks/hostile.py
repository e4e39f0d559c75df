"""Send files made to do harm to where people and programs send theirs.

`python -m benchmarks hostile [NAME…]`: each file of `hostile_files` goes through the real page,
command or interface, in a child of its own that may take ten seconds of CPU and 256 MiB beyond
what the application stands in. Fails where one crashes, is answered by 5xx, or takes more.
"""

import multiprocessing
import sys
import time
from collections import Counter
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from benchmarks.hostile_entries import MIB, Outcome, lay, take
from benchmarks.hostile_files import FILES

PATIENCE = 300  # seconds for one file on a busy machine

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["benchmarks.hostile_entries"])


def try_one(name: str, world: Path) -> Outcome:
    """Send a file into a copy of the world."""
    with TemporaryDirectory(prefix="govgrid-hostile-") as place:
        folder = Path(place) / "world"
        copytree(world, folder)
        receiver, sender = FORKS.Pipe(duplex=False)
        child = FORKS.Process(target=take, args=(name, folder, sender))
        child.start()
        sender.close()
        try:
            if not receiver.poll(PATIENCE):
                return Outcome(0, f"no answer in {PATIENCE} s", 0, 0)
            found: Outcome = receiver.recv()
        except EOFError:
            child.join()
            return Outcome(0, f"the process ended with {child.exitcode}", 0, 0)
        finally:
            child.kill()
            child.join()
        return found


def main() -> None:
    wanted = sys.argv[1:] or list(FILES)
    begun, faults, statuses = time.monotonic(), [], Counter[int]()
    slowest, largest = ("", 0.0), ("", 0)
    with TemporaryDirectory(prefix="govgrid-hostile-") as place:
        world = Path(place)
        lay(world)
        for name in wanted:
            found = try_one(name, world)
            statuses[found.status] += 1
            slowest = max(slowest, (name, found.seconds), key=lambda one: one[1])
            largest = max(largest, (name, found.memory), key=lambda one: one[1])
            if fault := found.fault():
                faults.append(f"{name}: {fault}")
                print(f"FAILED {name}: {fault}", flush=True)
    told = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
    print(
        f"{len(wanted)} hostile files in {time.monotonic() - begun:.0f} s ({told}); at most "
        f"{slowest[1]:.1f} s of CPU ({slowest[0]}) and {largest[1] // MIB} MiB ({largest[0]})"
    )
    if faults:
        sys.exit(f"{len(faults)} files did harm")


if __name__ == "__main__":
    main()

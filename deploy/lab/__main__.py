"""`python -m deploy.lab [kills N | cuts SECONDS [HOST] | upgrade FOLDER | pitr]`, as root.

Without words: start the city setup and keep it until Enter is pressed. `upgrade` starts with the
release in the folder, a checkout that is set up, and ends with this one.
"""

import sys
import tempfile
from pathlib import Path

from deploy.lab import moments, trials
from deploy.lab.city import city
from deploy.lab.hosts import Lab
from scripts import debian


def main() -> None:
    """Start everything, do what is asked, stop at the end."""
    debian.install(debian.TO_RUN_LAB)
    with (
        tempfile.TemporaryDirectory(prefix="govgrid-lab-", dir="/var/tmp") as folder,
        city(Path(folder), _release(*sys.argv[1:])) as lab,
    ):
        trials.lay(lab)
        _do(lab, *sys.argv[1:])


def _release(what: str = "", *given: str) -> Path | None:
    return Path(given[0]).resolve() if what == "upgrade" else None


def _do(lab: Lab, what: str = "", *given: str) -> None:
    if what == "kills":
        trials.kills(lab, int(given[0]))
    elif what == "cuts":
        trials.cuts(lab, float(given[0]), *given[1:])
    elif what == "upgrade":
        trials.upgrade(lab)
    elif what == "pitr":
        moments.pitr(lab)
    else:
        print(f"web      {lab.environment()['GOVGRID_PUBLIC_URL']} (inside the lab's network)")
        print(f"folder   {lab.folder}")
        print("hosts    ip netns exec gglab-web1 …")
        sys.stdin.readline()


main()

"""`python -m deploy.lab`: start the city setup on this machine until Enter is pressed; as root."""

import sys
import tempfile
from pathlib import Path

from deploy.lab.city import city


def main() -> None:
    """Start everything, say where it is, stop at the end."""
    with tempfile.TemporaryDirectory(prefix="govgrid-lab-", dir="/var/tmp") as folder:  # noqa: S108
        with city(Path(folder)) as lab:
            print(f"web      {lab.environment()['GOVGRID_PUBLIC_URL']} (inside the lab's network)")
            print(f"folder   {folder}")
            print("hosts    ip netns exec gglab-web1 …")
            sys.stdin.readline()


main()

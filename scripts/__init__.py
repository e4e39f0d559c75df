"""Set-up, checks and upkeep of a checkout; nothing here is installed with the program."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # the set-up runs before anything could enforce it
    sys.exit(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}")

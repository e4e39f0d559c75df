"""Compare a migrated database with the models, or write the revision between: --revise TEXT."""

import sys

from govgrid import schema
from govgrid.db import Database
from govgrid.settings import Settings


def main() -> int:
    database = Database(Settings.read())
    if sys.argv[1:2] == ["--revise"]:
        schema.revise(database, sys.argv[2])
        return 0
    found = schema.differences(database)
    for difference in found:
        print(f"the models and the migrations differ: {difference}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

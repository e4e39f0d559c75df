"""`python -m deploy.lab.digests URL`: rows and digest of every table, one JSON document."""

import json
import sys
from dataclasses import replace

from govgrid import schema
from govgrid.db import Database, metadata
from govgrid.settings import Settings
from govgrid.upkeep.rows import digest

if __name__ == "__main__":
    schema.load_models()
    database = Database(replace(Settings.read(), database_url=sys.argv[1], standby_url=""))
    with database.reading() as db:
        found = {table.name: digest(db.connection(), table) for table in metadata.sorted_tables}
    json.dump({name: [one.rows, one.text] for name, one in found.items()}, sys.stdout)
    database.close()

"""The command line's rates against a count by hand of the same sheets, on fresh random cities."""

from pathlib import Path

import pytest

from benchmarks.rates_check import check
from govgrid.db import Database


@pytest.mark.parametrize("seed", [20261126])
def test_the_command_counts_as_by_hand(database: Database, tmp_path: Path, seed: int) -> None:
    secret = database.settings.secret
    asked, figures, faults = check(database, secret, tmp_path, seed, 600, every=29)
    assert faults == []
    assert (asked > 15, figures > 1000) == (True, True)

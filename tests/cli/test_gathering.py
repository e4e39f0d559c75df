"""The gathered commands: each is where the table says, and knows how to present itself."""

import click
import pytest
from click.testing import CliRunner

from govgrid.cli.gathered import COMMANDS, cli


def test_every_command_is_found_and_says_what_it_does() -> None:
    answer = CliRunner().invoke(cli, ["--help"], terminal_width=200)
    assert answer.exit_code == 0
    for name in COMMANDS:
        found = cli.get_command(click.Context(cli), name)
        assert found is not None
        assert found.name == name
        assert found.get_short_help_str(150) in answer.output.replace("\n", " ")


@pytest.mark.parametrize("arguments", [["nonsense"], ["rates"], ["import", "dreams", "x.csv"]])
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).exit_code == 2

"""The commands by name; exit 0 done, 1 refused, 2 wrong usage, 130 interrupted."""

import getpass
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from govgrid import logs
from govgrid.cli.ending import interruptible
from govgrid.errors import Refusal
from govgrid.origin import started_from

# Where each command stands in govgrid/cli: only what is called is loaded, web and database are heavy.
COMMANDS = {
    "account": "accounts",
    "backup": "keeping",
    "coverage": "figures",
    "deliver": "letters",
    "demo": "demo",
    "doctor": "doctor",
    "drill": "keeping",
    "export": "sheets",
    "import": "sheets",
    "invite": "meetings",
    "migrate": "schema",
    "migrate-to": "moving",
    "minutes": "meetings",
    "plan": "planning",
    "rates": "figures",
    "replies": "letters",
    "report": "reports",
    "restore": "keeping",
    "serve": "serving",
    "solve": "solve",
    "verify": "keeping",
    "template": "sheets",
    "undo-coverage": "figures",
    "worker": "serving",
}


class Gathered(click.Group):
    """The commands of all modules, each loaded when it is asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = import_module(f"govgrid.cli.{COMMANDS[name]}")
        return next(
            found
            for found in vars(module).values()
            if isinstance(found, click.Command) and found.name == name
        )

    def invoke(self, context: click.Context) -> Any:
        with interruptible():
            return super().invoke(context)


@click.group(cls=Gathered, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Joint meetings, grids and old-compound coverage for grassroots offices."""


def run() -> None:
    """Run the command line; a refusal is one message on stderr and exit 1."""
    logs.set_up("text")
    try:
        with started_from(f"cli:{getpass.getuser()}"):
            cli()
    except Refusal as refusal:
        _refuse(str(refusal))
    except OSError as error:
        _refuse(f"无法读写“{error.filename or ''}”：{error.strerror or error}")
    except Exception as error:
        # a command that opens no database does without what tells its faults
        from govgrid.cli.given import unusable  # noqa: PLC0415

        if why := unusable(error):
            _refuse(f"数据库无法使用：{why}。运行 govgrid doctor 可查看原因。")
        raise


def _refuse(text: str) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(1)

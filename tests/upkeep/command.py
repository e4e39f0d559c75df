"""The command line in a process of its own, forked from one that has loaded it once."""

import json
import multiprocessing
import os
import sys
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from govgrid.__main__ import main
from govgrid.settings import Settings

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [__name__, "govgrid.cli.keeping", "govgrid.cli.doctor", "govgrid.cli.letters"]
)


def _govgrid(environment: dict[str, str], told: str, arguments: tuple[str, ...]) -> None:
    os.environ.update(environment)
    sys.argv = ["govgrid", *arguments]
    for stream, name in ((sys.stdout, "out"), (sys.stderr, "said")):
        os.dup2(os.open(Path(told) / name, os.O_CREAT | os.O_WRONLY), stream.fileno())
    main()


class Running:
    """A command under way; `stop` kills it at once."""

    def __init__(self, settings: Settings, arguments: tuple[str, ...]) -> None:
        self.told = Path(mkdtemp(prefix="govgrid-command-"))
        environment = {
            "GOVGRID_DATABASE_URL": settings.database_url,
            "GOVGRID_SECRET": settings.secret,
            "GOVGRID_ARCHIVE": str(settings.archive),
            "GOVGRID_SMTP_URL": settings.smtp_url,
        }
        given = (environment, str(self.told), arguments)
        self.process: ForkServerProcess = FORKS.Process(target=_govgrid, args=given)
        self.process.start()

    def kill(self) -> int | None:
        """Kill it; return its exit code, negative where the signal came in time."""
        self.process.kill()
        self.process.join()
        rmtree(self.told)
        return self.process.exitcode

    def end(self, status: int) -> tuple[str, str]:
        """Wait for its end; return stdout and stderr."""
        self.process.join(timeout=100)
        out, said = [(self.told / name).read_text("utf-8") for name in ("out", "said")]
        rmtree(self.told)
        assert self.process.exitcode == status, out + said
        return out, said


@dataclass(frozen=True)
class Command:
    """The command line of an installation."""

    settings: Settings

    def start(self, *arguments: str) -> Running:
        return Running(self.settings, arguments)

    def run(self, *arguments: str, status: int = 0) -> str:
        """Return stdout and stderr together."""
        return "".join(self.start(*arguments).end(status))

    def json(self, *arguments: str, status: int = 0) -> object:
        return json.loads(self.start(*arguments, "--json").end(status)[0])

"""A PostgreSQL of our own from the system's binaries, for tests and measurements."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c max_connections=60"
)


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster that ends with the block; yield its socket folder. The user is `govgrid`."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    home = Path(
        subprocess.check_output(["mktemp", "-d", "/tmp/govgrid-pg-XXXXXX"], text=True).strip()
    )
    run = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if run:
        os.chown(home, pwd.getpwnam("postgres").pw_uid, -1)
    data, log = str(home / "data"), str(home / "log")

    def pg(*command: str) -> None:
        subprocess.run([*run, *command], check=True, cwd=home, stdout=subprocess.DEVNULL)

    pg(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "govgrid", "--no-sync",
       "-E", "UTF8", "--locale=C")  # fmt: skip
    control = str(binaries / "pg_ctl")
    pg(control, "-D", data, "-l", log, "-w", "-o", f"-k {home} {OPTIONS}", "start")
    try:
        yield str(home)
    finally:
        pg(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)

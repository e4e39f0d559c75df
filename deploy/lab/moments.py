"""Back to a moment: a base backup and the archived log bring the database to between two writes."""

import json
import subprocess
import sys
import time

from deploy.lab import net
from deploy.lab.city import primary, wait
from deploy.lab.hosts import DATABASES, POSTGRES, ROOT, WEB, WORKERS, Lab
from deploy.lab.trials import People

PORT = 5499
PLACE = "client"  # the host where the database of that moment is looked at
BINARIES = "/usr/lib/postgresql/15/bin"
LATER = """代码,名称,层级,上级代码
510107001002,后来社区,社区,510107001
"""


def pitr(lab: Lab) -> None:
    """Copy the base, write, note the moment, write again, go back, compare row by row."""
    leads = primary()
    assert leads is not None
    there = net.address(DATABASES[leads])
    base = lab.folder / PLACE / "base"
    _as_postgres(
        lab, "pg_basebackup", f"--pgdata={base}", "--checkpoint=fast",
        f"--dbname=postgresql://replicator:{lab.passwords['replicator']}@{there}:5432/",
    )  # fmt: skip
    people = People(lab, 10).heard()
    for host in WORKERS:
        lab.stop(host, "worker")
    for host in WEB:
        lab.stop(host, "serve")
    before = _digests(lab, lab.url())
    moment = _ask(lab, "SELECT clock_timestamp()")
    time.sleep(2)
    file = lab.folder / "later.csv"
    file.write_text(LATER, "utf-8")
    lab.govgrid("import", "areas", str(file))
    _archived(lab, leads)
    begun = time.monotonic()
    _recover(lab, str(base), moment)
    address = lab.url().replace(f"@{net.address(20)}:5000", f"@{net.address(50)}:{PORT}")
    wait(lambda: bool(_ask(lab, "SELECT 1", address)), "the database of that moment")
    wait(lambda: _ask(lab, "SELECT pg_get_wal_replay_pause_state()", address) == "paused", "it")
    took, back, now = time.monotonic() - begun, _digests(lab, address), _digests(lab, lab.url())
    rows = sum(int(str(count)) for count, _digest in back.values())
    odd = [name for name in before if back[name] != before[name]]
    since = [name for name in before if now[name] != before[name]]
    print(
        f"pitr: back at {moment} in {took:.1f} s, {rows} rows with {people.kept} reports,"
        f" tables that differ from that moment: {', '.join(odd) or 'none'};"
        f" changed since: {', '.join(since)}",
        flush=True,
    )
    if odd or not since:
        sys.exit(1)


def _archived(lab: Lab, leads: str) -> None:
    """Wait until the log up to now lies in the archive."""
    name = _ask(lab, "SELECT pg_walfile_name(pg_current_wal_lsn())", lab.superuser(leads))
    _ask(lab, "SELECT pg_switch_wal()", lab.superuser(leads))
    wait((lab.folder / "wal" / name).is_file, f"{name} in the archive")


def _recover(lab: Lab, base: str, moment: str) -> None:
    set_to = {
        "listen_addresses": net.address(50),
        "port": str(PORT),
        "unix_socket_directories": f"{base}",
        "restore_command": f"cp {lab.folder / 'wal'}/%f %p",
        "recovery_target_time": moment,
        "recovery_target_action": "pause",
        "archive_mode": "off",
        "primary_conninfo": "",
        "primary_slot_name": "",
        "synchronous_standby_names": "",
        "hot_standby": "on",
        "shared_buffers": "64MB",
        # No fewer than where the log was written.
        "max_connections": "200",
        "max_wal_senders": "10",
    }
    _as_postgres(lab, "touch", f"{base}/recovery.signal", program=False)
    given = [word for name, value in set_to.items() for word in ("-c", f"{name}={value}")]
    lab.start(PLACE, "postgres", *POSTGRES, f"{BINARIES}/postgres", "-D", base, *given)


def _as_postgres(lab: Lab, name: str, *given: str, program: bool = True) -> None:
    home = lab.folder / PLACE
    command = f"{BINARIES}/{name}" if program else name
    net.run("chown", "postgres", str(home))
    net.run(*net.inside(PLACE, *POSTGRES, command, *given))


def _ask(lab: Lab, question: str, address: str = "") -> str:
    asked = net.inside(PLACE, "psql", address or lab.url(), "-Atc", question)
    return net.run(*asked, check=False).strip()


def _digests(lab: Lab, address: str) -> dict[str, list[object]]:
    done = subprocess.run(
        net.inside(PLACE, sys.executable, "-m", "deploy.lab.digests", address),
        env=lab.environment(), cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found

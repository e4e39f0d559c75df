"""Debian packages: the installed ones the program needs, and single files out of others."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.steps import STATE, Command, Problem, run, say, succeeds

# A newly installed PostgreSQL creates and starts a cluster of its own; the tests start theirs.
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/govgrid.conf")
# A newly installed server would answer on this machine's network; tests and lab start their own.
NO_SERVICE = Path("/usr/sbin/policy-rc.d")
SERVERS = {"dovecot-imapd", "patroni", "etcd-server", "pgbouncer", "haproxy"}
OWN_LISTS = STATE / "apt"


def has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_command(name: str) -> bool:
    return shutil.which(name) is not None


def has_postgres() -> bool:
    return has_command("postgres") or any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


Presence = Mapping[str, Callable[[], bool]]
TO_RUN: Presence = {
    "libpangoft2-1.0-0": lambda: has_library("libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": lambda: has_library("libharfbuzz-subset.so.0"),
}
TO_TEST: Presence = {
    **TO_RUN,
    # Half the work of the whole browser, which it is without windows.
    "chromium-headless-shell": lambda: has_command("chromium-headless-shell"),
    "postgresql": has_postgres,
    "poppler-utils": lambda: has_command("pdftotext"),
    "dovecot-imapd": lambda: Path("/usr/lib/dovecot/imap").exists(),
    "qpdf": lambda: has_command("qpdf"),
    "libatomic1": lambda: has_library("libatomic.so.1"),  # Playwright's own node needs it
}
TO_RUN_LAB: Presence = {
    **TO_RUN,
    "postgresql": has_postgres,
    "patroni": lambda: has_command("patroni"),
    "python3-etcd": lambda: Path("/usr/lib/python3/dist-packages/etcd").is_dir(),
    "etcd-server": lambda: has_command("etcd"),
    "etcd-client": lambda: has_command("etcdctl"),
    "pgbouncer": lambda: has_command("pgbouncer"),
    "haproxy": lambda: has_command("haproxy"),
    "nftables": lambda: has_command("nft"),
    "iproute2": lambda: has_command("ip"),
    "procps": lambda: has_command("sysctl"),
    "socat": lambda: has_command("socat"),
    "curl": lambda: has_command("curl"),
}


def missing(wanted: Presence) -> list[str]:
    return [package for package, is_present in wanted.items() if not is_present()]


def install(wanted: Presence) -> None:
    """Install what is missing as root or by sudo; otherwise raise Problem with the line to run."""
    packages = missing(wanted)
    if not packages:
        return
    if not has_command("apt-get"):
        raise Problem(f"install what Debian calls {' '.join(packages)}, then try again")
    if os.geteuid() == 0:
        prefix = []
    elif has_command("sudo") and succeeds(["sudo", "-n", "true"]):
        prefix = ["sudo", "-n"]
    else:
        raise Problem(f"run this, then try again:\n  sudo sh -c '{one_line(packages)}'")
    say(f"installing {' '.join(packages)}")
    run([*prefix, "sh", "-ec", install_script(packages)])
    if packages := missing(wanted):
        raise Problem(f"installed, yet not found: {' '.join(packages)}")


def one_line(packages: Sequence[str]) -> str:
    return f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"


def install_script(packages: Sequence[str]) -> str:
    without_cluster = (
        f"mkdir -p {NO_CLUSTER.parent}\n"
        f"echo 'create_main_cluster = false' > {NO_CLUSTER}\n"
        f"left={NO_CLUSTER}\n"
    )
    without_service = (
        f"[ -e {NO_SERVICE} ] || {{ printf '#!/bin/sh\\nexit 101\\n' > {NO_SERVICE};"
        f' chmod 755 {NO_SERVICE}; left="$left {NO_SERVICE}"; }}\n'
    )
    return (
        "left=\ntrap 'rm -f $left' EXIT\n"
        + (without_cluster if "postgresql" in packages else "")
        + (without_service if SERVERS.intersection(packages) else "")
        + "export DEBIAN_FRONTEND=noninteractive\n"
        + "apt-get -q update\n"
        + "apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "
        + " ".join(packages)
    )


def fetch(package: str, patterns: Sequence[str], into: Path) -> None:
    """Put those files of a package into a folder; apt checks the package, nothing is installed."""
    if not has_command("apt-get"):
        raise Problem(f"{', '.join(patterns)} of Debian's {package}: no apt-get here to fetch it")
    with tempfile.TemporaryDirectory(dir=STATE) as scratch:
        folder = Path(scratch)
        run(["dpkg-deb", "-x", download(package, folder), folder])
        for pattern in patterns:
            for path in folder.glob(pattern):
                shutil.copy(path, into)


def download(package: str, folder: Path) -> Path:
    """Download by the system's package lists, or by lists of our own where those are of no use."""
    apt: Command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root"]
    in_folder: Command = ["sh", "-c", 'cd "$0" && exec "$@"', folder]
    if not succeeds([*in_folder, *apt, "download", package]):
        lists, cache = OWN_LISTS / "lists", OWN_LISTS / "cache"
        for part in (lists, cache / "archives"):
            (part / "partial").mkdir(parents=True, exist_ok=True)
        apt = [*apt, "-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={cache}"]
        run([*apt, "update"])
        run([*in_folder, *apt, "download", package])
    return next(folder.glob("*.deb"))


def forget_own_lists() -> None:
    shutil.rmtree(OWN_LISTS, ignore_errors=True)

"""What runs on each host of the lab: the configuration files of this folder, filled in."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from deploy.lab.net import NETWORK, address, inside, run

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent
DATABASES = {"db1": 11, "db2": 12, "db3": 13}
BALANCER = {"lb": 20}
WEB = {"web1": 31, "web2": 32}
WORKERS = {"work1": 41, "work2": 42}
CLIENT = {"client": 50}
HOSTS = {**DATABASES, **BALANCER, **WEB, **WORKERS, **CLIENT}
LB = address(BALANCER["lb"])
POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups")


@dataclass
class Lab:
    """The lab's folder, secrets and processes."""

    folder: Path
    code: Path
    passwords: dict[str, str] = field(default_factory=dict)
    running: dict[tuple[str, str], subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for who in ("govgrid", "postgres", "replicator", "rewind"):
            self.passwords.setdefault(who, secrets.token_hex(12))
        self.secret = secrets.token_hex(32)
        self.metrics = secrets.token_hex(16)
        self.folder.chmod(0o755)
        for name in HOSTS:
            (self.folder / name).mkdir(exist_ok=True)
        for name in ("wal", "archive", *DATABASES):
            (self.folder / name).mkdir(exist_ok=True)
            shutil.chown(self.folder / name, "postgres", "postgres")
        (self.folder / "archive").chmod(0o777)

    def url(self, port: int = 5000) -> str:
        """Return the database's address: 5000 the primary, 5001 what may lag."""
        return f"postgresql://govgrid:{self.passwords['govgrid']}@{LB}:{port}/govgrid"

    def superuser(self, host: str) -> str:
        """Return the address by which an administrator reaches a host's PostgreSQL itself."""
        there = address(HOSTS[host])
        return f"postgresql://postgres:{self.passwords['postgres']}@{there}:5432/govgrid"

    def environment(self) -> dict[str, str]:
        """Return what every govgrid process of the city is started with."""
        return {
            "PATH": os.environ["PATH"],
            "GOVGRID_DATABASE_URL": self.url(),
            "GOVGRID_STANDBY_URL": self.url(5001),
            "GOVGRID_SECRET": self.secret,
            "GOVGRID_PUBLIC_URL": f"http://{LB}:8000",
            "GOVGRID_ARCHIVE": str(self.folder / "archive"),
            "GOVGRID_SMTP_URL": f"file:{self.folder / 'mail'}",
            "GOVGRID_METRICS_TOKEN": self.metrics,
            "GOVGRID_TRUSTED_PROXIES": LB,
            "GOVGRID_LOG": "json",
            "GOVGRID_ONE_CLICK_HOURLY": "100000",
        }

    def start(self, host: str, name: str, *command: str, **more: str) -> None:
        """Start a process on a host, its output in a file of the lab's folder."""
        log = (self.folder / host / f"{name}.log").open("ab")
        self.running[host, name] = subprocess.Popen(
            inside(host, *command), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], **more}, start_new_session=True, cwd=self.folder / host,
        )  # fmt: skip

    def stop(self, host: str, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal to a process and all that it started, and wait for its end."""
        process = self.running.pop((host, name), None)
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, number)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop_all(self) -> None:
        """Stop everything, the last started first."""
        for host, name in reversed(list(self.running)):
            self.stop(host, name, signal.SIGKILL)
        for host in DATABASES:
            stop_postgresql(self.folder / host)

    def filled(self, file: str, host: str, **more: str) -> Path:
        """Return a configuration file of this folder, filled in for a host."""
        values: Mapping[str, str] = {
            "name": host,
            "address": address(HOSTS[host]),
            "ADDRESS": address(HOSTS[host]),
            "state": str(self.folder / host),
            "network": NETWORK,
            "etcd_members": ",".join(f"{n}=http://{address(i)}:2380" for n, i in DATABASES.items()),
            "etcd_hosts": ",".join(f"{address(i)}:2379" for i in DATABASES.values()),
            "post_bootstrap": str(HERE / "patroni" / "post_bootstrap.sh"),
            "wal_archive": str(self.folder / "wal"),
            "shared_buffers": "512MB",
            "watchdog": "off",
            "public_host": LB,
            "primary_servers": _servers(DATABASES, 6432),
            "standby_servers": _servers(DATABASES, 6432),
            "web_servers": _servers(WEB, 8000),
            **{f"{who}_password": word for who, word in self.passwords.items()},
            **more,
        }
        target = self.folder / host / Path(file).name
        target.write_text(Template((HERE / file).read_text()).substitute(values))
        return target

    def start_database(self, host: str) -> None:
        """Start etcd, Patroni with its PostgreSQL, and pgbouncer."""
        self.start_etcd(host)
        self.start_patroni(host)
        users = self.folder / host / "pgbouncer.users"
        users.write_text(f'"govgrid" "{self.passwords["govgrid"]}"\n')
        (self.folder / host / "pgbouncer.pid").unlink(missing_ok=True)
        bouncer = self.filled("pgbouncer/pgbouncer.ini", host)
        self.start(host, "pgbouncer", *POSTGRES, "pgbouncer", str(bouncer))

    def start_etcd(self, host: str) -> None:
        """Start the host's etcd."""
        given = self.filled("etcd/etcd.conf.yml", host)
        self.start(host, "etcd", *POSTGRES, "etcd", "--config-file", str(given))

    def start_patroni(self, host: str) -> None:
        """Start the host's Patroni, which starts PostgreSQL."""
        given = self.filled("patroni/patroni.yml", host)
        self.start(
            host, "patroni", *POSTGRES, "patroni", str(given),
            GOVGRID_PASSWORD=self.passwords["govgrid"],
        )  # fmt: skip

    def start_balancer(self) -> None:
        """Start haproxy."""
        self.start("lb", "haproxy", "haproxy", "-f", str(self.filled("haproxy/haproxy.cfg", "lb")))

    def start_web(self, host: str, code: Path | None = None, workers: int = 1) -> None:
        """Start a web server; perhaps another release's."""
        self.start(
            host, "serve", str((code or self.code) / ".venv/bin/govgrid"), "serve",
            "--host", address(HOSTS[host]), "--workers", str(workers),
            **self.environment(), GOVGRID_WEB_ONLY="1", GOVGRID_DRAIN_SECONDS="3",
        )  # fmt: skip

    def start_worker(self, host: str, code: Path | None = None) -> None:
        """Start a worker; perhaps another release's."""
        command = (str((code or self.code) / ".venv/bin/govgrid"), "worker")
        self.start(host, "worker", *command, **self.environment())

    def govgrid(self, *arguments: str, code: Path | None = None) -> str:
        """Run a govgrid command on the first web host; return what it says."""
        done = subprocess.run(
            inside("web1", str((code or self.code) / ".venv/bin/govgrid"), *arguments),
            env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            sys.stderr.write(done.stderr)
            done.check_returncode()
        return done.stdout


def stop_postgresql(state: Path) -> None:
    """Kill the PostgreSQL of a host, with everything it started."""
    pid = state / "postgresql" / "postmaster.pid"
    if not pid.exists():
        return
    number = int(pid.read_text().splitlines()[0])
    for one in (*_children(number), number):
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue
    time.sleep(0.2)


def _children(parent: int) -> list[int]:
    return [int(line) for line in run("pgrep", "-P", str(parent), check=False).split()]


def _servers(hosts: dict[str, int], port: int) -> str:
    return "\n".join(f"    server {n} {address(i)}:{port} check" for n, i in hosts.items())

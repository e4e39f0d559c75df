"""What the city setup bears: a killed primary, a cut cable, an upgrade, all while people report."""

import json
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from deploy.lab import net, plans
from deploy.lab.city import leaders, primary, standbys, status, synchronous, wait
from deploy.lab.client import BROWSER
from deploy.lab.hosts import (
    DATABASES,
    HOSTS,
    LB,
    ROOT,
    WEB,
    WORKERS,
    Lab,
    stop_postgresql,
)
from govgrid.web import csrf

RATE = 20  # reports a second
DISTRICT, COMPOUND = "510107", "LAB-1"
AREAS = """代码,名称,层级,上级代码
5101,成都市,市,
510107,武侯区,区县,5101
510107001,浆洗街街道,街道,510107
510107001001,洗面桥社区,社区,510107001
"""
OFFICERS = """人员编号,姓名,职务,任职对象
LAB-1,周书记,社区书记,510107001001
LAB-2,张警官,社区民警,510107001001
LAB-3,钱经理,项目经理,LAB-1
"""
COMPOUNDS = f"""小区编号,小区名称,小区类型,社区代码
{COMPOUND},洗面桥小区,商品房小区,510107001001
"""


@dataclass
class Heard:
    """What people met with: tries, those acknowledged, failed ones, the longest silence."""

    tries: int
    kept: int
    failed: dict[int, int]
    silence: float
    p99: float
    lost: list[str]
    unseen: list[str]

    def line(self) -> str:
        """Return it in words."""
        failed = ", ".join(f"{count} × {status}" for status, count in sorted(self.failed.items()))
        return (
            f"{self.tries} reports, {self.kept} acknowledged, {len(self.lost)} of them lost;"
            f" not taken: {failed or 'none'}; longest without one taken {self.silence:.1f} s,"
            f" p99 {self.p99 * 1000:.0f} ms; {len(self.unseen)} not seen by their writer's next page"
        )


def lay(lab: Lab) -> None:
    """Import one district with one compound."""
    for kind, text in (("areas", AREAS), ("compounds", COMPOUNDS), ("officers", OFFICERS)):
        file = lab.folder / f"{kind}.csv"
        file.write_text(text, "utf-8")
        lab.govgrid("import", kind, str(file))
    password = f"--password={secrets.token_urlsafe(16)}"
    lab.govgrid("account", "add", plans.LOGIN, "--officer", "LAB-1", password)


class Planner:
    """The secretary who has months planned, in a process of its own."""

    def __init__(self, lab: Lab, seconds: float) -> None:
        self._process = subprocess.Popen(
            net.inside("web2", sys.executable, "-m", "deploy.lab.plans", str(seconds)),
            stdout=subprocess.PIPE, cwd=ROOT, text=True, env=lab.environment(),
        )  # fmt: skip

    def line(self) -> str:
        """Wait for the end; say what became of the months."""
        said, _none = self._process.communicate()
        if self._process.returncode:
            return "no plans"
        found = json.loads(said)
        return (
            f"{found['runs']} plans of {found['asked']} asked for, {found['done']} done,"
            f" {found['failed']} failed, {found['odd']} with lines too many or few"
        )


class People:
    """Residents at work in a process of their own."""

    def __init__(self, lab: Lab, seconds: float) -> None:
        token = csrf.token(lab.secret, BROWSER, "")
        command = (
            sys.executable, "-m", "deploy.lab.client", LB, "8000", DISTRICT, COMPOUND, token,
            str(seconds), str(RATE),
        )  # fmt: skip
        self._process = subprocess.Popen(
            net.inside("client", *command), stdout=subprocess.PIPE, cwd=ROOT, text=True
        )

    def heard(self) -> Heard:
        """Wait for their end; return what they met with."""
        said, _none = self._process.communicate()
        found = json.loads(said)
        tries = sorted(found["tries"])
        kept = [(begun, took) for begun, took, status, _code in tries if status == 303]
        failed: dict[int, int] = {}
        for _begun, _took, status, _code in tries:
            if status != 303:
                failed[status] = failed.get(status, 0) + 1
        ends = [found["begun"], *sorted(begun + took for begun, took in kept)]
        silence = max(later - sooner for sooner, later in pairwise(ends))
        took = sorted(took for _begun, took in kept)
        p99 = took[len(took) * 99 // 100]
        return Heard(len(tries), len(kept), failed, silence, p99, found["lost"], found["unseen"])


def healthy() -> bool:
    """Tell whether one host leads, two follow, one of them synchronously."""
    return primary() is not None and len(standbys()) == 2 and len(synchronous()) == 1


def kills(lab: Lab, times: int) -> None:
    """Kill the primary again and again, in turn its PostgreSQL and the whole host."""
    for number in range(times):
        wait(healthy, "a healthy cluster", 180)
        people = People(lab, 45)
        time.sleep(5)
        old = primary()
        assert old is not None
        if number % 2:
            for name in ("patroni", "pgbouncer", "etcd"):
                lab.stop(old, name, signal.SIGKILL)
        stop_postgresql(lab.folder / old)
        time.sleep(35)
        if number % 2:
            lab.start_database(old)
        heard = people.heard()
        what = "host" if number % 2 else "PostgreSQL"
        print(f"kill {number + 1} ({what} of {old}): {heard.line()}", flush=True)


def cuts(lab: Lab, seconds: float, only: str = "") -> None:
    """Cut each link in turn."""
    for one, other in _links():
        if only and only not in {one, other}:
            continue
        wait(healthy, "a healthy cluster", 180)
        wait(lambda: status(LB, 8000, "/readyz") == 200, "the web", 180)
        before, people, planner = primary(), People(lab, seconds + 40), Planner(lab, seconds + 20)
        time.sleep(5)
        net.cut(one, other)
        most, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            most = max(most, len(leaders()))
            time.sleep(1)
        net.mend(list(HOSTS))
        heard = people.heard()
        after = primary()
        moved = (
            f"the primary moved from {before} to {after}"
            if before != after
            else f"{before} leads on"
        )
        print(
            f"cut {one} from {other}: {moved}, at most {most} led; {heard.line()};"
            f" {planner.line()}",
            flush=True,
        )


def _links() -> Iterator[tuple[str, str]]:
    names = list(DATABASES)
    yield from ((names[0], names[1]), (names[0], names[2]), (names[1], names[2]))
    for host in ("lb", "work1"):
        yield from ((host, name) for name in names if host == "lb")
    yield from (("lb", host) for host in (*WEB, "work1"))


def upgrade(lab: Lab, code: Path = ROOT) -> None:
    """Bring the running release to the one in `code`, host by host, while people report."""
    people = People(lab, 120)
    time.sleep(5)
    if not (lab.code / "govgrid" / "readiness.py").is_file():
        for host in WEB:  # a release that takes every newer schema for one it cannot serve
            _haproxy(lab, f"disable health govgrid/{host}")
    began = time.monotonic()
    said = lab.govgrid("migrate", code=code).strip() or "migrated"
    print(f"upgrade: {said} in {time.monotonic() - began:.1f} s, old servers go on", flush=True)
    time.sleep(10)
    for host in WEB:
        with drained(lab, host):
            lab.stop(host, "serve")
            lab.start_web(host, code)
            _haproxy(lab, f"enable health govgrid/{host}")
            wait(partial(_answers, host), f"{host} of the new release", 90)
        wait(partial(_up, lab, host), f"{host} in use again", 60)
        time.sleep(6)  # slowstart
    for host in WORKERS:
        lab.stop(host, "worker")
        lab.start_worker(host, code)
    heard = people.heard()
    print(f"upgrade: {heard.line()}", flush=True)
    if heard.failed or heard.lost or heard.unseen:
        sys.exit(1)


def _answers(host: str) -> bool:
    asked = f"http://{net.address(HOSTS[host])}:8000/readyz"
    name = ("-H", f"Host: {LB}")
    command = net.inside(host, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *name, asked)
    return net.run(*command, check=False) == "200"


@contextmanager
def drained(lab: Lab, host: str) -> Iterator[None]:
    """Let haproxy give the server nothing new; afterwards again."""
    _haproxy(lab, f"set server govgrid/{host} state drain")
    time.sleep(2)
    yield
    _haproxy(lab, f"set server govgrid/{host} state ready")


def _up(lab: Lab, host: str) -> bool:
    rows = _haproxy(lab, "show stat").splitlines()
    return any(row.startswith(f"govgrid,{host},") and ",UP," in row for row in rows)


def _haproxy(lab: Lab, command: str) -> str:
    done = subprocess.run(
        ("socat", "-", f"UNIX-CONNECT:{lab.folder / 'lb' / 'haproxy.sock'}"),
        input=f"{command}\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout

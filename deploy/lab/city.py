"""The whole: started host by host, waited for, stopped whatever happens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.lab.hosts import DATABASES, HOSTS, LB, ROOT, WEB, WORKERS, Lab
from deploy.lab.net import address, inside, network, run

READY = 90  # seconds


@contextmanager
def city(folder: Path, code: Path | None = None) -> Iterator[Lab]:
    """Yield the running city, its schema laid."""
    with network(HOSTS):
        lab = Lab(folder, code or ROOT)
        try:
            for host in DATABASES:
                lab.start_database(host)
            wait(lambda: primary() is not None, "a primary")
            wait(lambda: len(standbys()) == 2, "two standbys")
            lab.start_balancer()
            wait(lambda: _answers(lab), "the database behind haproxy")
            lab.govgrid("migrate")
            for host in WEB:
                lab.start_web(host)
            for host in WORKERS:
                lab.start_worker(host)
            wait(lambda: status(LB, 8000, "/readyz") == 200, "the web")
            yield lab
        finally:
            lab.stop_all()


def wait(ready: Callable[[], bool], what: str, seconds: float = READY) -> float:
    """Wait; return how long. Raise `TimeoutError`."""
    begun = time.monotonic()
    while not ready():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"{what} is not there after {seconds} s")
        time.sleep(0.2)
    return time.monotonic() - begun


def primary() -> str | None:
    """Return the host that leads, by its own word."""
    found = [host for host in DATABASES if _patroni(host, "/primary") == 200]
    return found[0] if len(found) == 1 else None


def leaders() -> list[str]:
    """Return every host that takes itself for the leader."""
    return [host for host in DATABASES if _patroni(host, "/primary") == 200]


def standbys() -> list[str]:
    """Return the hosts that follow."""
    return [host for host in DATABASES if _patroni(host, "/replica") == 200]


def synchronous() -> list[str]:
    """Return the standbys that an acknowledged write stands on."""
    return [host for host in DATABASES if _patroni(host, "/synchronous") == 200]


def _patroni(host: str, path: str) -> int:
    return status(address(DATABASES[host]), 8008, path, host)


def status(there: str, port: int, path: str, host: str = "lb") -> int:
    """Ask from a host of the lab; return the status, 0 without an answer."""
    asked = run(
        *inside(host, "curl", "-s", "-o", "/dev/null", "-m", "2", "-w", "%{http_code}"),
        f"http://{there}:{port}{path}", check=False,
    )  # fmt: skip
    return int(asked or 0)


def _answers(lab: Lab) -> bool:
    return (
        run(
            *inside("web1", "psql", lab.url(), "-Atc", "SELECT NOT pg_is_in_recovery()"),
            check=False,
        ).strip()
        == "t"
    )

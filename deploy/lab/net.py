"""Hosts as network namespaces on one bridge, with loopback addresses; links that can be cut."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

SWITCH = "gglab-switch"
NETWORK = "127.77.0.0/24"


def run(*command: str, check: bool = True) -> str:
    """Run a command of this machine; return what it says."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def inside(host: str, *command: str) -> tuple[str, ...]:
    """Return the command as it runs on that host."""
    return ("ip", "netns", "exec", _space(host), *command)


@contextmanager
def network(hosts: dict[str, int]) -> Iterator[None]:
    """Lay the hosts, by name and last number of their address; they go at the end."""
    _clear(hosts)
    try:
        run("ip", "netns", "add", SWITCH)
        _in(SWITCH, "ip", "link", "add", "bridge", "type", "bridge")
        _in(SWITCH, "ip", "link", "set", "bridge", "up")
        for host, number in hosts.items():
            _join(host, number)
        yield
    finally:
        _clear(hosts)


def address(number: int) -> str:
    """Return the address with that last number."""
    return f"127.77.0.{number}"


def cut(one: str, other: str) -> None:
    """Let nothing pass between two hosts, in either direction, as if a cable were pulled."""
    for here, there in ((one, other), (other, one)):
        number = _number(there)
        for side in ("input", "output"):
            field = "saddr" if side == "input" else "daddr"
            rule = f"add rule inet lab {side} ip {field} {address(number)} drop"
            run(*inside(here, "nft", *rule.split()))


def mend(hosts: Sequence[str]) -> None:
    """Let everything pass again."""
    for host in hosts:
        for side in ("input", "output"):
            run(*inside(host, "nft", "flush", "chain", "inet", "lab", side))


def _join(host: str, number: int) -> None:
    space, port = _space(host), f"gg{number}"
    run("ip", "netns", "add", space)
    run(
        "ip",
        "link",
        "add",
        "lab0",
        "netns",
        space,
        "type",
        "veth",
        "peer",
        "name",
        port,
        "netns",
        SWITCH,
    )
    _in(SWITCH, "ip", "link", "set", port, "master", "bridge", "up")
    # All of 127/8 lies behind lo, unless only one address of it does.
    for name in ("all", "default", "lab0"):
        _in(space, "sysctl", "-qw", f"net.ipv4.conf.{name}.route_localnet=1")
    _in(space, "ip", "link", "set", "lo", "up")
    _in(space, "ip", "address", "del", "127.0.0.1/8", "dev", "lo")
    _in(space, "ip", "address", "add", "127.0.0.1/32", "dev", "lo")
    _in(space, "ip", "address", "add", f"{address(number)}/24", "dev", "lab0")
    _in(space, "ip", "link", "set", "lab0", "up")
    _in(space, "nft", "add", "table", "inet", "lab")
    for side in ("input", "output"):
        chain = f"{{ type filter hook {side} priority 0 ; }}"
        _in(space, "nft", "add", "chain", "inet", "lab", side, chain)
    _NUMBERS[host] = number


_NUMBERS: dict[str, int] = {}


def _number(host: str) -> int:
    return _NUMBERS[host]


def _space(host: str) -> str:
    return f"gglab-{host}"


def _in(space: str, *command: str) -> str:
    return run("ip", "netns", "exec", space, *command)


def _clear(hosts: dict[str, int]) -> None:
    there = {line.split()[0] for line in run("ip", "netns", "list").splitlines() if line}
    for space in {SWITCH, *map(_space, hosts)} & there:
        run("ip", "netns", "del", space)

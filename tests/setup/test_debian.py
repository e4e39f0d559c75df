"""System packages: installed where that is allowed, otherwise the line to run is given."""

import os
from collections.abc import Sequence

import pytest

from scripts import debian
from scripts.steps import Command, Problem

ABSENT = {"qpdf": lambda: False, "chromium": lambda: True}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Command]:
    commands: list[Command] = []
    monkeypatch.setattr(debian, "run", commands.append)
    return commands


def has_only(monkeypatch: pytest.MonkeyPatch, *commands: str) -> None:
    monkeypatch.setattr(debian, "has_command", lambda name: name in commands)


def test_nothing_is_run_when_all_is_there(ran: Sequence[Command]) -> None:
    debian.install({"chromium": lambda: True})
    assert ran == []


def test_an_ordinary_user_gets_the_exact_line(
    monkeypatch: pytest.MonkeyPatch, ran: Sequence[Command]
) -> None:
    has_only(monkeypatch, "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Problem) as caught:
        debian.install(ABSENT)
    assert str(caught.value).splitlines()[1].strip() == (
        "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends qpdf'"
    )
    assert ran == []


@pytest.mark.parametrize(("user", "prefix"), [(0, []), (1000, ["sudo", "-n"])])
def test_root_or_sudo_installs_only_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, ran: Sequence[Command], user: int, prefix: list[str]
) -> None:
    has_only(monkeypatch, "apt-get", "sudo")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(debian, "succeeds", lambda command: command == ["sudo", "-n", "true"])
    with pytest.raises(Problem, match="installed, yet not found: qpdf"):
        debian.install(ABSENT)
    [command] = ran
    assert command[:-1] == [*prefix, "sh", "-ec"]
    assert str(command[-1]).endswith("install -y --no-install-recommends qpdf")


def test_a_system_without_apt_is_told_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    has_only(monkeypatch)
    with pytest.raises(Problem, match="what Debian calls qpdf"):
        debian.install(ABSENT)


def test_postgresql_makes_no_cluster_and_leaves_no_setting() -> None:
    script = debian.install_script(["postgresql"])
    assert script.index("create_main_cluster = false") < script.index("install -y")
    assert "trap 'rm -f $left' EXIT" in script
    assert f"left={debian.NO_CLUSTER}\n" in script
    assert "create_main_cluster" not in debian.install_script(["qpdf"])


def test_dovecot_is_not_started_and_a_policy_of_the_system_stays() -> None:
    script = debian.install_script(["dovecot-imapd"])
    line = next(line for line in script.splitlines() if str(debian.NO_SERVICE) in line)
    assert line.startswith(f"[ -e {debian.NO_SERVICE} ] || ")
    assert f'left="$left {debian.NO_SERVICE}"' in line
    assert str(debian.NO_SERVICE) not in debian.install_script(["qpdf"])


def test_running_needs_no_test_packages() -> None:
    assert set(debian.TO_RUN) == {"libpangoft2-1.0-0", "libharfbuzz-subset0"}
    assert set(debian.TO_RUN) < set(debian.TO_TEST)


def test_this_machine_has_what_the_tests_need() -> None:
    assert debian.missing(debian.TO_TEST) == []

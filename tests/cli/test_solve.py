"""`govgrid solve`: plans, repairs and refusals on the exchange form; an interrupt keeps the best."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks.check_plan import check
from govgrid.cli.solve import solve
from govgrid.errors import Invalid
from govgrid.meetings.planning.exchange import write_instance
from govgrid.meetings.planning.instance import Instance
from tests.meetings.planning.build import away, busy_month, instance, meeting


@pytest.fixture
def month(tmp_path: Path) -> Path:
    path = tmp_path / "month.json"
    path.write_bytes(write_instance(busy_month(6)))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(solve, [str(one) for one in arguments], catch_exceptions=True)


def written(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_a_plan_is_written_and_summed_up(month: Path, tmp_path: Path) -> None:
    done = run(month, "-o", tmp_path / "plan.json", "--json", "--seconds", 20)
    assert done.exit_code == 0, done.output
    plan, summary = written(tmp_path / "plan.json"), json.loads(done.stdout)
    assert check(written(month), plan)["hard"] == 0
    assert set(plan) == {"assign", "attend", "unplanned", "bound", "objective", "seconds"}
    assert (summary["planned"], summary["unplanned"]) == (6, {})
    assert summary["objective"] == sum(summary["score"].values()) == plan["objective"]
    assert "已证明最优" in done.stderr


def test_the_same_command_writes_the_same_bytes(month: Path, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert run(month, "-o", tmp_path / name, "--seconds", 100, "--seed", 5).exit_code == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_base_is_repaired(month: Path, tmp_path: Path) -> None:
    first, base = tmp_path / "plan.json", tmp_path / "base.json"
    run(month, "-o", first, "--seconds", 20)
    base.write_text(json.dumps({**written(first), "confirmed": ["M001"], "forced": []}))
    done = run(month, "-o", first, "--base", base, "--seconds", 20, "--json")
    assert json.loads(done.stdout)["moved"] == {}
    assert written(first)["assign"] == written(base)["assign"]


def test_what_is_left_out_is_explained(tmp_path: Path) -> None:
    path, plan = tmp_path / "month.json", tmp_path / "plan.json"
    busy = {"police-1": away(*range(2, 7)), "police-2": ()}
    path.write_bytes(write_instance(instance([meeting("M1")], busy=busy)))
    done = run(path, "-o", plan, "--explain", "--seconds", 20)
    assert done.exit_code == 0
    (reason,) = written(plan)["unplanned"]["M1"]
    assert (reason["kind"], reason["people"]) == ("no_free_slot", ["police-1"])
    assert {way["kind"] for way in reason["ways"]} >= {"substitute", "lift"}
    assert reason["text"] in done.stderr


def test_a_refusal_writes_nothing(month: Path, tmp_path: Path) -> None:
    broken, plan = tmp_path / "broken.json", tmp_path / "plan.json"
    document = written(month)
    document["meetings"][2]["required"] = ["nobody"]
    broken.write_text(json.dumps(document))
    done = run(broken, "-o", plan)
    assert isinstance(done.exception, Invalid)
    assert "broken.json：meetings[2]（M002）.required：没有这个人员" in str(done.exception)
    assert not plan.exists()


def test_files_that_cannot_be_read_or_written_are_refused_at_once(
    month: Path, tmp_path: Path
) -> None:
    assert isinstance(run(tmp_path / "none.json", "-o", tmp_path / "p.json").exception, Invalid)
    assert isinstance(run(month, "-o", tmp_path / "none" / "p.json").exception, Invalid)
    assert run(month).exit_code == 2
    assert run(month, "-o", tmp_path / "p.json", "--seconds", "-1").exit_code == 2


def long_one() -> Instance:
    return busy_month(140)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_writes_the_best_plan_so_far(number: signal.Signals, tmp_path: Path) -> None:
    path, plan = tmp_path / "month.json", tmp_path / "plan.json"
    path.write_bytes(write_instance(long_one()))
    command = [sys.executable, "-m", "govgrid", "solve", str(path), "-o", str(plan)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert "第 1 个方案" in process.stderr.readline()
        process.send_signal(number)
        said = process.stderr.read()
        assert process.wait(timeout=60) == 0, said
    assert "已被中断" in said
    assert written(plan)["cut"] is True
    assert len(written(plan)["assign"]) == 140
    assert check(written(path), written(plan))["hard"] == 0


INTERRUPTED_AT = """
import sys
module = sys.argv.pop(1)
class Finder:
    def find_spec(name, *_):
        if name == module:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder)
from govgrid.__main__ import main
main()
"""


@pytest.mark.parametrize("module", ["click", "govgrid.cli.solve"])
def test_an_interrupt_while_loading_is_one_line(module: str, month: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED_AT, module]
    command += ["solve", str(month), "-o", str(tmp_path / "plan.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "已中断。\n")
    assert list(tmp_path.iterdir()) == [month]


def test_solving_opens_no_database() -> None:
    """Two thirds of a second of every start."""
    asked = (
        "import sys, govgrid.cli.gathered, govgrid.cli.solve; print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

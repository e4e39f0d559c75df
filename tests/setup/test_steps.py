"""Steps run once, and again when what they depend on or what they leave has changed."""

import threading
from pathlib import Path

import pytest

from scripts import debian, setup, steps


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    for module in (steps, setup):
        monkeypatch.setattr(module, "STATE", folder)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_text("first")
    return path


@pytest.fixture
def made() -> list[str]:
    return []


@pytest.fixture
def step(tmp_path: Path, source: Path, made: list[str]) -> steps.Step:
    result = tmp_path / "result"

    def make() -> None:
        made.append(source.read_text())
        result.write_text(source.read_text())

    return steps.Step("copy", "copying", [source, "word"], [result], make)


def test_a_second_time_does_nothing(step: steps.Step, made: list[str]) -> None:
    step.bring_up()
    step.bring_up()
    assert made == ["first"]


def test_a_changed_source_is_made_again(step: steps.Step, source: Path, made: list[str]) -> None:
    step.bring_up()
    source.write_text("second")
    step.bring_up()
    assert made == ["first", "second"]


def test_a_changed_word_is_made_again(step: steps.Step, made: list[str]) -> None:
    step.bring_up()
    other = steps.Step("copy", "copying", [step.sources[0], "other"], step.results, step.make)
    other.bring_up()
    assert len(made) == 2


def test_a_lost_result_is_made_again(step: steps.Step, made: list[str]) -> None:
    step.bring_up()
    step.results[0].unlink()
    step.bring_up()
    assert len(made) == 2


def test_a_failed_step_is_tried_again(step: steps.Step, source: Path, made: list[str]) -> None:
    def fail() -> None:
        raise steps.Problem("no network")

    broken = steps.Step("copy", "copying", step.sources, step.results, fail)
    with pytest.raises(steps.Problem):
        broken.bring_up()
    step.bring_up()
    assert made == ["first"]


def test_sources_are_told_apart_at_their_borders(source: Path) -> None:
    def key(*words: str) -> str:
        return steps.Step("x", "x", words, [], lambda: None).key()

    assert key("ab", "c") != key("a", "bc")


def test_a_failing_command_says_what_it_printed() -> None:
    with pytest.raises(steps.Problem, match=r"failed \(3\): sh -c .*\nout of paper"):
        steps.run(["sh", "-c", "echo out of paper >&2; exit 3"])


def test_a_command_gets_input_and_environment(tmp_path: Path) -> None:
    steps.run(
        ["sh", "-c", f'cat > {tmp_path}/got; echo "$COLOUR" >> {tmp_path}/got'],
        "ink ",
        COLOUR="red",
    )
    assert (tmp_path / "got").read_text() == "ink red\n"


def test_two_set_ups_take_turns(capsys: pytest.CaptureFixture[str]) -> None:
    inside, finished = threading.Event(), []

    def second() -> None:
        inside.wait(10)
        with steps.alone():
            finished.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with steps.alone():
        inside.set()
        waiting.join(0.3)
        finished.append("first")
    waiting.join(10)
    assert finished == ["first", "second"]
    assert "waiting" in capsys.readouterr().err


def test_the_widest_level_is_remembered() -> None:
    assert [setup.widest(level) for level in ("run", "test", "check", "run")] == [
        "run",
        "test",
        "test",
        "test",
    ]


def test_running_takes_neither_development_packages_nor_modules() -> None:
    def sources(level: str) -> set[Path | str]:
        return {source for step in setup.steps(level) for source in step.sources}

    assert "--omit=dev" in sources("run")
    assert steps.ROOT / "requirements.lock" in sources("run")
    assert "--omit=dev" not in sources("test")
    assert steps.ROOT / "requirements-dev.lock" in sources("test")


def test_a_problem_is_one_message_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_wanted: object) -> None:
        raise steps.Problem("run this, then try again")

    monkeypatch.setattr(debian, "install", refuse)
    assert setup.main(["run"]) == 1
    assert capsys.readouterr().err == "set-up: run this, then try again\n"

"""The page on security: no requirement left out, no test named that is not there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
# Requirements of levels 1 and 2 by chapter, ASVS 5.0.0.
COUNTS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13,
    14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
ROW = re.compile(r"^\| (\d+)\.(\d+)\.(\d+)(?:–\1\.\2\.(\d+))? \| [^|]+ \| ([✓○✗—])[^|]*\|(.*)\|$")


def rows() -> list[re.Match[str]]:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    found = [ROW.match(line) for line in lines]
    assert None not in found, [line for line, one in zip(lines, found, strict=True) if not one]
    return [one for one in found if one]


def test_every_requirement_of_level_two_is_there_once() -> None:
    numbers = [
        (int(row[1]), int(row[2]), number)
        for row in rows()
        for number in range(int(row[3]), int(row[4] or row[3]) + 1)
    ]
    assert len(numbers) == len(set(numbers))
    assert {chapter: sum(n[0] == chapter for n in numbers) for chapter in COUNTS} == COUNTS


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE))
    assert len(named) > 80
    for path, name in named:
        text = (ROOT / path).read_text("utf-8")
        assert not name or f"def {name}(" in text, f"{path}::{name}"


def test_what_is_met_is_shown() -> None:
    by_command = {"15.1.1", "15.2.1"}  # the page itself, and `make check-security`
    bare = [f"{r[1]}.{r[2]}.{r[3]}" for r in rows() if r[5] == "✓" and "tests/" not in r[6]]
    assert set(bare) <= by_command


def test_nothing_runs_a_shell_or_evaluates() -> None:
    calls = [
        (path.name, ast.unparse(node))
        for path in (ROOT / "govgrid").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    wrong = re.compile(
        r"(eval|exec|os\.system|os\.popen|subprocess\.getoutput)\(|.*\bshell=True|from_string\("
    )
    assert [one for one in calls if wrong.match(one[1])] == []


def test_every_locked_package_has_hashes() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert text.count("==") == len(re.findall(r"==\S+ \\\n    --hash=sha256:", text)), lock.name

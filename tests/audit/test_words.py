"""Every verb, subject and field that the code writes into the journal has its word."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import govgrid
from govgrid.audit.words import FIELDS, SUBJECTS, VERBS, value_words

ROOT = Path(govgrid.__file__).parent
IMPORTED = {"areas", "boundaries", "compounds", "officers", "cases", "showcases", "coverage"}
# The moment of an import, which the line has already.
PLAIN = {"at"}


@cache
def called() -> list[tuple[str, str, ast.Call]]:
    """Return place, name and call of every call in the code that names what it calls."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                found.append((place, ast.unparse(node.func), node))
    return found


def calls() -> Iterator[tuple[str, ast.Call]]:
    for place, name, call in called():
        if name.rpartition(".")[2] == "record" and len(call.args) >= 5:
            yield place, call


def literals(node: ast.expr) -> set[str]:
    """Return the texts an argument can be: a literal, or either side of a choice."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_every_recorded_verb_has_its_word() -> None:
    found = list(calls())
    assert len(found) > 30
    for place, call in found:
        verbs = literals(call.args[2])
        assert verbs, f"{place}: write the verb where it is recorded"
        assert verbs <= VERBS.keys(), f"{place}: put {verbs} into audit/words.py"


def test_every_recorded_subject_has_its_word() -> None:
    named = {word for _place, call in calls() for word in literals(call.args[3])}
    assert named | IMPORTED <= SUBJECTS.keys()


def test_every_imaged_field_has_its_word() -> None:
    fields: set[str] = set()
    for _place, name, call in called():
        if name == "journal.image":
            fields |= {word for argument in call.args[1:] for word in literals(argument)}
    assert {"stage", "start"} & fields
    assert fields <= FIELDS.keys(), fields - FIELDS.keys()
    told = {k.arg for _place, call in calls() for k in call.keywords if k.arg}
    assert told - {"before", "after"} - PLAIN <= FIELDS.keys()


def test_a_key_with_two_meanings_stays_as_it_is() -> None:
    import govgrid.meetings.models  # noqa: F401, PLC0415

    words = value_words()
    assert words["confirmed"] == "已确认"
    assert "none" not in words or words["none"]

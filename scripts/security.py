"""Every check against adversaries: `make check-security`, or `python -m scripts.security NAME…`.

Short by default, a few minutes; `--full` is what a release passes: a million executions of each
inbound parser, 10,000 requests of the interface, every hostile file. Its tools live in a folder of
their own, by the hashes of `requirements-security.lock`, and never reach an installation.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.setup import PYTHON, uv
from scripts.steps import ROOT, STATE, Problem, Step, alone

LOCK = ROOT / "requirements-security.lock"
TOOLS = STATE / "security"
LOCKS = ("requirements.lock", "requirements-dev.lock")
# What an upgrade may do only while nobody works is said on the operator's page; the rest are habits.
SQUAWK = (
    "prefer-robust-stmts", "prefer-bigint-over-int", "prefer-bigint-over-smallint",
    "prefer-identity", "prefer-text-field", "require-concurrent-index-creation",
    "require-concurrent-index-deletion", "require-timeout-settings", "ban-drop-column",
    "ban-drop-table", "ban-drop-not-null", "adding-foreign-key-constraint",
    "constraint-missing-not-valid", "disallowed-unique-constraint", "adding-not-nullable-field",
    "adding-required-field", "changing-column-type", "adding-field-with-default", "renaming-column",
    "renaming-table", "transaction-nesting", "ban-char-field", "prefer-timestamp-tz",
    "ban-alter-domain-with-add-constraint", "ban-create-domain-with-constraint",
    "require-enum-value-ordering", "require-table-schema", "identifier-too-long",
    "adding-serial-primary-key-field",
)  # fmt: skip
SMOKE, MILLION = 5_000, 1_000_000
JUDGED = 6


class Failed(Exception):
    """What a check found."""


def said(*command: str | Path, **more: str) -> str:
    """Run a command with the tools at hand; return what it said, raise `Failed` where it failed."""
    path = f"{ROOT}{os.pathsep}{TOOLS}"
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(done.stdout.strip()[-4000:])
    return done.stdout


def last_line(printed: str) -> str:
    return printed.strip().rpartition("\n")[2]


def tests(*, full: bool) -> str:
    del full
    return last_line(said(PYTHON, "-m", "pytest", "-q", "-n", "2", "-m", "security", "tests"))


def bandit(*, full: bool) -> str:
    del full
    rules = [
        "-r",
        "govgrid",
        "-q",
        "-f",
        "json",
        "--severity-level",
        "medium",
        "--confidence-level",
        "medium",
    ]
    found = json.loads(said(PYTHON, "-m", "bandit", *rules, "--exit-zero"))
    wrong = [
        f"{one['filename']}:{one['line_number']}: {one['issue_text']}" for one in found["results"]
    ]
    if wrong or found["errors"]:
        raise Failed("\n".join([*wrong, *map(str, found["errors"])]))
    return f"{found['metrics']['_totals']['loc']} lines, nothing of medium severity or more"


def audit(*, full: bool) -> str:
    """Ask whether any locked package has a known fault; a package that nobody asked about counts."""
    del full
    told = []
    for lock in LOCKS:
        wanted = set(
            re.findall(
                r"^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==", (ROOT / lock).read_text(), re.MULTILINE
            )
        )
        how = [
            "--strict",
            "--disable-pip",
            "--require-hashes",
            "-r",
            lock,
            "-f",
            "json",
            "--progress-spinner",
            "off",
        ]
        printed = said(PYTHON, "-m", "pip_audit", *how)
        found = json.loads(printed[printed.index("{") :])["dependencies"]
        asked = {one["name"].lower().replace("_", "-") for one in found if "vulns" in one}
        if left := {name.lower().replace("_", "-") for name in wanted} - asked:
            raise Failed(f"{lock}: not audited: {', '.join(sorted(left))}")
        told.append(f"{len(asked)} of {len(wanted)} packages of {lock}")
    return f"no known fault in {', '.join(told)}"


def squawk(*, full: bool) -> str:
    """Judge the SQL of the newest revisions, those whose locks an upgrade takes."""
    del full
    revisions = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("0*.py"))
    since = revisions[-JUDGED - 1]
    sql = said(PYTHON, "-c", _OFFLINE, since)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(sql)
        file.flush()
        binary = next(TOOLS.rglob("squawk*/**/squawk"), TOOLS / "bin" / "squawk")
        excluded = [f"--exclude={rule}" for rule in SQUAWK]
        said(binary, *excluded, "--pg-version=15", file.name)
    return f"{sql.count(';')} statements since revision {since}"


_OFFLINE = """
import io, sys
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
scripts = list(ScriptDirectory("migrations").iterate_revisions("head", sys.argv[1]))
for revision in reversed(scripts):
    buffer = io.StringIO()
    how = {"as_sql": True, "output_buffer": buffer}
    context = MigrationContext.configure(dialect_name="postgresql", opts=how)
    try:
        with Operations.context(context):
            revision.module.upgrade()
    except Exception as error:
        buffer.write(f"-- from here on {revision.revision} asks the database: {error!r}".splitlines()[0])
    print(buffer.getvalue())
"""


def parser_of(target: str) -> Callable[..., str]:
    def fuzz(*, full: bool) -> str:
        runs = MILLION if full else SMOKE
        printed = said(PYTHON, "-m", "benchmarks", "fuzz", target, "--runs", str(runs))
        found = re.search(r"number_of_executed_units: (\d+)", printed)
        return f"{found[1] if found else runs} executions, no crash"

    return fuzz


def hostile(*, full: bool) -> str:
    few = ("sheet: a bomb of a gigabyte", "a link in the package", "photo: a bomb", "never, for ever",
           "a name that is a header", "mail: nested 3,000 deep", "a case 100,000 deep")  # fmt: skip
    return last_line(said(PYTHON, "-m", "benchmarks", "hostile", *([] if full else few)))


def api(*, full: bool) -> str:
    examples = "700" if full else "40"  # right and wrong ones of each operation
    return last_line(said(PYTHON, "-m", "benchmarks", "schemathesis", "--examples", examples))


def edges(*, full: bool) -> str:
    del full
    return f"{said(PYTHON, '-m', 'benchmarks', 'edges').count('; ')} ways, none served too long"


CHECKS: dict[str, Callable[..., str]] = {
    "bandit": bandit,
    "audit": audit,
    "squawk": squawk,
    "tests": tests,
    "mail parser": parser_of("mail"),
    "sheet parser": parser_of("sheet"),
    "hostile files": hostile,
    "interface": api,
    "edges": edges,
}


def fetch() -> None:
    """Put the tools into their folder."""

    def install() -> None:
        where = ["--python", str(PYTHON), "--target", str(TOOLS)]
        uv("pip", "install", "--quiet", *where, "--require-hashes", "-r", LOCK)

    with alone():
        Step("security", "fetching the security tools", [LOCK], [TOOLS], install).bring_up()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.security", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CHECKS))
    parser.add_argument("--full", action="store_true")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(CHECKS):
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    try:
        fetch()
    except Problem as problem:
        print(f"check-security: {problem}", file=sys.stderr)
        return 1
    failed = [name for name in given.names or CHECKS if not passes(name, full=given.full)]
    print(f"check-security: {', '.join(failed)} failed" if failed else "check-security: all passed")
    return 1 if failed else 0


def passes(name: str, *, full: bool) -> bool:
    begun = time.monotonic()
    try:
        told = CHECKS[name](full=full)
    except Failed as failed:
        print(f"FAILED {name}\n{failed}", flush=True)
        return False
    print(f"ok     {name}: {told} ({time.monotonic() - begun:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())

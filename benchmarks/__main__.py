"""Measure what is named, minutes if nothing is: `python -m benchmarks imports`, `make bench`."""

import runpy
import sys

if __name__ == "__main__":
    name = sys.argv.pop(1) if sys.argv[1:] else "minutes"
    runpy.run_module(f"benchmarks.{name}", run_name="__main__", alter_sys=True)

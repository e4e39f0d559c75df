"""`solve`: the planner alone, on the exchange form."""

import gc
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event
from typing import Any

import click

from govgrid.cli.answer import say_json
from govgrid.errors import Invalid
from govgrid.meetings.planning.costs import score
from govgrid.meetings.planning.exchange import read_base, read_instance, reasons_json, write_plan
from govgrid.meetings.planning.explain import explain as explained
from govgrid.meetings.planning.instance import Base, Instance, Plan, Progress
from govgrid.meetings.planning.solve import solve as solved
from govgrid.meetings.planning.solve import usual_seconds

FILE = click.Path(dir_okay=False, path_type=Path)
LEAST = 0.5  # seconds for a plan, however long it took to load and to read
SEARCH = 0.8  # of the time, where the rest is for explanations
WRITING = 0.0001  # seconds for each meeting


@click.command()
@click.argument("path", metavar="INSTANCE.json", type=FILE)
@click.option("-o", "--output", required=True, type=FILE, help="Where the plan is written.")
@click.option("--base", "base_path", type=FILE, help="A plan to repair with the fewest moves.")
@click.option("--explain", is_flag=True, help="Try ways out for every meeting left out.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Time by the clock, from the start of the program; half a second is left in any case.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def solve(
    path: Path,
    output: Path,
    base_path: Path | None,
    seconds: float | None,
    seed: int,
    *,
    explain: bool,
    as_json: bool,
) -> None:
    """Plan the meetings of an instance; an interrupt writes the best plan so far."""
    begun = time.monotonic() - _running()
    with interrupts() as interrupted:
        with _uncollected():
            instance = read_instance(_content(path), path.name)
            base = read_base(_content(base_path), base_path.name, instance) if base_path else None
        _check_writable(output)
        until = begun + (seconds or usual_seconds(len(instance.meetings)))
        until -= WRITING * len(instance.meetings)
        left = (until - time.monotonic()) * (SEARCH if explain else 1)
        plan = solved(
            instance,
            seconds=max(LEAST, left),
            seed=seed,
            base=base,
            progress=_Told(begun),
            stop=interrupted.is_set,
        )
        if explain and plan.unplanned:
            reasons = explained(
                instance,
                plan,
                seconds=max(0.1, until - time.monotonic()),
                base=base,
                stop=interrupted.is_set,
            )
            plan = replace(plan, unplanned=reasons)
        _write(output, write_plan(plan))
    if as_json:
        say_json(_summary(instance, plan, base))
    _tell(plan, base, time.monotonic() - begun, interrupted=interrupted.is_set())


class _Told:
    """Prints every new plan on stderr."""

    def __init__(self, begun: float) -> None:
        self._begun = begun
        self._last: Progress | None = None

    def __call__(self, now: Progress) -> None:
        if now != self._last:
            click.echo(
                f"{time.monotonic() - self._begun:6.1f} 秒  第 {now.plans} 个方案：已排 {now.planned}，"
                f"未排 {now.unplanned}，目标值 {now.objective}，下界 {now.bound}",
                err=True,
            )
        self._last = now


@contextmanager
def interrupts() -> Iterator[Event]:
    """Yield an event that SIGINT and SIGTERM set instead of ending the process."""
    event = Event()
    before = {
        number: signal.signal(number, lambda *_: event.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from walking what is read, now and later: half of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _running() -> float:
    """Return for how many seconds this process has run: the time to load counts, too."""
    try:
        stat = Path("/proc/self/stat").read_text(encoding="ascii")
        ticks = int(stat.rpartition(")")[2].split()[19])  # proc(5): starttime, field 22
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, AttributeError):
        return 0.0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid("无法读取 %(path)s：%(why)s。", path=path, why=error.strerror) from None


def _check_writable(path: Path) -> None:
    """Refuse now rather than after the work."""
    folder = path.resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise Invalid("无法写入 %(path)s：没有这个文件夹，或不可写。", path=path)


def _write(path: Path, content: bytes) -> None:
    """Write all or nothing."""
    with tempfile.NamedTemporaryFile(dir=path.resolve().parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def _moved(plan: Plan, base: Base) -> dict[str, list[int | None]]:
    return {
        id_: [start, plan.assign.get(id_)]
        for id_, start in sorted(base.assign.items())
        if plan.assign.get(id_) != start
    }


def _summary(instance: Instance, plan: Plan, base: Base | None) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "instance": instance.name,
        "month": instance.month,
        "meetings": len(instance.meetings),
        "planned": len(plan.assign),
        "unplanned": reasons_json(plan),
        "score": asdict(score(instance, plan.assign, plan.attend)),
        "objective": plan.objective,
        "bound": plan.bound,
        "seconds": plan.seconds,
        "cut": plan.cut,
    }
    return {**summary, "moved": _moved(plan, base)} if base else summary


def _tell(plan: Plan, base: Base | None, seconds: float, *, interrupted: bool) -> None:
    gap = (plan.objective - plan.bound) / max(1, plan.bound)
    proven = "已证明最优" if plan.objective == plan.bound else f"距下界 {gap:.2%}"
    lines = [
        f"已排 {len(plan.assign)}，未排 {len(plan.unplanned)}，目标值 {plan.objective}（{proven}）"
    ]
    if base:
        lines.append(f"改期 {len(_moved(plan, base))} 场")
    lines.append(f"用时 {seconds:.1f} 秒")
    if interrupted:
        lines.append("已被中断，写出的是当时最好的方案")
    elif plan.cut:
        lines.append("时间用完时仍在计算，再次运行的结果可能不同")
    click.echo("；".join(lines), err=True)
    for id_, reasons in sorted(plan.unplanned.items()):
        for reason in reasons:
            click.echo(f"{id_}  {reason.text}", err=True)
            for way in reason.ways:
                click.echo(f"    {way.text}", err=True)

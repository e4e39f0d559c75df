"""What is missing or looks wrong before a month is planned."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from govgrid.access import Role
from govgrid.errors import Invalid, Refusal
from govgrid.meetings.models import Kind, Part
from govgrid.meetings.planning.instance import DAY, Span
from govgrid.meetings.planning.lines import Line, Problem

NAMED = 8
AT_COMPOUND = {Role.PROJECT_MANAGER, Role.OWNERS_COMMITTEE, Role.STEWARD}


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark: `bad` keeps meetings from being planned, `warn` should be looked at, else `info`.

    `names` are the units or people it is about, `more` how many are not named.
    """

    tone: str
    text: Refusal
    names: tuple[str, ...] = ()
    more: int = 0
    href: str = ""


def remarks(problem: Problem) -> list[Remark]:
    """Return all remarks, the worst first."""
    found = [
        *_refused(problem),
        *_vacant(problem),
        *_away(problem),
        *_rooms(problem),
        *_provisional(problem),
        *_standing(problem),
    ]
    return sorted(found, key=lambda r: ("bad", "warn", "info").index(r.tone))


def _named(tone: str, text: Refusal, names: list[str], href: str = "") -> Remark:
    return Remark(tone, text, tuple(names[:NAMED]), max(0, len(names) - NAMED), href)


def _open(problem: Problem) -> list[Line]:
    return [line for line in problem.lines.values() if not line.fixed]


def _refused(problem: Problem) -> Iterator[Remark]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    texts = {}
    for key, why in sorted(problem.refused.items()):
        by_reason[str(why)].append(problem.lines[key].meets.name)
        texts[str(why)] = why
    for text, names in by_reason.items():
        yield _named("bad", texts[text], names)


def _vacant(problem: Problem) -> Iterator[Remark]:
    """Yield, for each role that must come, the units where nobody holds it."""
    lacking: dict[Role, list[str]] = defaultdict(list)
    short: list[str] = []
    for line in _open(problem):
        there = {one.role for one in line.called}
        for role, part in line.meets.setup.roster.items():
            if role in AT_COMPOUND and line.meets.home is None:
                continue
            if part is Part.REQUIRED and role not in there:
                lacking[role].append(line.meets.name)
        members = line.meets.setup.part(Role.MICRO_GRID_MEMBER) is Part.QUORUM
        if members and line.meets.home and Role.MICRO_GRID_MEMBER not in there:
            short.append(line.meets.name)
    for role, names in lacking.items():
        text = Invalid("%(n)s 个会议单元没有%(role)s", n=len(names), role=role)
        yield _named("warn", text, names)
    if short:
        yield _named("warn", Invalid("%(n)s 个小区没有微网格员", n=len(short)), short)


def _away(problem: Problem) -> Iterator[Remark]:
    """Yield who must come and is away for much of the month."""
    meetings: dict[str, int] = defaultdict(int)
    for line in _open(problem):
        for one in line.called:
            if one.part is Part.REQUIRED:
                meetings[one.person.code] += 1
    names = []
    for code, count in sorted(meetings.items(), key=lambda item: -item[1]):
        days = _days_away(problem, code)
        if days:
            name = problem.people[code].name if code in problem.people else code
            names.append(f"{name}（{days}）×{count}")
    if names:
        text = Invalid("%(n)s 名必到人员本月有请假或占用（日期；需参加的会议数）", n=len(names))
        yield _named("info", text, names)


def _days_away(problem: Problem, code: str) -> str:
    """Return whole days away: 8—19、22."""
    days: set[int] = set()
    for away in problem.away.get(code, ()):
        span = problem.ground.span(away.start, away.end)
        if span.end - span.start >= DAY // 2:
            days |= set(range(span.start // DAY + 1, (span.end - 1) // DAY + 2))
    runs: list[Span] = []
    for day in sorted(days):
        if runs and day == runs[-1].end + 1:
            runs[-1] = Span(runs[-1].start, day)
        else:
            runs.append(Span(day, day))
    return "、".join(f"{r.start}" if r.start == r.end else f"{r.start}—{r.end}" for r in runs)


def _rooms(problem: Problem) -> Iterator[Remark]:
    lines = _open(problem)
    unknown = {
        line.meets.community.name: line.meets.community.code
        for line in lines
        if line.room.id is None
    }
    if unknown:
        text = Invalid("%(n)s 个社区没有登记会议室，将自动登记一间", n=len(unknown))
        yield _named(
            "warn", text, list(unknown), f"/planning/venues/{next(iter(unknown.values()))}"
        )
    small = {
        f"{line.room.name}（{line.room.capacity}）"
        for line in lines
        if line.room.capacity is not None and line.room.capacity < len(line.called)
    }
    if small:
        text = Invalid("%(n)s 间会议室坐不下应到人数（可容纳人数）", n=len(small))
        yield _named("warn", text, sorted(small))
    closed = {line.room.name for line in lines if any(problem.ground.spans(line.room.closures))}
    if closed:
        text = Invalid("%(n)s 间会议室本月有停用时间", n=len(closed))
        yield _named("info", text, sorted(closed))
    lost = {
        line.room.name for line in lines if line.room.id is not None and line.room.longitude is None
    }
    if lost:
        text = Invalid("%(n)s 间会议室没有坐标，路程按社区位置估算", n=len(lost))
        yield _named("info", text, sorted(lost))


def _provisional(problem: Problem) -> Iterator[Remark]:
    ground = problem.ground
    if not all(ground.calendar.announced(day) for day in ground.dates):
        yield Remark("warn", Invalid("本月放假安排尚未公布，日期为暂定"))


def _standing(problem: Problem) -> Iterator[Remark]:
    held = [line for line in problem.lines.values() if line.fixed]
    if held:
        yield Remark("info", Invalid("%(n)s 场会议已经排定，保持不动", n=len(held)))
    owners = sum(line.meets.kind is Kind.OWNERS for line in problem.lines.values())
    if owners:
        yield Remark("info", Invalid("其中业主恳谈会 %(n)s 场", n=owners))

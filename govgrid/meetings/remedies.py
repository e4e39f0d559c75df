"""Why a unit has no place, and what would help: names, days and meetings, in either language."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from govgrid.errors import Invalid, Refusal
from govgrid.exchange.refusals import told
from govgrid.grid.actions.absences import FROM_CALENDAR
from govgrid.meetings.models import Part
from govgrid.meetings.planning.explain import explain
from govgrid.meetings.planning.instance import (
    DAY,
    Base,
    DayKind,
    Plan,
    Reason,
    ReasonKind,
    Span,
    Way,
    WayKind,
)
from govgrid.meetings.planning.lines import Line, Problem
from govgrid.meetings.planning.starts import Moments
from govgrid.meetings.queries.engaged import Away
from govgrid.meetings.rules import spoken
from govgrid.words import N_, Term

FEW = 6  # names told of a list
KINDS = {
    DayKind.WORK: N_("工作日白天"),
    DayKind.EVENING: N_("工作日晚间"),
    DayKind.WEEKEND: N_("周末"),
}


class Remedies:
    """Puts the reasons and ways out of one plan into words."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.moments = problem, Moments(problem.instance)

    def why(self, line: Line, reason: Reason) -> Refusal:
        """Return one reason: who is away when, and which meetings take what is left."""
        match reason.kind:
            case ReasonKind.TWO_PEOPLE_NEVER_MEET:
                one, other = (self._name(code) for code in reason.people[:2])
                return Invalid(
                    "%(one)s与%(other)s在窗口内没有共同的空闲时段：%(causes)s。",
                    one=one, other=other, causes=self._causes(line, reason),
                )  # fmt: skip
            case ReasonKind.NO_FREE_SLOT:
                return Invalid(
                    "窗口内没有可用时段：%(causes)s。", causes=self._causes(line, reason)
                )
            case ReasonKind.NOT_FOUND:
                return Invalid(
                    "窗口内有 %(n)s 个时段各方都有空，但限定时间内没有排下；请重新排会并延长时间。",
                    n=len(self._left(line)),
                )
        if not reason.meetings:  # a room that is never free
            return Invalid("窗口内没有可用时段：%(causes)s。", causes=self._causes(line, reason))
        return self._crowded(line, reason)

    def _crowded(self, line: Line, reason: Reason) -> Refusal:
        units = _few([self._unit(key) for key in reason.meetings if key != line.key])
        others = len(reason.meetings) - 1
        away = list(self._away_causes(line, line.called))
        rest: Refusal
        if reason.kind is ReasonKind.VENUE_FULL:
            rest = Invalid(
                "%(room)s在窗口内其余 %(n)s 个时段均已被 %(m)s 场会议占用（%(units)s）",
                room=line.room.name, n=len(self._left(line)), m=others, units=units,
            )  # fmt: skip
        else:
            rest = Invalid(
                "窗口内其余 %(n)s 个时段均已被 %(m)s 场会议占用（%(units)s），这些会议都需要%(people)s参加",
                n=len(self._left(line)), m=others, units=units,
                people=_few([self._name(code) for code in reason.people]),
            )  # fmt: skip
        return Invalid("%(causes)s。", causes=_joined([*away, rest]))

    def _causes(self, line: Line, reason: Reason) -> Refusal:
        blamed = [c for c in line.called if c.person.code in reason.people]
        causes = list(self._away_causes(line, blamed))
        if reason.venue:
            causes += self._room_causes(line)
        members = [c for c in blamed if c.part is Part.QUORUM]
        if members:
            counted = sum(c.part is Part.QUORUM for c in line.called)
            causes.append(
                Invalid(
                    "到会成员常不足 %(min)s 人（%(names)s）",
                    min=line.meets.setup.fewest(counted),
                    names=_few([c.person.name for c in members]),
                )
            )
        named = [self._name(code) for code in reason.people]
        return _joined(causes or [Invalid("%(names)s没有空闲时段", names=_few(named))])

    def _away_causes(self, line: Line, called: Iterable[Any]) -> Iterator[Refusal]:
        """Yield a clause for each person and reason: 张警官 12月8—19日请假."""
        for one in called:
            if one.part is not Part.REQUIRED:
                continue
            by_reason: dict[str, list[Span]] = {}
            for away in self.problem.away.get(one.person.code, ()):
                span = self.problem.ground.span(away.start, away.end)
                if span.start < span.end and self._touches(line, span):
                    by_reason.setdefault(away.reason, []).append(span)
            for why, spans in by_reason.items():
                yield Invalid(
                    "%(name)s %(when)s%(why)s",
                    name=one.person.name, when=self._when(spans), why=_reason(why),
                )  # fmt: skip

    def _room_causes(self, line: Line) -> Iterator[Refusal]:
        for closed in line.room.closures:
            span = self.problem.ground.span(closed.start, closed.end)
            if span.start < span.end and self._touches(line, span):
                yield Invalid(
                    "%(room)s %(when)s停用（%(why)s）",
                    room=line.room.name, when=self._when([span]), why=closed.reason,
                )  # fmt: skip
        if not line.room.closures:
            yield Invalid("%(room)s已被占用", room=line.room.name)

    def _touches(self, line: Line, span: Span) -> bool:
        meeting = self.problem.instance.meetings.get(line.key)
        if meeting is None:
            return True
        first, last = (meeting.window[0] - 1) * DAY, meeting.window[1] * DAY
        return span.start < last and first < span.end

    def _left(self, line: Line) -> list[int]:
        """Return the starts at which everybody required and the room are free of their own times."""
        meeting = self.problem.instance.meetings[line.key]
        return self.moments.starts(self.moments.free(meeting))

    def way(self, way: Way) -> Refusal:
        """Return what gives way, and when the meeting could then be held."""
        at = self.moment(way.start)
        told_ = Invalid("%(what)s，可于 %(at)s 召开", what=self._giving_way(way), at=at)
        if not way.moves:
            return told_
        return Invalid(
            "%(what)s，另有 %(n)s 场会议改期（%(units)s）",
            what=told_, n=len(way.moves), units=_few([self._unit(key) for key in way.moves]),
        )  # fmt: skip

    def _giving_way(self, way: Way) -> Refusal:
        if way.allow:
            return Invalid("允许安排在%(kind)s", kind=KINDS[way.allow])
        if way.window:
            return Invalid(
                "窗口放宽到 %(first)s—%(last)s 日", first=way.window[0], last=way.window[1]
            )
        if way.by and way.person:
            return Invalid(
                "由%(by)s代%(who)s参加", by=self._name(way.by), who=self._name(way.person)
            )
        if way.kind is WayKind.VENUE:
            return Invalid("改在%(room)s召开", room=self._room(way.venue or ""))
        found = self.lifted(way)
        span = way.busy or Span(0, 0)
        if way.person:
            return Invalid(
                "取消%(who)s %(when)s的%(why)s", who=self._name(way.person),
                when=self._when([span]), why=_reason(found.reason if found else ""),
            )  # fmt: skip
        return Invalid(
            "恢复使用%(room)s（%(when)s）",
            room=self._room(way.venue or ""),
            when=self._when([span]),
        )

    def lifted(self, way: Way) -> Away | None:
        """Return the noted time away, or the closure, that a way would lift; None where it is none.

        A meeting elsewhere, a rest day or somebody's own calendar is not for us to lift.
        """
        if way.busy is None:
            return None
        ground = self.problem.ground
        if way.person:
            known: Sequence[Away] = self.problem.away.get(way.person, ())
        else:
            rooms = (line.room for line in self.problem.lines.values())
            room = next((r for r in rooms if r.key == way.venue), None)
            known = room.closures if room else ()
        for one in known:
            span = ground.span(one.start, one.end)
            if span.start <= way.busy.start and way.busy.end <= span.end and not one.fixed:
                return one
        return None

    def moment(self, minute: int) -> Refusal:
        """Return `12月8日 9:00` as each language says it."""
        return spoken(self.problem.ground.moment(minute))

    def _when(self, spans: Iterable[Span]) -> Refusal:
        """Return the days of some times: 12月8—19、22日."""
        days = sorted({d for s in spans for d in range(s.start // DAY, (s.end - 1) // DAY + 1)})
        runs: list[list[int]] = []
        for day in days:
            if runs and day == runs[-1][1] + 1:
                runs[-1][1] = day
            else:
                runs.append([day, day])
        text = "、".join(f"{a + 1}" if a == b else f"{a + 1}—{b + 1}" for a, b in runs)
        return Invalid("%(month)s月%(days)s日", month=self.problem.ground.month.month, days=text)

    def _name(self, code: str) -> str:
        person = self.problem.people.get(code)
        return person.name if person else code

    def _unit(self, key: str) -> str:
        line = self.problem.lines.get(key)
        return line.meets.name if line else self.problem.elsewhere.get(key, key)

    def _room(self, key: str) -> str:
        return key.partition("/")[2] or key


def known_way(problem: Problem, way: Way, words: Remedies) -> dict[str, Any] | None:
    """Return a way out as it is kept; None where it is not for the planners to take."""
    kept: dict[str, Any] = {"kind": way.kind.value, "told": told(words.way(way))}
    if way.kind is WayKind.LIFT:
        found = words.lifted(way)
        if found is None:
            return None
        return kept | {"lift": found.id, "person": way.person}
    if way.kind is WayKind.ALLOW:
        return kept | {"allow": way.allow}
    if way.kind is WayKind.WINDOW:
        return kept | {"window": list(way.window or ())}
    if way.kind is WayKind.SUBSTITUTE:
        return kept | {"person": way.person, "by": way.by}
    rooms = {line.room.key: line.room.id for line in problem.lines.values()}
    number = rooms.get(way.venue or "")
    return kept | {"venue_id": number} if number is not None else None


def _joined(causes: Sequence[Refusal]) -> Refusal:
    """Return clauses as one, in the punctuation of the language that shows them."""
    first, *rest = causes
    for cause in rest:
        first = Invalid("%(one)s；%(other)s", one=first, other=cause)
    return first


def _few(names: Sequence[str]) -> list[str] | Refusal:
    shown = list(dict.fromkeys(names))
    if len(shown) <= FEW:
        return shown
    return Invalid("%(names)s等 %(n)s 个", names=shown[:FEW], n=len(shown))


def _reason(why: str) -> str | Term:
    return FROM_CALENDAR if why == FROM_CALENDAR else why


@dataclass(frozen=True, slots=True)
class Explained:
    """One unit without a place: its reasons, in keys and in words, and the ways out as kept."""

    reasons: tuple[Reason, ...]
    told: tuple[Refusal, ...]
    ways: tuple[dict[str, Any], ...]


def explained(
    problem: Problem,
    plan: Plan,
    *,
    seconds: float,
    base: Base | None = None,
    stop: Callable[[], bool] | None = None,
) -> dict[str, Explained]:
    """Return why the area's units are left out, with ways out that were tried and work."""
    known = {key: Explained((), (why,), ()) for key, why in problem.refused.items()}
    open_ = [k for k, line in problem.lines.items() if not line.fixed and k not in plan.assign]
    if not [key for key in open_ if key not in known]:
        return known
    words = Remedies(problem)
    found = explain(problem.instance, plan, seconds=seconds, base=base, stop=stop)
    for key in open_:
        reasons = found.get(key) or plan.unplanned.get(key, ())
        if key in known or not reasons:
            continue
        line = problem.lines[key]
        ways = [known_way(problem, way, words) for reason in reasons for way in reason.ways]
        told_ = tuple(words.why(line, reason) for reason in reasons)
        known[key] = Explained(reasons, told_, tuple(way for way in ways if way))
    return known

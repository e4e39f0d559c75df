"""From what was read to the instance: who is required, when they are taken, what stands already."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from govgrid.access import Role
from govgrid.errors import Invalid, Refusal
from govgrid.meetings.models import Part, Stage
from govgrid.meetings.planning import instance as plain
from govgrid.meetings.planning.ground import EVERY_HALF, Ground, place, travel, without
from govgrid.meetings.planning.instance import DAY, DayKind, Span
from govgrid.meetings.planning.lines import Adjust, Draft, Line, Problem, Read, Treat
from govgrid.meetings.queries.engaged import Room, Sitter, Sitting
from govgrid.meetings.queries.roster import Called, Person, called_on, convenor_of
from govgrid.meetings.rules.settings import EVENING, Setup, contradictions

EVERY_KIND = tuple(DayKind)
ROLES = {Role.POLICE: "police", Role.LIAISON: "liaison", Role.HOUSING_OFFICER: "housing"}
NOTHING = Adjust()


class Assembly:
    """Puts one area's month together."""

    def __init__(
        self, ground: Ground, read: Read, treat: Treat, adjust: Mapping[str, Adjust], at: datetime
    ) -> None:
        self.ground, self.read, self.treat, self.adjust, self.at = ground, read, treat, adjust, at
        self.taken = {number: ground.spans(away) for number, away in read.away.items()}
        self.by_code = {person.code: person for person in read.people.values()}
        self.reach = max((d.meets.setup.travel_cap for d in read.drafts), default=0)
        self.lines: dict[str, Line] = {}
        self.meetings: dict[str, plain.Meeting] = {}
        self.grids: dict[str, tuple[int, ...]] = {}
        self.refused: dict[str, Refusal] = {}
        self.elsewhere: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        self.streets: dict[str, str] = {}
        self.rooms: dict[str, Room] = {room.key: room for room in read.rooms.values()}
        self.busy_people: dict[str, list[Span]] = defaultdict(list)
        self.busy_rooms: dict[str, list[Span]] = defaultdict(list)
        self.held: dict[str, list[Span]] = defaultdict(list)  # by person or room: fixed meetings

    def problem(self) -> Problem:
        """Return the whole."""
        movable = [d for d in self.read.drafts if not self._stays(d.sitting)]
        for draft in movable:
            self._movable(draft)
        self._fixed()
        return Problem(
            ground=self.ground,
            instance=self._instance(),
            lines=self.lines,
            elsewhere=self.elsewhere,
            people={code: self.by_code[code] for code in sorted(self.roles)},
            away={p.code: tuple(self.read.away.get(p.id, ())) for p in self.read.people.values()},
            refused=self.refused,
            base=self._base() if self.treat is Treat.REPAIR else None,
        )

    def _stays(self, sitting: Sitting | None) -> bool:
        if sitting is None:
            return False
        if self.treat is Treat.KEEP or sitting.stage is Stage.HELD or sitting.start <= self.at:
            return True
        return self.treat is Treat.AGAIN and sitting.stage is not Stage.PLANNED

    # Meetings to be placed

    def _movable(self, draft: Draft) -> None:
        meets, adjust = draft.meets, self.adjust.get(draft.meets.key, NOTHING)
        sitting = draft.sitting if self.treat is Treat.REPAIR else None
        wrong = next(contradictions(meets.setup), None)
        setup, room = meets.setup, self._room(draft, adjust)
        first, last = adjust.window or (setup.window_from, setup.window_to)
        first = max(first, self.ground.first_open(self.at))
        last = min(last, len(self.ground.days))
        allow = tuple(k for k in DayKind if k in {*self._allowed(setup), *adjust.allow})
        starts = setup.starts
        if sitting is not None:
            called = tuple(_seated(s, setup) for s in sitting.sitters)
            allow, starts = self._as_it_stands(sitting, allow, starts)
        else:
            first, last, called = self._stretch(draft, first, last, allow)
        if adjust.pin is not None:
            first = last = adjust.pin // DAY + 1
            starts, allow = (adjust.pin % DAY,), EVERY_KIND
        called = tuple(self._stood_in(called, adjust))
        line = Line(meets, called, room, draft.sitting, fixed=False, previous=draft.previous)
        self.lines[meets.key] = line
        refusal = wrong[1] if wrong else self._impossible(line, first, last, allow, starts)
        if refusal is not None:
            self.refused[meets.key] = refusal
            return
        self._add(line, (first, last), starts, allow)

    def _allowed(self, setup: Setup) -> Iterator[DayKind]:
        yield DayKind.WORK
        if setup.evenings:
            yield DayKind.EVENING
        if setup.weekends:
            yield DayKind.WEEKEND

    def _as_it_stands(
        self, sitting: Sitting, allow: tuple[DayKind, ...], starts: tuple[int, ...]
    ) -> tuple[tuple[DayKind, ...], tuple[int, ...]]:
        """Let a meeting stay where it stands, even where its settings would not put it."""
        start = self.ground.minute(sitting.start)
        kind = DayKind.EVENING if start % DAY >= EVENING else DayKind.WORK
        if not self.ground.days[start // DAY].work:
            return allow, tuple(sorted({*starts, start % DAY}))
        allowed = tuple(k for k in DayKind if k in {*allow, kind})
        return allowed, tuple(sorted({*starts, start % DAY}))

    def _stood_in(self, called: Iterable[Called], adjust: Adjust) -> Iterator[Called]:
        present = {one.person.code for one in called}
        for one in called:
            other = self.by_code.get(adjust.stand_ins.get(one.person.code, ""))
            if other is not None and other.code not in present:
                yield replace(one, person=other)
            else:
                yield one

    def _room(self, draft: Draft, adjust: Adjust) -> Room:
        if adjust.venue_id is not None and adjust.venue_id in self.read.rooms:
            return self.read.rooms[adjust.venue_id]
        if self.treat is Treat.REPAIR and draft.sitting is not None:
            return self._still_open(draft, draft.sitting)
        return draft.room

    def _still_open(self, draft: Draft, sitting: Sitting) -> Room:
        """Return the room, or where it is closed at that time another of the community."""
        if not _shut(draft.room, sitting):
            return draft.room
        others = (
            room
            for _number, room in sorted(self.read.rooms.items())
            if room.community_id == draft.room.community_id
            and not _shut(room, sitting)
            and (room.capacity is None or room.capacity >= len(sitting.sitters))
            and not any(
                other.venue_id == room.id
                and other.start < sitting.end
                and sitting.start < other.end
                for other in self._sittings()
            )
        )
        return next(others, draft.room)

    def _sittings(self) -> Iterator[Sitting]:
        yield from (d.sitting for d in self.read.drafts if d.sitting is not None)
        yield from self.read.elsewhere

    def _stretch(
        self, draft: Draft, first: int, last: int, allow: tuple[DayKind, ...]
    ) -> tuple[int, int, tuple[Called, ...]]:
        """Return the part of the window with one set of people in which most slots are free."""
        dates = self.ground.dates
        turns = {turn.day for held in draft.posts for turn in held.turns()
                 if dates[0] < turn <= dates[-1] and first < turn.day <= last}  # fmt: skip
        edges = [first, *sorted(turns), last + 1]
        found = []
        for start, end in pairwise(edges):
            day = dates[min(start, len(dates)) - 1]
            called = tuple(called_on(draft.posts, draft.meets, day))
            found.append((start, end - 1, called))
        if len(found) == 1:
            return found[0]
        return max(found, key=lambda s: (self._free(draft, s, allow), -s[0]))

    def _free(
        self, draft: Draft, part: tuple[int, int, tuple[Called, ...]], allow: tuple[DayKind, ...]
    ) -> int:
        first, last, called = part
        length = draft.meets.setup.minutes_long
        taken = [
            span
            for one in called
            if one.part is Part.REQUIRED
            for span in self.taken.get(one.person.id, ())
        ]
        return sum(
            not any(s.start < start + length and start < s.end for s in taken)
            for start in self._open(first, last, draft.meets.setup.starts, allow)
        )

    def _open(
        self, first: int, last: int, starts: Iterable[int], allow: tuple[DayKind, ...]
    ) -> Iterator[int]:
        for day in range(first, last + 1):
            if self.ground.kinds[day - 1].value == "holiday":
                continue
            for minute in starts:
                kind = DayKind.EVENING if minute >= EVENING else DayKind.WORK
                if not self.ground.days[day - 1].work:
                    kind = DayKind.WEEKEND
                if kind in allow:
                    yield (day - 1) * DAY + minute

    def _impossible(
        self,
        line: Line,
        first: int,
        last: int,
        allow: tuple[DayKind, ...],
        starts: tuple[int, ...],
    ) -> Refusal | None:
        if not any(one.part is Part.REQUIRED for one in line.called):
            return Invalid("没有必到人员：召集人等岗位空缺，请先登记任职。")
        if first > last or not any(True for _ in self._open(first, last, starts, allow)):
            return Invalid("召开窗口内没有可以开会的日子，请调整窗口或开放其他时段。")
        return None

    def _add(
        self,
        line: Line,
        window: tuple[int, int],
        starts: tuple[int, ...],
        allow: tuple[DayKind, ...],
    ) -> None:
        setup, codes = line.meets.setup, line.meets.community.path.strip("/").split("/")
        required = _of_part(line.called, Part.REQUIRED)
        members = _of_part(line.called, Part.QUORUM)
        guests = tuple(
            plain.Guest(
                one.person.code,
                plain.GuestKind.LIAISON if one.role is Role.LIAISON else plain.GuestKind.HOUSING,
            )
            for one in line.called
            if one.part is Part.OPTIONAL
        )
        convenor = convenor_of(line.meets.kind, line.called)
        halves = tuple(plain.HalfDay(dow, plain.Part(half)) for dow, half in setup.preferred)
        self._note(line, codes[-2] if len(codes) > 1 else "")
        self.meetings[line.key] = plain.Meeting(
            id=line.key,
            compound=line.meets.home.code if line.meets.home else "",
            community=line.meets.community.code,
            street=codes[-2] if len(codes) > 1 else "",
            district=codes[-3] if len(codes) > 2 else "",
            venue=line.room.key,
            duration=line.minutes,
            window=window,
            grid=self._grid(starts),
            allow=allow,
            required=required,
            optional=guests,
            quorum=plain.Quorum(members, setup.fewest(len(members))),
            preferred=halves or EVERY_HALF,
            prev=self._previous(line.previous),
            convenor=convenor.code if convenor else required[0],
        )

    def _grid(self, starts: tuple[int, ...]) -> str:
        name = "-".join(map(str, starts))
        self.grids[name] = starts
        return name

    def _previous(self, met: datetime | None) -> plain.Previous | None:
        if met is None:
            return None
        local = met.astimezone(self.ground.midnight.tzinfo)
        return plain.Previous(local.isoweekday(), local.hour * 60 + local.minute)

    def _note(self, line: Line, street: str) -> None:
        for one in line.called:
            code = one.person.code
            self.streets.setdefault(code, street)
            if self.roles.get(code) != "police":
                self.roles[code] = ROLES.get(one.role, one.role.value)
        self.rooms.setdefault(line.room.key, line.room)

    # What stands already

    def _fixed(self) -> None:
        """Place what stands: as meetings of one start, so that the way there counts as well."""
        inside = {d.sitting.id: d for d in self.read.drafts if d.sitting is not None}
        fixed = [d.sitting for d in inside.values() if self._stays(d.sitting)]
        for sitting in sorted(
            [s for s in fixed if s is not None] + self.read.elsewhere, key=lambda s: (s.start, s.id)
        ):
            key = f"#{sitting.id}"
            if sitting.id in inside:
                draft = inside[sitting.id]
                called = tuple(_seated(s, draft.meets.setup) for s in sitting.sitters)
                line = Line(draft.meets, called, draft.room, sitting, True, draft.previous)
                self.lines[line.key], key = line, line.key
            else:
                self.elsewhere[key] = sitting.title
            self._place(key, sitting)

    def _place(self, key: str, sitting: Sitting) -> None:
        span = self.ground.span(sitting.start, sitting.end)
        if span.start >= span.end:
            return
        room = self.read.rooms[sitting.venue_id].key
        codes = [s.code for s in sitting.sitters if s.code in self.roles]
        near = self.reach
        crowded = any(
            h.start - near < span.end and span.start < h.end + near
            for name in (*codes, room)
            for h in self.held[name]
        )
        if crowded or not codes:
            self.busy_rooms[room].append(span)
            for code in codes:
                self.busy_people[code].append(span)
            return
        for name in (*codes, room):
            self.held[name].append(span)
        self.meetings[key] = self._stone(key, sitting, span, room, codes)

    def _stone(
        self, key: str, sitting: Sitting, span: Span, room: str, codes: list[str]
    ) -> plain.Meeting:
        """Return a meeting that can be nowhere else."""
        day, street = span.start // DAY + 1, self.streets[codes[0]]
        return plain.Meeting(
            id=key, compound="", community="", street=street, district="", venue=room,
            duration=int((sitting.end - sitting.start).total_seconds() // 60),
            window=(day, day), grid=self._grid((span.start % DAY,)), allow=EVERY_KIND,
            required=tuple(dict.fromkeys(codes)), optional=(), quorum=plain.Quorum((), 0),
            preferred=EVERY_HALF, prev=None, convenor=codes[0],
        )  # fmt: skip

    # The instance

    def _instance(self) -> plain.Instance:
        setups = [d.meets.setup for d in self.read.drafts]
        ways = travel(
            max((s.travel_base for s in setups), default=0),
            max((s.travel_per_km for s in setups), default=0),
            max((s.travel_cap for s in setups), default=0),
        )
        used = {meeting.venue for meeting in self.meetings.values()}
        rooms = [room for key, room in self.rooms.items() if key in used]
        return plain.Instance(
            month=f"{self.ground.month:%Y-%m}",
            days=self.ground.days,
            grids=dict(sorted(self.grids.items())),
            evening_from=EVENING,
            travel=ways,
            venues=self._venues(rooms),
            people={code: self._person(code) for code in sorted(self.roles)},
            meetings=dict(sorted(self.meetings.items())),
        )

    def _venues(self, rooms: list[Room]) -> dict[str, plain.Venue]:
        holidays = self.ground.holidays()
        placed = place(rooms, self.read.middles)
        return {
            key: replace(placed[key], busy=self._closed(self.rooms[key], holidays))
            for key in placed
        }

    def _closed(self, room: Room, holidays: list[Span]) -> tuple[Span, ...]:
        spans = [*self.ground.spans(room.closures), *self.busy_rooms[room.key], *holidays]
        return without(spans, self.held[room.key])

    def _person(self, code: str) -> plain.Person:
        taken = [*self.taken.get(self.by_code[code].id, ()), *self.busy_people[code]]
        busy = without(taken, self.held[code])
        return plain.Person(code, self.roles[code], self.streets[code], busy)

    def _base(self) -> plain.Base:
        moving = [
            line
            for key, line in self.lines.items()
            if not line.fixed and key in self.meetings and line.sitting is not None
        ]
        return plain.Base(
            {m.key: self.ground.minute(m.sitting.start) for m in moving if m.sitting},
            frozenset(m.key for m in moving if m.sitting and m.sitting.stage is Stage.CONFIRMED),
        )


def _of_part(called: Iterable[Called], part: Part) -> tuple[str, ...]:
    return tuple(one.person.code for one in called if one.part is part)


def _seated(sitter: Sitter, setup: Setup) -> Called:
    """Return who is due at a meeting that stands; the settings say whose number counts."""
    person = Person(sitter.officer_id, sitter.code, sitter.name)
    counted = setup.part(sitter.role) is Part.QUORUM
    part = Part.OPTIONAL if not sitter.required else Part.QUORUM if counted else Part.REQUIRED
    return Called(person, sitter.role, part, 0)


def _shut(room: Room, sitting: Sitting) -> bool:
    return any(c.start < sitting.end and sitting.start < c.end for c in room.closures)

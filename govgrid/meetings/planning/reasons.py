"""Why a meeting has no place: who is busy, which two never meet, which meetings exclude it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import combinations
from operator import or_

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.conflicts import Conflicts
from govgrid.meetings.planning.instance import DAY, Meeting, Reason, ReasonKind
from govgrid.meetings.planning.starts import Mask
from govgrid.meetings.planning.wording import Wording

MOST = 5  # reasons told of one meeting
QUORUM = "/quorum"  # no id of a person or a room can be mistaken for it
ROOM = "/room"


class Reasons:
    """Finds the reasons of one plan."""

    def __init__(
        self,
        board: Board,
        held: Mapping[str, int],
        conflicts: Conflicts,
        wording: Wording,
    ) -> None:
        self._board = board
        self._held = held
        self._conflicts = conflicts
        self._wording = wording

    def of(self, id_: str) -> tuple[Reason, ...]:
        """Return why the meeting is not held: smallest causes only, each enough by itself."""
        meeting = self._board.instance.meetings[id_]
        if not self._board.choices[id_]:
            return tuple(self._never_free(meeting))
        return (self._excluded(meeting),)

    def _never_free(self, meeting: Meeting) -> Iterator[Reason]:
        """Yield reasons where busy times alone leave no start."""
        asked = self._board.moments.open(meeting)
        if not asked:
            yield Reason(ReasonKind.NO_FREE_SLOT, (), (), self._wording.never_open(meeting))
        blocked = self._blocked(meeting, asked)
        for names in _covers(blocked, asked)[:MOST]:
            yield self._blaming(meeting, names, blocked)

    def _blocked(self, meeting: Meeting, asked: Mask) -> dict[str, Mask]:
        moments, duration = self._board.moments, meeting.duration
        blocked = {
            person: moments.person(person, duration) & asked
            for person in dict.fromkeys(meeting.required)
        }
        blocked[ROOM] = moments.venue(meeting.venue, duration) & asked
        blocked[QUORUM] = moments.short_of_quorum(meeting, asked)
        return {name: mask for name, mask in blocked.items() if mask}

    def _blaming(
        self, meeting: Meeting, names: Sequence[str], blocked: Mapping[str, Mask]
    ) -> Reason:
        people = tuple(name for name in names if name not in (ROOM, QUORUM))
        venue = meeting.venue if ROOM in names else None
        kind = ReasonKind.NO_FREE_SLOT
        if names == (ROOM,):
            kind = ReasonKind.VENUE_FULL
        elif len(people) == len(names) == 2:
            kind = ReasonKind.TWO_PEOPLE_NEVER_MEET
        if QUORUM in names:
            people += self._away(meeting, blocked[QUORUM])
        text = self._wording.never_free(meeting, kind, people, venue, short=QUORUM in names)
        return Reason(kind, people, self._days(meeting), text, venue=venue)

    def _away(self, meeting: Meeting, short: Mask) -> tuple[str, ...]:
        """Return who of the quorum is away when it falls short, most often first."""
        away = Counter(
            {
                person: (self._board.moments.person(person, meeting.duration) & short).bit_count()
                for person in meeting.quorum.people
            }
        )
        return tuple(person for person, times in away.most_common() if times)

    def _days(self, meeting: Meeting) -> tuple[int, ...]:
        moments = self._board.moments
        starts = moments.starts(moments.open(meeting))
        return tuple(dict.fromkeys(start // DAY + 1 for start in starts))

    def _excluded(self, meeting: Meeting) -> Reason:
        """Return the reason where other meetings take every start."""
        starts = self._board.choices[meeting.id]
        days = tuple(dict.fromkeys(start // DAY + 1 for start in starts))
        ids = self._conflicts.around(meeting.id, self._held)
        if not ids:
            return Reason(ReasonKind.NOT_FOUND, (), days, self._wording.not_found(meeting, starts))
        meetings = [self._board.instance.meetings[id_] for id_ in ids]
        rooms = {meeting.venue for meeting in meetings}
        if len(rooms) == 1 and self._conflicts.for_want_of_rooms(ids):
            text = self._wording.room_full(meeting, meetings)
            return Reason(ReasonKind.VENUE_FULL, (), days, text, ids, meeting.venue)
        times = Counter(person for one in meetings for person in dict.fromkeys(one.required))
        shared = tuple(sorted(person for person, count in times.items() if count > 1))
        text = self._wording.excluded(meeting, meetings, shared)
        return Reason(ReasonKind.CONFLICT_SET, shared, days, text, ids)


def _covers(blocked: Mapping[str, Mask], asked: Mask) -> list[tuple[str, ...]]:
    """Return the smallest sets of names that together block every start asked for."""
    for size in range(1, len(blocked) + 1):
        found = [
            names
            for names in combinations(blocked, size)
            if not asked & ~reduce(or_, (blocked[name] for name in names))
        ]
        if found:
            # people are easier to talk to than rooms and quorums
            return sorted(found, key=lambda names: (ROOM in names) + (QUORUM in names))
    return []

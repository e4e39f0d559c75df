"""A valid plan within seconds: most constrained first, pushing others out where nothing is left."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.costs import cost_of, liaisons_of, police_of
from govgrid.meetings.planning.diary import Diary
from govgrid.meetings.planning.instance import DAY, Meeting

LOOKS = 150  # at starts, for each meeting on average; a limit that is no clock
TRIES = 6  # to push in one meeting before it stays out
LEAST_LOOKS = 20_000
Stop = Callable[[], bool]


class Greedy:
    """Places meetings into a diary; what stands in it already may be pushed out, unless fixed."""

    def __init__(
        self, diary: Diary, choices: Mapping[str, Sequence[int]], fixed: Iterable[str] = ()
    ) -> None:
        """`choices` holds the free starts of each meeting."""
        self.diary = diary
        self.instance = diary.instance
        self._load: Counter[tuple[str, int]] = Counter()
        self._visits: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
        self._fixed = frozenset(fixed)
        self._pushed: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()
        self._looks = 0
        self._queue: list[tuple[int, int, str]] = []
        self._choices = choices
        self._priced: dict[str, list[tuple[int, int]]] = {}
        for id_, start in diary.starts.items():
            self._weigh(id_, start, 1)

    def run(self, ids: Iterable[str], stop: Stop) -> dict[str, int]:
        """Place the meetings; return the fullest plan met. Meetings with no start stay out."""
        self._looks = LEAST_LOOKS + LOOKS * len(self._choices)
        most_constrained = sorted((len(self._choices[id_]), id_) for id_ in ids)
        hard = [
            id_ for count, id_ in most_constrained if count and not stop() and not self._seat(id_)
        ]
        best = dict(self.diary.starts)
        for id_ in hard:
            self._enqueue(id_)
        while self._queue and self._looks > 0 and not stop():
            *_, id_ = heapq.heappop(self._queue)
            self._tries[id_] += 1
            if not self._seat(id_) and self._tries[id_] <= TRIES:
                self._push_in(id_)
            if len(self.diary.starts) > len(best):
                best = dict(self.diary.starts)
        return best

    def _enqueue(self, id_: str) -> None:
        heapq.heappush(self._queue, (-self._pushed[id_], len(self._choices[id_]), id_))

    def _seat(self, id_: str) -> bool:
        """Put the meeting where it costs least and clashes with nothing."""
        meeting = self.instance.meetings[id_]
        for _, start in self._by_price(id_):
            self._looks -= 1
            if not self.diary.clashing(meeting, start):
                self._place(id_, start)
                return True
        return False

    def _push_in(self, id_: str) -> None:
        """Put the meeting where the fewest others, and those least pushed so far, make room."""
        meeting = self.instance.meetings[id_]
        fewest: tuple[int, int, set[str]] | None = None
        for _, start in self._by_price(id_):
            self._looks -= 1
            others = self.diary.clashing(meeting, start)
            weight = sum(1 + self._pushed[other] for other in others)
            if not others & self._fixed and (fewest is None or weight < fewest[0]):
                fewest = (weight, start, others)
        if fewest is None:
            return
        _, start, others = fewest
        for other in sorted(others):
            self._push_out(other)
        self._place(id_, start)

    def _by_price(self, id_: str) -> list[tuple[int, int]]:
        """Return price and start, cheapest first, with what the day weighs on the police now."""
        meeting = self.instance.meetings[id_]
        if id_ not in self._priced:
            self._priced[id_] = [
                (cost_of(self.instance, meeting, start), start) for start in self._choices[id_]
            ]
        return sorted(
            (price + self._weight(meeting, start), start) for price, start in self._priced[id_]
        )

    def _weight(self, meeting: Meeting, start: int) -> int:
        """Return what the start costs beside the meetings placed: full days, liaisons missed."""
        weights, day = self.instance.weights, start // DAY
        full = sum(
            self._load[person, day] >= weights.police_day_soft
            for person in police_of(self.instance, meeting)
        )
        missed = sum(not self._comes(person, meeting, start) for person in liaisons_of(meeting))
        return weights.police_over * full + weights.liaison_missed * missed

    def _comes(self, person: str, meeting: Meeting, start: int) -> bool:
        """Tell whether a liaison can come beside the meetings of that day they come to already."""
        diary, moments = self.diary, self.diary.moments
        if moments.person(person, meeting.duration) & moments.mask([start]):
            return False
        held = {
            **self._visits[person, start // DAY],
            **{id_: diary.starts[id_] for id_ in diary.of_person(person)},
        }
        return all(
            id_ == meeting.id
            or diary.roads.apart(meeting, start, self.instance.meetings[id_], other)
            for id_, other in held.items()
        )

    def _place(self, id_: str, start: int) -> None:
        self.diary.place(id_, start)
        self._weigh(id_, start, 1)

    def _push_out(self, id_: str) -> None:
        self._weigh(id_, self.diary.starts[id_], -1)
        self.diary.remove(id_)
        self._pushed[id_] += 1
        self._enqueue(id_)

    def _weigh(self, id_: str, start: int, by: int) -> None:
        meeting, day = self.instance.meetings[id_], start // DAY
        for person in police_of(self.instance, meeting):
            self._load[person, day] += by
        for person in liaisons_of(meeting):
            if by < 0:
                self._visits[person, day].pop(id_, None)
            elif self._comes(person, meeting, start):
                self._visits[person, day][id_] = start


def seat(
    board: Board, wanted: Mapping[str, int], stop: Stop, fixed: Iterable[str] = ()
) -> dict[str, int]:
    """Return a valid plan: the wanted starts where they fit together, the rest greedily."""
    diary, fixed = board.diary(), frozenset(fixed)
    for id_, start in sorted(wanted.items(), key=lambda item: (item[0] not in fixed, item[0])):
        meeting = board.instance.meetings[id_]
        if start in board.choices[id_] and not diary.clashing(meeting, start):
            diary.place(id_, start)
    rest = [id_ for id_ in board.choices if id_ not in diary.starts]
    return Greedy(diary, board.choices, fixed).run(rest, stop)

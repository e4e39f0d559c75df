"""Decisions about minutes: who must approve, what a correction changed, what is searched."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govgrid.access import Actor, Power
from govgrid.clock import HERE
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.meetings.models import Approval, Minutes, MinutesStage, Retention, Reviewer
from govgrid.words import N_

Record = Mapping[str, Any]
MOST_ANNEXES = 9
YEARS = {Retention.TEN: 10, Retention.THIRTY: 30}
PLACES = (
    ("place", N_("地点")),
    ("opening", N_("导语")),
    ("copied_to", N_("抄送")),
    ("annexes", N_("附件")),
)
PARTS = (("brief", N_("听取情况")), ("notes", N_("讨论意见")), ("resolutions", N_("议定事项")))


@dataclass(frozen=True, slots=True)
class House:
    """How an area's minutes look, who must approve them, how long they are kept."""

    body: str = "{街道}办事处"
    masthead: str = "{社区}联席会议纪要"
    copied_to: str = ""
    red_rule: bool = True
    retention: Retention = Retention.THIRTY
    street_review: bool = True

    def named(self, community: str, street: str) -> dict[str, object]:
        """Return what the record keeps of it, the names filled in."""

        def filled(text: str) -> str:
            return text.replace("{社区}", community).replace("{街道}", street)

        return {
            "body": filled(self.body),
            "masthead": filled(self.masthead),
            "red_rule": self.red_rule,
        }


def listed(text: str) -> list[str]:
    """Return the names of a list that people wrote with any of the usual marks between."""
    for mark in "，,；;\n":
        text = text.replace(mark, "、")
    return [name for part in text.split("、") if (name := part.strip().rstrip("。"))]


def required(house: House) -> tuple[Reviewer, ...]:
    """Return who must approve, in order."""
    return tuple(Reviewer) if house.street_review else (Reviewer.CONVENOR,)


def standing(minutes: Minutes) -> dict[Reviewer, Approval]:
    """Return the approvals that nobody's edit retracted."""
    return {one.reviewer: one for one in minutes.approvals if one.retracted_at is None}


def lacking(minutes: Minutes, house: House) -> list[Reviewer]:
    """Return whose approval is missing."""
    given = standing(minutes)
    return [reviewer for reviewer in required(house) if reviewer not in given]


def may_approve(actor: Actor, reviewer: Reviewer, path: str, convenor_id: int) -> bool:
    """Tell whether the actor may approve in that place.

    For the convenor the convenor does, or the community's secretary; for the street its liaison.
    """
    if reviewer is Reviewer.STREET:
        return actor.may(Power.REVIEW, path)
    if actor.officer_id == convenor_id:
        return True
    return actor.may(Power.SIGN, path) and not actor.may(Power.REVIEW, path)


def refuse_approval(actor: Actor, minutes: Minutes, reviewer: Reviewer, house: House) -> None:
    """Raise `Conflict` where this approval is not asked for now, or the same person gave the other."""
    if minutes.stage is not MinutesStage.IN_REVIEW:
        raise Conflict(
            "纪要当前为“%(now)s”，不能进行该操作。请刷新页面查看。", now=minutes.stage.word
        )
    if reviewer not in lacking(minutes, house):
        raise Conflict("该环节已审核通过，请刷新页面查看。")
    if any(one.officer_id == actor.officer_id for one in standing(minutes).values()):
        raise Forbidden("同一份纪要的召集人审核和街道审核不能由同一个人完成。")


def refuse_unapproved(minutes: Minutes, house: House) -> None:
    """Raise `Conflict` where approvals are missing."""
    if missing := lacking(minutes, house):
        raise Conflict(
            "纪要尚缺：%(missing)s。审核通过后才能签发。", missing=[one.word for one in missing]
        )


def changes(old: Record, new: Record) -> list[str]:
    """Return in Chinese what a correction changed, as its paper says it."""
    found = [str(word) for key, word in PLACES if (old.get(key) or []) != (new.get(key) or [])]
    found += [
        f"{before['name']}的考勤"
        for before, after in zip(old["attendees"], new["attendees"], strict=True)
        if before != after
    ]
    for number, (before, after) in enumerate(zip(old["agenda"], new["agenda"], strict=True), 1):
        found += [f"议题{number}的{word}" for key, word in PARTS if before[key] != after[key]]
    found += [
        f"督办事项{before['number']}"
        for before, after in zip(old["actions"], new["actions"], strict=True)
        if before != after
    ]
    return found


def refuse_unchanged(old: Record, new: Record) -> None:
    """Raise `Invalid` where a correction changes nothing."""
    if not changes(old, new):
        raise Invalid("更正版与已签发的纪要没有差别，请先修改后再提交。")


def pairs(text: str) -> list[str]:
    """Return every pair of neighbouring letters or digits once, and the last of each run alone.

    So a word of any length from one character on is found: its pairs all stand there, or it
    begins one.
    """
    found: dict[str, None] = {}
    for run in _runs(text):
        for place in range(len(run) - 1):
            found[run[place : place + 2]] = None
        found[run[-1]] = None
    return list(found)


def asked_pairs(text: str) -> list[str]:
    """Return what the pairs of a text must contain to hold the asked one: a lone character begins one."""
    return list(
        dict.fromkeys(
            run[place : place + 2] for run in _runs(text) for place in range(max(1, len(run) - 1))
        )
    )


def _runs(text: str) -> Iterator[str]:
    run = ""
    for char in text.casefold():
        if char.isalnum():
            run += char
        elif run:
            yield run
            run = ""
    if run:
        yield run


def spoken(record: Record) -> str:
    """Return what signed minutes say, a line each: what is searched."""
    return "\n".join(line for line in _lines(record) if line)


def _lines(record: Record) -> Iterator[str]:
    yield record["title"]
    yield f"{record['district']} {record['street']} {record['community']} {record['unit']}"
    yield record["place"]
    yield "、".join(_people(record["attendees"]))
    yield "、".join(one["name"] for one in record.get("guests", ()))
    yield from record.get("opening", ())
    for item in record["agenda"]:
        yield item["title"]
        for key in ("brief", "notes", "resolutions"):
            yield from item[key]
        yield "、".join(f"{case['number']} {case['category']}" for case in item["cases"])
    for action in record["actions"]:
        yield "、".join((action["matter"], action["owner"], *action["co_owners"]))
    for annex in record.get("annexes", ()):
        yield annex["title"]
        yield from annex["text"]
    yield from (file["name"] for file in record.get("files", ()))


def _people(attendees: Iterable[Record]) -> Iterator[str]:
    for attendee in attendees:
        yield attendee["name"]
        if attendee["substitute"]:
            yield attendee["substitute"]


def excerpt(text: str, words: Sequence[str], around: int = 40) -> tuple[str, str, str]:
    """Return what stands before, at and after the first found word."""
    folded = text.casefold()
    if len(folded) != len(text):  # a letter that folds to two: places would not agree
        folded = text
    places = [(folded.find(word.casefold()), word) for word in words]
    place, word = min(((p, w) for p, w in places if p >= 0), default=(-1, ""))
    if place < 0:
        return "", "", text[: 2 * around].replace("\n", " ")
    first, end = max(0, place - around), place + len(word)
    parts = (text[first:place], text[place:end], text[end : end + around])
    before, at, after = (part.replace("\n", " ") for part in parts)
    return ("…" if first else "") + before, at, after + ("…" if end + around < len(text) else "")


def file_number(minutes: Minutes) -> str:
    """Return the number under which signed minutes are filed; meeting and community are loaded."""
    meeting = minutes.meeting
    mark = f"-{minutes.number}" if minutes.number > 1 else ""
    place = f"{meeting.community.code}-{meeting.unit_id}"
    return f"LXHY-{place}-{meeting.month.year}-{minutes.issue:03}{mark}"


def kept_until(minutes: Minutes) -> int | None:
    """Return the last year in which they are kept, None for ever.

    The time runs from the year after the file was made (DA/T 22-2015).
    """
    if minutes.signed_at is None or minutes.retention not in YEARS:
        return None
    return minutes.signed_at.astimezone(HERE).year + YEARS[minutes.retention]

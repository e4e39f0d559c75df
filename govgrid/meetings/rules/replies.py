"""Whether an answer that came by mail counts: pure decisions on what it says."""

from dataclasses import dataclass
from datetime import datetime

from govgrid.meetings.inbox.itip import Said, Voice
from govgrid.meetings.models import Attendee, Meeting, Outcome, Reply, Stage
from govgrid.words import N_, Term

REPLIES = {
    "ACCEPTED": Reply.ACCEPTED,
    "TENTATIVE": Reply.TENTATIVE,
    "DECLINED": Reply.DECLINED,
    "DELEGATED": Reply.SUBSTITUTE,
}
METHODS = frozenset({"REPLY", "COUNTER", "REFRESH"})


NOTHING = Term("")


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a mail, and why in the interface's words."""

    outcome: Outcome
    reason: Term = NOTHING


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent the mail; `doubted` where our own server found the address forged."""

    address: str
    doubted: bool = False


def speaker(said: Said, sender: Sender) -> Voice | Judged:
    """Return the one attendee who speaks, or why nobody does."""
    if said.method not in METHODS:
        return Judged(Outcome.IGNORED, N_("不是对会议通知的回复"))
    if said.method == "COUNTER" and len(said.voices) > 1:
        # A proposal may name everybody; who proposes is the sender.
        own = [voice for voice in said.voices if voice.address == sender.address]
        return own[0] if len(own) == 1 else Judged(Outcome.REVIEW, N_("无法确认由谁提出"))
    if len(said.voices) != 1:
        return Judged(Outcome.REFUSED, N_("回复中应有且只有一名参会人"))
    return said.voices[0]


def judge(
    said: Said, voice: Voice, sender: Sender, meeting: Meeting, seat: Attendee | None,
    *, at: datetime,
) -> Judged:  # fmt: skip
    """Return what becomes of an answer for this meeting; `seat` is the attendee of that address."""
    if seat is None:
        return Judged(Outcome.REVIEW, N_("回复人不在参会名单中"))
    open_ = meeting.stage is Stage.CONFIRMED
    old, vague = (said.sequence or 0) < seat.asked, said.sequence is None and bool(seat.asked)
    hindrances = (
        (voice.address != sender.address, Outcome.REVIEW, N_("发件人不是参会人本人")),
        (sender.doubted, Outcome.REVIEW, N_("发件人未通过邮件服务器验证")),
        (seat.removed_at is not None, Outcome.STALE, N_("该人员已移出参会名单")),
        (not open_, Outcome.STALE, N_("会议已取消或已召开")),
        (meeting.start <= at, Outcome.STALE, N_("会议已经开始")),
        (vague, Outcome.REVIEW, N_("未说明针对哪一次安排")),
        (old, Outcome.STALE, N_("针对的是变更前的安排")),
        (said.method == "COUNTER", Outcome.REVIEW, N_("提议另择时间")),
    )
    for hinders, outcome, reason in hindrances:
        if hinders:
            return Judged(outcome, reason)
    return Judged(Outcome.APPLIED) if said.method == "REFRESH" else _reply(said, voice, seat)


def _reply(said: Said, voice: Voice, seat: Attendee) -> Judged:
    reply = REPLIES.get(voice.status)
    if reply is None:
        if voice.status == "NEEDS-ACTION":
            return Judged(Outcome.IGNORED, N_("尚未答复"))
        return Judged(Outcome.REFUSED, N_("未说明是否参加"))
    if said.stamp is not None and seat.replied_at is not None:
        if said.stamp < seat.replied_at:
            return Judged(Outcome.STALE, N_("已有更新的回复"))
        if (said.stamp, reply) == (seat.replied_at, seat.reply):
            return Judged(Outcome.DUPLICATE, N_("已登记过同样的回复"))
    return Judged(Outcome.APPLIED)

"""Decisions about action items: their state, whether on time, when the street is told; pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from govgrid.errors import Invalid
from govgrid.media import JPEG, PNG, WEBP, media_type
from govgrid.meetings.models import ActionItem
from govgrid.words import N_, Word

ESCALATES = 2  # later meetings that found it open, at which the street is told
SOON = timedelta(days=3)
MIB = 1024 * 1024
MOST_PHOTOS, MOST_BYTES = 4, 5 * MIB  # of one report; of one picture
_PICTURES = frozenset({PNG, JPEG, WEBP})


class TaskState(Word):
    """How an action item stands on a day."""

    OPEN = "open", N_("办理中")
    DUE = "due", N_("即将到期")
    OVERDUE = "overdue", N_("已逾期")
    REPORTED = "reported", N_("待验收")
    DONE = "done", N_("按时办结")
    DONE_LATE = "done_late", N_("逾期办结")


class TaskList(Word):
    """Which action items a list shows."""

    OPEN = "open", N_("未办结")
    DUE = "due", N_("即将到期")
    OVERDUE = "overdue", N_("已逾期")
    REPORTED = "reported", N_("待验收")
    ESCALATED = "escalated", N_("已报街道")
    CLOSED = "closed", N_("已办结")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it came: bytes, and the media type that its first bytes say."""

    data: bytes
    media_type: str


def state_of(item: ActionItem, today: date) -> TaskState:
    """Return the item's state on a day in China."""
    if item.closed_at is not None:
        return TaskState.DONE if done_on_time(item) else TaskState.DONE_LATE
    if item.done_on is not None:
        return TaskState.REPORTED
    if item.deadline < today:
        return TaskState.OVERDUE
    return TaskState.DUE if item.deadline <= today + SOON else TaskState.OPEN


def done_on_time(item: ActionItem) -> bool:
    """Tell of a closed item whether it was said to be done by its deadline."""
    return item.done_on is not None and item.done_on <= item.deadline


def picture_of(data: bytes) -> Picture:
    """Return what the bytes are, whatever the file is called. Raise `Invalid` for anything else."""
    if len(data) > MOST_BYTES:
        raise Invalid("每张图片不超过 %(n)s MB，请压缩后再上传。", n=MOST_BYTES // MIB)
    kind = media_type(data)
    if kind in _PICTURES:
        return Picture(data, kind)
    raise Invalid("图片只能是 JPEG、PNG 或 WebP 格式，请转换后再上传。")


def pictures_of(files: Sequence[bytes]) -> list[Picture]:
    """Return the pictures. Raise `Invalid` for too many, or for one that is none."""
    if len(files) > MOST_PHOTOS:
        raise Invalid("每次最多上传 %(n)s 张图片。", n=MOST_PHOTOS)
    return [picture_of(data) for data in files]

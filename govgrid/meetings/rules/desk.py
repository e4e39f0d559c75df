"""What holds up a month's minutes, and with whom it lies."""

from dataclasses import dataclass

from govgrid.meetings.models import Meeting, Minutes, MinutesStage, Reviewer, Stage
from govgrid.meetings.rules.minutes import House, lacking
from govgrid.words import N_, Word


class Holdup(Word):
    """What must happen next before the minutes can be printed."""

    UNPLANNED = "unplanned", N_("会议未排定")
    UNHELD = "unheld", N_("会议未召开")
    UNWRITTEN = "unwritten", N_("纪要未提交")
    CONVENOR = "convenor", N_("待召集人审核")
    STREET = "street", N_("待街道审核")
    UNSIGNED = "unsigned", N_("待签发")


@dataclass(frozen=True, slots=True)
class Doer:
    """Somebody with whom it lies; without e-mail there is a phone."""

    id: int
    name: str
    email: str | None


def holdup(meeting: Meeting | None, minutes: Minutes | None, house: House) -> Holdup | None:
    """Return what is missing, None where the minutes are signed."""
    if meeting is None:
        return Holdup.UNPLANNED
    if minutes is None or meeting.stage is not Stage.HELD:
        return Holdup.UNHELD
    if minutes.stage is MinutesStage.SIGNED:
        return None
    if minutes.stage is MinutesStage.DRAFT:
        return Holdup.UNWRITTEN
    missing = lacking(minutes, house)
    if not missing:
        return Holdup.UNSIGNED
    return Holdup.CONVENOR if missing[0] is Reviewer.CONVENOR else Holdup.STREET

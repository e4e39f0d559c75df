"""What a printed minutes says: plain values, no markup, no database."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class House:
    """A body's own form of the minutes (GB/T 9704-2012, 10.3 lets it adapt the form)."""

    body: str
    """发文机关, e.g. 某某区某某街道办事处."""
    masthead: str
    """纪要标志, e.g. 某某街道联席会议纪要."""
    red_rule: bool = True


@dataclass(frozen=True, slots=True)
class Attendee:
    name: str
    role: str = ""
    stands_for: str = ""
    """Whom a substitute 代会 stands for; printed as ×××（代×××）."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """Heads, counted by the caller; `present` includes the substitutes."""

    due: int
    present: int
    substituted: int
    excused: int
    absent: int
    quorum: int
    held: bool
    """Whether the quorum was reached."""


@dataclass(frozen=True, slots=True)
class Attendance:
    present: tuple[Attendee, ...] = ()
    excused: tuple[Attendee, ...] = ()
    absent: tuple[Attendee, ...] = ()
    observers: tuple[Attendee, ...] = ()


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One item; every entry of heard, discussed, decided is a paragraph."""

    kind: str
    """The kind's label, e.g. 诉求办理."""
    title: str
    heard: tuple[str, ...] = ()
    discussed: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionRow:
    number: str
    matter: str
    owner: str
    co_owners: tuple[str, ...]
    deadline: date


@dataclass(frozen=True, slots=True)
class Share:
    """A rate as its two counts; printed as — when `whole` is 0."""

    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class RatesRow:
    """The four rates 四率 of one unit (a compound, or 合计)."""

    unit: str
    received: int
    response: Share
    completion: Share
    closed_in_48h: Share
    satisfaction: Share
    report: Share


@dataclass(frozen=True, slots=True)
class RatesTable:
    period: str
    """As printed, e.g. 2026年10月."""
    as_of: datetime
    """Aware; what happened later is not counted."""
    rows: tuple[RatesRow, ...]


@dataclass(frozen=True, slots=True)
class ShowcaseRow:
    panel: str
    item: str
    promise: str
    result: str
    amount: str = ""
    """As printed, with its unit; empty when the item has none."""
    met: bool | None = None
    """None: not judged."""
    unit: str = ""
    """The compound; printed when the table has rows of several."""


@dataclass(frozen=True, slots=True)
class ShowcaseTable:
    period: str
    rows: tuple[ShowcaseRow, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    name: str
    role: str
    at: datetime
    """Aware."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """版记: the foot of the last page."""

    copied_to: tuple[str, ...]
    office: str
    printed_on: date


@dataclass(frozen=True, slots=True)
class Annex:
    """附件: a page of its own."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnclosedFile:
    """A file of an agenda item: named in the list that closes the paper, and inside the PDF."""

    place: str
    """What it is called inside the PDF: ASCII."""
    name: str
    item: str
    """The agenda item's title."""
    kind: str
    size: int
    digest: str
    """SHA-256, hexadecimal."""
    content: bytes = b""
    """Empty where it is not inside."""
    picture: bytes = b""
    """A JPEG of ours, printed on a page of its own; empty where there is none."""
    why: str = ""
    """What could not be done with it."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How a reader checks the paper against the archive."""

    url: str
    code: str
    digest: str
    """SHA-256 of `meeting_json`, hexadecimal; a PDF cannot hold its own hash."""


@dataclass(frozen=True, slots=True)
class MinutesDocument:
    """One minutes; the same value always prints the same bytes."""

    house: House
    issue: str
    """As printed, e.g. 第10期."""
    issued_on: date
    title: str
    starts_at: datetime
    ends_at: datetime
    """Aware, like every datetime here; printed in Asia/Shanghai."""
    place: str
    convenor: Attendee
    turnout: Turnout
    attendance: Attendance
    agenda: tuple[AgendaItem, ...]
    imprint: Imprint
    verification: Verification
    retention: str
    """保管期限 as printed: 10年, 30年 or 永久."""
    meeting_json: bytes
    calendar: bytes
    """The meeting's .ics; like `meeting_json` attached to the PDF."""
    at: datetime
    """The PDF's creation date."""
    opening: tuple[str, ...] = ()
    """Paragraphs before the first agenda item."""
    actions: tuple[ActionRow, ...] = ()
    rates: RatesTable | None = None
    showcase: ShowcaseTable | None = None
    approvals: tuple[Approval, ...] = ()
    annexes: tuple[Annex, ...] = ()
    files: tuple[EnclosedFile, ...] = ()
    stage: str = ""
    """Empty when signed; otherwise printed top left, e.g. 草稿 or 送审稿."""
    note: str = ""
    """A remark after the last section, as a sentence."""
    correction: str = ""
    """Which version this one corrects, as a sentence; printed under the title."""

"""From the record of a meeting to what its paper says."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from govgrid.meetings import calendar
from govgrid.meetings.models import Retention
from govgrid.meetings.papers.document import (
    ActionRow,
    AgendaItem,
    Annex,
    Approval,
    Attendance,
    Attendee,
    House,
    Imprint,
    MinutesDocument,
    RatesRow,
    RatesTable,
    Share,
    ShowcaseRow,
    ShowcaseTable,
    Turnout,
    Verification,
)
from govgrid.meetings.papers.files import files_of
from govgrid.meetings.papers.wording import day
from govgrid.meetings.record import Record, record_bytes, record_hash


def document_of(
    record: Record, public_url: str, mailbox: str, stage: str = "", folder: Path | None = None
) -> MinutesDocument:
    """Return the document of a record; the same record gives the same document.

    Printed, it holds the files that lie in the archive `folder`; else only their names.
    """
    start, end = _moment(record["start"]), _moment(record["end"])
    approvals = tuple(Approval(a["name"], a["role"], _moment(a["at"])) for a in record["approvals"])
    issued = approvals[-1].at if approvals else end
    office = f"{record['street']}办事处"
    house = _house(record, office)
    code = record["code"] or "——"
    return MinutesDocument(
        house=house,
        issue=f"第{record['issue']}期",
        issued_on=issued.date(),
        title=f"{record['title']}纪要",
        starts_at=start,
        ends_at=end,
        place=record["place"],
        convenor=Attendee(record["convenor"]["name"], record["convenor"]["role"]),
        turnout=_turnout(record),
        attendance=_attendance(record),
        agenda=tuple(_item(item) for item in record["agenda"]),
        imprint=Imprint(
            tuple(record.get("copied_to") or _usual_copies(record, office)),
            house.body,
            issued.date(),
        ),
        verification=Verification(f"{public_url}/v/{code}", code, record_hash(record)),
        retention=Retention.of_key(record.get("retention", Retention.THIRTY.value)).word,
        meeting_json=record_bytes(record),
        calendar=_calendar(record, mailbox, issued),
        at=issued,
        opening=_opening(record),
        actions=tuple(_action(a) for a in record["actions"]),
        rates=_rates(record),
        showcase=_showcase(record),
        approvals=approvals,
        annexes=tuple(Annex(one["title"], tuple(one["text"])) for one in record.get("annexes", ())),
        files=files_of(record, folder),
        stage=stage,
        note=_note(record),
        correction=_correction(record),
    )


def _house(record: Record, office: str) -> House:
    """Return the house's style as it was handed in; older records have none."""
    kept = record.get("house")
    if kept is None:
        return House(office, f"{record['community']}联席会议纪要")
    return House(kept["body"], kept["masthead"], kept["red_rule"])


def _usual_copies(record: Record, office: str) -> tuple[str, ...]:
    return (f"{record['district']}住房建设和交通运输部门", office, "各参会单位")


def _correction(record: Record) -> str:
    """Return the sentence under the title: which version this is, and what it changes."""
    told = record.get("correction")
    if not told:
        return ""
    changed = "、".join(told["changes"]) or "相关内容"
    signed = day(date.fromisoformat(told["signed"]))
    return (
        f"本纪要为第{record['number']}版，更正{signed}签发的第{told['of']}版，"
        f"更正内容：{changed}；更正原因：{told['reason'].rstrip('。')}"
    )


def _note(record: Record) -> str:
    years = "、".join(f"{year}年" for year in record.get("provisional", []))
    return f"{years}放假安排尚未公布，文中该年度日期为暂定。" if years else ""


def _month(first: date) -> str:
    return f"{first.year}年{first.month}月"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _turnout(record: Record) -> Turnout:
    due = [a for a in record["attendees"] if not a["observer"]]
    came = [a["attendance"] for a in due]
    return Turnout(
        due=len(due),
        present=came.count("present") + came.count("substitute"),
        substituted=came.count("substitute"),
        excused=came.count("excused"),
        absent=came.count("absent"),
        quorum=record["quorum"]["needed"],
        held=record["quorum"]["held"],
    )


def _attendance(record: Record) -> Attendance:
    lists = _seated(record["attendees"])
    guests = [
        Attendee(one["name"], one["affiliation"] + one["duty"]) for one in record.get("guests", ())
    ]
    return Attendance(
        **{key: tuple(people) for key, people in lists.items() if key != "observers"},
        observers=(*lists["observers"], *guests),
    )


def _seated(attendees: Iterable[Record]) -> dict[str, list[Attendee]]:
    lists: dict[str, list[Attendee]] = {"present": [], "excused": [], "absent": [], "observers": []}
    for a in attendees:
        if a["observer"]:
            if a["attendance"] in {"present", "substitute"}:
                lists["observers"].append(_person(a))
        elif a["attendance"] == "substitute":
            lists["present"].append(_person(a))
        elif a["attendance"]:
            lists[a["attendance"]].append(_person(a))
    return lists


def _person(a: Record) -> Attendee:
    if a["attendance"] == "substitute":
        return Attendee(a["substitute"], a["role"], stands_for=a["name"])
    return Attendee(a["name"], a["role"])


def _opening(record: Record) -> tuple[str, ...]:
    carried, said = record["carried"], tuple(record.get("opening", ()))
    if not carried:
        return said
    lines = [
        f"{n}. {c['matter'].rstrip('。')}（责任人：{c['owner']}，时限："
        f"{day(date.fromisoformat(c['deadline']))}）。"
        for n, c in enumerate(carried, 1)
    ]
    return (*said, f"截至本次会议，此前会议的督办事项尚有{len(carried)}项未办结：", *lines)


def _item(item: Record) -> AgendaItem:
    return AgendaItem(
        kind=item["kind"],
        title=item["title"],
        heard=(*item["brief"], *_cases(item["cases"]), *item.get("raised", ())),
        discussed=tuple(item["notes"]),
        decided=tuple(item["resolutions"]),
    )


def _cases(cases: list[Record]) -> tuple[str, ...]:
    if not cases:
        return ()
    done = sum(c["closed"] is not None for c in cases)
    told = "；".join(
        f"{c['number']}（{c['category']}，{day(date.fromisoformat(c['received']))}受理，"
        + (f"{day(date.fromisoformat(c['closed']))}办结" if c["closed"] else "办理中")
        + ("，居民不满意" if c["satisfied"] is False else "")
        + "）"
        for c in cases
    )
    return (f"本次通报诉求{len(cases)}件，已办结{done}件：{told}。",)


def _action(a: Record) -> ActionRow:
    return ActionRow(
        str(a["number"]),
        a["matter"],
        a["owner"],
        tuple(a["co_owners"]),
        date.fromisoformat(a["deadline"]),
    )


def _rates(record: Record) -> RatesTable:
    found = record["rates"]
    row: dict[str, Any] = found["row"]
    return RatesTable(
        period=_month(date.fromisoformat(found["month"])),
        as_of=_moment(found["as_of"]),
        rows=(
            RatesRow(
                unit=row["name"],
                received=row["received"],
                response=Share(row["replied_in_time"], row["received"]),
                completion=Share(row["closed"], row["received"]),
                closed_in_48h=Share(row["closed_in_48h"], row["received"]),
                satisfaction=Share(row["satisfied"], row["rated"]),
                report=Share(row["reported"], row["outside_remit"]),
            ),
        ),
    )


def _showcase(record: Record) -> ShowcaseTable | None:
    found = record["showcase"]
    if not found or not found["rows"]:
        return None
    return ShowcaseTable(
        period=_month(date.fromisoformat(found["month"])),
        rows=tuple(
            ShowcaseRow(
                panel=r["panel"],
                item=r["item"],
                promise=r["promise"],
                result=r["result"],
                amount=f"{float(r['amount']):,.2f}元" if r["amount"] else "",
                met=r["met"],
            )
            for r in found["rows"]
        ),
    )


def _calendar(record: Record, mailbox: str, stamp: datetime) -> bytes:
    return calendar.publish(
        calendar.Event(
            uid=record["uid"],
            sequence=record["sequence"],
            start=_moment(record["start"]),
            end=_moment(record["end"]),
            summary=record["title"],
            organizer=calendar.Party(mailbox, record["convenor"]["name"], "CHAIR"),
            location=record["place"],
        ),
        stamp,
    )

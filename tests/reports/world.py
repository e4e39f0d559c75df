"""A district with a little of everything that a report tells, and readers of PDF and workbook."""

import io
import subprocess
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from openpyxl import load_workbook
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.cases.imports import load
from govgrid.cases.models import Sanction, SupervisionStep, Verdict
from govgrid.grid.models import Area, Compound
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    AgendaKind,
    Attendance,
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    Stage,
    Unit,
    Venue,
)
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.showcase.models import ShowcaseItem
from tests import build
from tests.build import City, clock
from tests.cases.sheets import case, sheet

OCTOBER = date(2026, 10, 1)
AT = clock("2026-11-23 09:00")
CASES = (
    case("1", "2026-10-12 09:30", "2026-10-12 10:00", "2026-10-13 09:30", 满意度="满意"),
    case("2", "2026-10-12 09:30", "2026-10-12 12:00", "2026-10-13 09:30", 满意度="不满意"),
    case("3", "2026-10-13 09:30", "2026-10-13 10:00", 诉求类别="漏水"),
    case("4", "2026-09-14 09:30", "2026-09-14 10:00", "2026-09-15 09:30"),
    case(
        "5", "2026-10-14 09:30", 小区编号="XQ-WJ", 诉求类别="噪音", 诉求内容="住户李某 13812345678"
    ),
)


@dataclass(frozen=True, slots=True)
class World:
    """The city, and the unit that met."""

    city: City
    unit: int
    item: int


def laid(db: Session) -> World:
    """Put it into an empty database."""
    city = build.small_city(db)
    company = build.organization(db, "锦和物业")
    db.get_one(Compound, city.compound.id).company_id = company.id
    far = build.compound(db, city.far_community, "望江苑", code="XQ-WJ")
    far.company_id = build.organization(db, "=望江物业").id
    assert load(db, None, sheet(*CASES), "cases.csv", at=AT).errors == []
    unit, item = _met(db, city)
    showcase(db, city.compound, "保洁", published=date(2026, 11, 12), met=False)
    db.add(
        Coverage(
            compound_id=city.courtyard.id, mode=Mode.CUSTODIAL, since=date(2026, 1, 1), recorded_at=AT
        )
    )  # fmt: skip
    db.add(
        SupervisionStep(
            area_id=city.street.id, company_id=company.id, month=OCTOBER, kind=Sanction.INTERVIEW,
            points=0, stage=Verdict.CONFIRMED, figures={}, misses=[["response", 2 / 3, 90]],
            as_of=AT, proposed_by="孙联络", decided_by="孙联络", decided_at=AT,
        )
    )  # fmt: skip
    db.flush()
    db.expunge_all()
    return World(city, unit, item)


def _met(db: Session, city: City) -> tuple[int, int]:
    unit = Unit(community_id=city.community.id, compound_id=city.compound.id)
    venue = Venue(community_id=city.community.id, name="会议室")
    db.add_all([unit, venue])
    db.flush()
    start = clock("2026-10-20 15:00")
    meeting = Meeting(
        uid="m", unit_id=unit.id, community_id=city.community.id, month=OCTOBER, stage=Stage.HELD,
        title="联席会议", start=start, end=start + timedelta(hours=1), venue_id=venue.id,
        convenor_id=city.secretary.id, held_at=start + timedelta(hours=1),
    )  # fmt: skip
    db.add(meeting)
    db.flush()
    item = AgendaItem(meeting_id=meeting.id, position=1, kind=AgendaKind.CASE, title="诉求")
    db.add(item)
    db.flush()
    db.add_all([
        Attendee(meeting_id=meeting.id, officer_id=city.secretary.id, role=Role.SECRETARY,
                 attendance=Attendance.PRESENT, nonce="n", link="l"),
        Minutes(meeting_id=meeting.id, issue=1, stage=MinutesStage.SIGNED, drafted_by="x",
                signed_at=start + timedelta(days=2)),
        ActionItem(unit_id=unit.id, meeting_id=meeting.id, agenda_item_id=item.id,
                   matter="回访住户 13812345678", owner_id=city.grid_leader.id,
                   deadline=date(2026, 11, 3)),
    ])  # fmt: skip
    db.flush()
    return unit.id, item.id


def showcase(
    db: Session, home: Compound, item: str, *, published: date | None, met: bool | None
) -> None:
    """Publish an item of October."""
    db.add(
        ShowcaseItem(
            compound_id=home.id, period=OCTOBER, panel="晒服务", item=item, promise="每日一次",
            result="缺两次", amount=Decimal(0), met=met, published_on=published,
        )
    )  # fmt: skip
    db.flush()


def area(db: Session, known: Area) -> Area:
    """Return the area in this session."""
    return db.get_one(Area, known.id)


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, without spaces."""
    told = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return ["".join(page.split()) for page in told.stdout.decode().split("\f")[:-1]]


def sheets(book: bytes) -> dict[str, list[list[object]]]:
    """Return the cells of each sheet."""
    opened = load_workbook(io.BytesIO(book))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in opened
    }

"""Made-up life of the archive: a house style, an attachment, and one correction."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from govgrid.access import ActingPost, Actor, Role
from govgrid.clock import HERE
from govgrid.demo.divisions import SHOWCASE_STREET
from govgrid.demo.months import months_before
from govgrid.grid.models import Area, Officer, Post
from govgrid.grid.queries.officers import on_duty
from govgrid.meetings import rules
from govgrid.meetings.actions.minutes import approve, correct, sign, submit
from govgrid.meetings.actions.wording import Annex, Edits, Words, set_house, write
from govgrid.meetings.models import Meeting, Minutes, MinutesStage, Retention, Reviewer
from govgrid.meetings.queries.seen import load_meeting

ROUTE = (
    "一、核对范围。以物业服务合同附件和小区规划总平面图为准，逐一核对公共车位、非机动车棚和充电设施。\n"
    "二、公示方式。核对结果在小区公示栏和单元门厅同时公示，公示期不少于7日。\n"
    "三、意见收集。公示期内由网格员入户听取意见，汇总后提交下次联席会议。"
)
CODE = "GRZ7KQ4M2X"


def add_house_style(db: Session) -> None:
    """Give the showcase street a masthead of its own."""
    street = db.scalars(select(Area).where(Area.code == SHOWCASE_STREET)).one()
    values = {
        "masthead": "{街道}多方联席会议纪要",
        "copied_to": "区住建交通局、区委社会工作部、{街道}派出所、各参会单位".replace(
            "{街道}", street.name
        ),
        "retention": Retention.THIRTY,
    }
    post = ActingPost(Role.LIAISON, street.id, street.path, street.name)
    set_house(db, Actor(0, 0, "街道联络员", (post,)), street, values, 0)


def add_correction(db: Session, today: date) -> None:
    """Correct one of the showcase street's signed minutes of two months ago."""
    street = db.scalars(select(Area).where(Area.code == SHOWCASE_STREET)).one()
    found = db.execute(
        select(Minutes.id, Minutes.meeting_id)
        .join(Minutes.meeting)
        .join(Meeting.community)
        .where(
            Minutes.stage == MinutesStage.SIGNED,
            Meeting.month == months_before(today, 2),
            Area.path.startswith(street.path),
        )
        .order_by(Minutes.id)
        .limit(1)
    ).first()
    reviewer = liaison(db, street.path, today)
    if found is None or reviewer is None:
        return
    meeting = load_meeting(db, found.meeting_id)
    signed = db.get_one(Minutes, found.id, options=[selectinload(Minutes.approvals)])
    assert signed.signed_at is not None
    officer = db.get_one(Officer, meeting.convenor_id)
    home = meeting.community
    actor = Actor(
        0, officer.id, officer.name, (ActingPost(Role.SECRETARY, home.id, home.path, home.name),)
    )
    made = correct(db, actor, meeting, signed, "补充参会单位提出的核对办法，作为附件印发。")
    words = Words(annexes=[Annex("公共车位和充电设施核对公示办法", ROUTE)])
    at = _office(signed.signed_at + timedelta(days=2))
    place = str((made.draft or {})["place"])
    write(db, actor, meeting, made, words, made.version, at=at,
          edits=Edits(place, {}, {}, {}, {}, {}))  # fmt: skip
    submit(db, actor, meeting, made, [], at=at)
    approve(db, reviewer, meeting, made, Reviewer.STREET, at=at + timedelta(hours=1))
    sign(db, actor, meeting, made, at=at + timedelta(hours=2), code=CODE, tell=False)


def liaison(db: Session, path: str, today: date) -> Actor | None:
    """Return the liaison of the street at the path."""
    found = db.execute(
        select(Officer.id, Officer.name, Area.id, Area.name)
        .join(Post, Post.officer_id == Officer.id)
        .join(Area, Area.id == Post.area_id)
        .where(Area.path == path, Post.role == Role.LIAISON, on_duty(today))
        .order_by(Post.id)
        .limit(1)
    ).first()
    if found is None:
        return None
    return Actor(0, found[0], found[1], (ActingPost(Role.LIAISON, found[2], path, found[3]),))


def _office(moment: datetime) -> datetime:
    return rules.moment(moment.astimezone(HERE).date(), time(10))

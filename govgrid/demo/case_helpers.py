"""What stands around the cases: a company's promise, experts, a token, residents' own complaints."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import ActingPost, Actor, Role
from govgrid.accounts.actions.tokens import make_token
from govgrid.accounts.models import Account
from govgrid.accounts.rules import Scope
from govgrid.cases.actions.experts import add_group, add_member, advise, call_experts
from govgrid.cases.actions.life import Note, take_step
from govgrid.cases.actions.promises import make_promise
from govgrid.cases.actions.receiving import Received, receive_from_resident
from govgrid.cases.models import Case, Source, Step
from govgrid.cases.queries.experts import group_seen, groups_for
from govgrid.cases.queries.intake import district_of
from govgrid.cases.rules import Pledge
from govgrid.demo.divisions import DISTRICT
from govgrid.demo.months import months_before
from govgrid.demo.ways import LOGINS, ways
from govgrid.grid.models import Area, Compound, Officer, Post

PROMISED = timedelta(days=10)  # so long ago that some cases have followed it
MEETINGS = Pledge(owners_meetings=1)
PLEDGE = Pledge(reply=60, on_site=120, owners_meetings=1)
COMPLAINTS = (
    ("漏水", "3 栋 2 单元楼道顶部渗水，雨后更明显，请尽快查看。", None, 35),
    ("消防通道", "东门消防通道长期停有车辆，昨晚救护车进不来。", "10013900000", 80),
    ("噪音", "地下车库风机夜间噪音大，影响休息。", None, 150),
)
EXPERTS = (
    ("电梯专家组", "电梯安全与更新改造", ("区特检所电梯检验师", "电梯行业协会高级工程师")),
    ("房屋修缮专家组", "外墙、屋面防水与维修资金使用", ("市房屋安全鉴定中心工程师",)),
)


def add_promise(db: Session, today: date, at: datetime) -> None:
    """Let the showcase compound's company promise more than is asked, before the cases come.

    In the showcase street it had promised owners' meetings some months before.
    """
    made = at - PROMISED
    home = _compound(db, today)
    if home.company is not None:
        housing, name = _housing(db), home.company.name
        street = db.get_one(Area, home.community.parent_id)
        since = months_before(today, 3)
        then = datetime.combine(since, made.timetz())
        make_promise(db, housing, street, name, None, MEETINGS, since, at=then)
        area = district_of(db, DISTRICT)
        make_promise(db, housing, area, name, None, PLEDGE, made.date(), at=made)


def add_case_helpers(db: Session, today: date, at: datetime) -> None:
    """Add a token, groups of experts, residents' complaints; let the project come on site."""
    at -= timedelta(hours=7)  # before the day begins, as all that has happened
    housing, area = _housing(db), district_of(db, DISTRICT)
    account = db.scalars(select(Account).where(Account.login == LOGINS[7])).one()
    maker = Actor(account.id, housing.officer_id, housing.name, housing.posts)
    scopes = [Scope.CASES_WRITE, Scope.RATES_READ]
    make_token(db, maker, area, "12345 热线平台", scopes, 365, at=at)
    compound = _compound(db, today)
    for category, content, phone, minutes in COMPLAINTS:
        moment = at - timedelta(minutes=minutes)
        given = Received(Source.ONE_CLICK, category, compound.code, moment, content)
        receive_from_resident(db, area, given, phone, at=at)
    _consult(db, area, housing, _secretary(db, today), compound, at)
    _come(db, at)


def _consult(
    db: Session, area: Area, housing: Actor, secretary: Actor, compound: Compound, at: datetime
) -> None:
    for name, field, titles in EXPERTS:
        made = add_group(db, housing, area, name, field)
        group = group_seen(db, housing, made.id)
        add_member(db, housing, group, _code(db, housing.officer_id), None)
        for title in titles:
            add_member(db, housing, group, None, title)
        db.expire(group)  # it knows no members yet
    case = next(iter(_cases(db, Case.compound_id == compound.id, Case.closed_at.is_(None))), None)
    if case is None:
        return
    group = groups_for(db, case)[0]
    question = "同类问题多次维修仍反复，请专家判断原因并提出整治办法。"
    call_experts(db, secretary, case, group.id, question, at=at - timedelta(hours=2))
    advice = "建议先查明渗漏或故障部位并留存记录，更换老化部件后试运行三日，再由业主代表确认。"
    advise(db, secretary, case, group.id, group.members[-1].name, advice, at=at)


def _come(db: Session, at: datetime) -> None:
    """Let projects' people come on site where that was promised, mostly in time."""
    for number, case in enumerate(_cases(db, Case.on_site_due.is_not(None))):
        home = case.compound
        post = ActingPost(
            Role.PROJECT_MANAGER, home.community_id, home.community.path, home.name, home.id
        )
        when = case.received_at + timedelta(minutes=35 + 20 * (number % 6))
        if when <= min(at, case.closed_at or at) and number % 7:
            note = Note(when, "已到现场查看。")
            take_step(db, Actor(0, 0, "项目部", (post,)), case, Step.ON_SITE, note, at=at)


def _cases(db: Session, *where: ColumnElement[bool]) -> list[Case]:
    found = select(Case).where(*where).order_by(Case.received_at, Case.id)
    places = joinedload(Case.compound).options(
        joinedload(Compound.community), joinedload(Compound.grid)
    )
    return list(db.scalars(found.options(places)))


def _compound(db: Session, today: date) -> Compound:
    """Return the compound of the demo's project manager."""
    manager = ways(today)[5].person.code
    found = (
        select(Compound)
        .join(Post, Post.compound_id == Compound.id)
        .join(Officer, Officer.id == Post.officer_id)
        .where(Officer.code == manager, Post.role == Role.PROJECT_MANAGER)
        .order_by(Compound.code)
        .options(joinedload(Compound.community), joinedload(Compound.company))
        .limit(1)
    )
    return db.scalars(found).one()


def _housing(db: Session) -> Actor:
    area = district_of(db, DISTRICT)
    held = Post.role == Role.HOUSING_OFFICER, Post.area_id == area.id
    officer = db.scalars(select(Officer).join(Officer.posts).where(*held).limit(1)).one()
    post = ActingPost(Role.HOUSING_OFFICER, area.id, area.path, area.name)
    return Actor(officer.id, officer.id, officer.name, (post,))


def _secretary(db: Session, today: date) -> Actor:
    officer = db.scalars(select(Officer).where(Officer.code == ways(today)[0].person.code)).one()
    home = db.scalars(
        select(Area)
        .join(Post, Post.area_id == Area.id)
        .where(Post.officer_id == officer.id, Post.role == Role.SECRETARY)
        .limit(1)
    ).one()
    post = ActingPost(Role.SECRETARY, home.id, home.path, home.name)
    return Actor(officer.id, officer.id, officer.name, (post,))


def _code(db: Session, officer_id: int) -> str:
    return db.get_one(Officer, officer_id).code

"""Past meetings of the demo: planned, held and signed through the same verbs that people use."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import ActingPost, Actor, Role
from govgrid.accounts.models import Account
from govgrid.demo.seed import chance
from govgrid.grid.queries import officers_for_unit
from govgrid.meetings import rules
from govgrid.meetings.actions import minutes as minutes_verbs
from govgrid.meetings.actions import plan, room
from govgrid.meetings.models import AgendaItem, AgendaKind, Attendance, Meeting, Unit
from govgrid.meetings.queries import seen
from govgrid.meetings.queries.availability import busy, busy_room
from govgrid.meetings.queries.people import Due
from govgrid.web.language import HERE
from govgrid.workdays import Calendar, built_in

NOTES = {
    AgendaKind.REQUIREMENT: (
        "社区书记传达了区住建部门关于物业服务“及时响应、限时办结”的工作要求，通报了本月落实情况。会议要求各方对照工作日2小时、非工作日4小时响应的时限，逐项检查值班安排。",
        "街道联络员通报了本月物业服务检查情况，指出个别项目公示栏更新不及时。会议要求项目部每月5日前完成公示更新，并由网格长核实。",
    ),
    AgendaKind.CASE: (
        "项目经理逐件说明了诉求办理情况，网格长补充了回访中居民反映的意见。与会人员对尚未办结的诉求进行了讨论，明确了责任人和完成时限。",
        "会议听取了本月居民诉求办理情况，对重复反映的停车和环境卫生问题进行了重点研究，要求项目部增加巡查频次，微网格员及时反馈居民意见。",
    ),
    AgendaKind.SHOWCASE: (
        "项目经理通报了本期服务事项完成情况和收支公示情况，接受了参会人员询问。会议认为公示内容基本完整，公共收益支出应附明细。",
        "会议听取了“双晒”情况通报，对未达标事项逐项提出了整改要求。",
    ),
    AgendaKind.CARRY_OVER: (
        "会议逐项核对了上次督办事项的落实情况，要求责任人继续推进并按期报送结果。",
    ),
    AgendaKind.COVERAGE: (
        "会议听取了院落管理情况，研究了协议到期后的管理方式，要求广泛征求居民意见。",
    ),
}
DECISIONS = (
    "由物业项目部于月底前完成整改，网格长负责核实并向社区报告。",
    "由社区牵头，会同社区民警和物业项目部开展一次联合检查。",
    "由微网格员入户征求意见，汇总后提交下次会议研究。",
    "由物业项目部完善公示内容，接受居民监督。",
)
MATTERS = (
    "清理楼道和消防通道堆放物并建立巡查台账",
    "检修单元门禁和楼道照明，更换损坏灯具",
    "公示上季度公共收益收支明细",
    "规范地面停车秩序，补划消防通道标线",
    "修复破损路面，疏通雨污水管道",
    "开展电动自行车入户充电专项排查",
)


class Chronicle:
    """Holds one meeting after the other, keeping everybody on one chair at a time."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.calendar: Calendar = built_in()

    def hold(self, db: Session, unit: Unit, month: date) -> None:
        """Plan, hold and sign the unit's meeting of a past month."""
        rng = chance("meeting", unit.id, month)
        found = officers_for_unit(db, unit.community_id, unit.compound_id, month)
        holders = [Due(h.officer, h.role) for h in found]
        actor = self._convenor(db, unit, holders)
        if actor is None or unit.venue is None:
            return
        asked = rules.moment(month - timedelta(days=5), time(9))
        start = self._slot(db, unit, holders, month, rng.randrange(40))
        place = plan.Place(start, unit.venue, frozenset(h.officer.id for h in holders))
        made = plan.schedule(db, actor, unit, place, holders, self.calendar, at=asked)
        meeting = seen.load_meeting(db, made.id)
        after = meeting.end + timedelta(minutes=20)
        plan.confirm(db, actor, meeting, at=after)
        came = {a.id: room.Came(_attendance(rng.random())) for a in plan.attending(meeting)}
        room.take_attendance(db, actor, meeting, came, at=after)
        items = seen.agenda(db, meeting)
        for item in items:
            self._note(db, actor, meeting, item, after)
        minutes = room.hold(db, actor, meeting, items, at=after)
        minutes_verbs.submit(db, actor, meeting, minutes, items, at=after)
        db.flush()
        signed = after + timedelta(days=rng.randint(1, 3))
        minutes_verbs.sign(db, actor, meeting, minutes, at=signed)
        db.flush()

    def _convenor(self, db: Session, unit: Unit, holders: list[Due]) -> Actor | None:
        found = next((h for h in holders if h.role is Role.SECRETARY), None)
        if found is None:
            return None
        account = db.scalar(select(Account.id).where(Account.officer_id == found.officer.id))
        home = unit.community
        post = ActingPost(Role.SECRETARY, home.id, home.path, home.name)
        return Actor(account or 0, found.officer.id, found.officer.name, (post,))

    def _slot(
        self, db: Session, unit: Unit, holders: list[Due], month: date, skip: int
    ) -> datetime:
        """Return a slot of the month in which everybody and the room are free."""
        first, last = rules.month_span(month)
        found = rules.slots(month, unit.minutes_long, self.calendar, first)
        required = [h.officer.id for h in holders if h.role not in rules.OPTIONAL_ROLES]
        taken = busy(db, required, first, last)
        rooms = busy_room(db, unit.venue, first, last)
        turned = [*found[skip:], *found[:skip]]
        for slot in turned:
            people = any(rules.clashes(taken[n], slot.start, slot.end) for n in required)
            if not people and not rules.clashes(rooms, slot.start, slot.end):
                return slot.start
        return turned[0].start

    def _note(
        self, db: Session, actor: Actor, meeting: Meeting, item: AgendaItem, at: datetime
    ) -> None:
        rng = chance("notes", meeting.unit_id, meeting.month, item.position)
        texts = NOTES.get(item.kind, NOTES[AgendaKind.REQUIREMENT])
        room.write_notes(db, actor, meeting, item, rng.choice(texts), item.version, at=at)
        room.resolve(db, actor, meeting, item, rng.choice(DECISIONS), at=at)
        if rng.random() < 0.5:
            due = meeting.start.astimezone(HERE).date() + timedelta(days=rng.randint(7, 45))
            owners = [a.officer for a in plan.attending(meeting) if a.required]
            matter = rng.choice(MATTERS)
            made = room.assign(db, actor, meeting, item, matter, rng.choice(owners), "", due, at=at)
            if due < self.today and rng.random() < 0.7:
                closed = rules.moment(due, time(17))
                path = meeting.community.path
                evidence = "已完成并由网格长现场核实。"
                room.close_action_item(db, actor, made, path, evidence, at=closed)


def _attendance(drawn: float) -> Attendance:
    if drawn < 0.86:
        return Attendance.PRESENT
    return Attendance.EXCUSED if drawn < 0.96 else Attendance.ABSENT

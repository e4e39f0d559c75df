"""A plausible minutes of a compound's joint meeting; every name in it is made up."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

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

VENDOR = Path(__file__).resolve().parents[3] / "vendor"

MEETING = json.dumps({"uid": "m-202610-0007", "unit": "锦苑小区"}, ensure_ascii=False).encode()
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//govgrid//EN\r\nBEGIN:VEVENT\r\nUID:m-202610-0007"
    b"\r\nDTSTAMP:20261012T000000Z\r\nDTSTART:20261012T063000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
LONG = (
    "会议指出，今年以来锦苑小区物业服务企业按照主管部门要求，落实工作日2小时、非工作日4小时响应和"
    "2日内办结的时限，建立了“接诉—派单—办理—回访”的闭环机制，居民诉求响应率由年初的82.5%提高到"
    "96.4%，但仍存在电梯困人处置不及时、消防通道被占用、公共收益公示不完整等问题，需要社区、网格、"
    "物业和业委会共同研究解决。"
)


def example_minutes() -> MinutesDocument:
    """Three pages: four items, both tables, action items, one substitute, one absent."""
    return MinutesDocument(
        house=House("青禾区望江路街道办事处", "望江路街道多方联席会议纪要"),
        issue="第10期",
        issued_on=date(2026, 10, 14),
        title="锦苑小区2026年10月联席会议纪要",
        starts_at=datetime(2026, 10, 12, 6, 30, tzinfo=UTC),
        ends_at=datetime(2026, 10, 12, 7, 40, tzinfo=UTC),
        place="锦苑社区党群服务中心二楼会议室",
        convenor=Attendee("周明远", "社区书记（总网格长）"),
        turnout=Turnout(9, 7, 1, 1, 1, 5, held=True),
        attendance=_attendance(),
        agenda=_agenda(),
        imprint=Imprint(
            ("区住建局", "区委社治委", "望江路派出所", "锦苑社区居委会", "安和物业服务有限公司"),
            "青禾区望江路街道党政办公室",
            date(2026, 10, 14),
        ),
        verification=Verification(
            "https://grid.example.gov.cn/v/K7QM-4TXD",
            "K7QM-4TXD",
            hashlib.sha256(MEETING).hexdigest(),
        ),
        retention="30年",
        meeting_json=MEETING,
        calendar=CALENDAR,
        at=datetime(2026, 10, 14, 2, 0, tzinfo=UTC),
        opening=(
            (
                "2026年10月12日下午，锦苑社区召集社区民警、网格长、微网格员、物业项目经理和业委会代表"
                "召开锦苑小区月度联席会议，听取部门要求落实、居民诉求办理和物业服务“双晒”情况，研究有关"
                "事项。现将会议议定事项纪要如下："
            ),
        ),
        actions=_actions(),
        rates=_rates(),
        showcase=_showcase(),
        approvals=(
            Approval("周明远", "社区书记", datetime(2026, 10, 13, 1, 5, tzinfo=UTC)),
            Approval("林静宜", "街道联络员", datetime(2026, 10, 14, 1, 30, tzinfo=UTC)),
        ),
    )


def full_page_minutes() -> MinutesDocument:
    """A page and more of nothing but running text."""
    item = AgendaItem("部门要求", "物业服务提质有关要求落实情况", heard=(LONG * 8,))
    return replace(example_minutes(), agenda=(item,), actions=(), rates=None, showcase=None)


def annexed_minutes() -> MinutesDocument:
    annexes = (
        Annex("锦苑小区电动自行车充电设施建设方案", ("一、建设地点。" + LONG, LONG)),
        Annex("锦苑小区2026年第三季度公共收益收支公示表及有关情况的说明", (LONG,)),
    )
    return replace(
        example_minutes(),
        annexes=annexes,
        stage="送审稿",
        correction="本纪要为第2版，更正2026年10月13日印发的第1版",
    )


def _attendance() -> Attendance:
    return Attendance(
        present=(
            Attendee("周明远", "社区书记"),
            Attendee("何立群", "网格长"),
            Attendee("段思齐", "微网格员"),
            Attendee("程小满", "微网格员"),
            Attendee("罗建业", "社区民警"),
            Attendee("吴佳禾", "项目经理", stands_for="钱志成"),
            Attendee("郑月华", "业委会成员"),
        ),
        excused=(Attendee("孟凡星", "楼栋管家"),),
        absent=(Attendee("杜文博", "微网格员"),),
        observers=(Attendee("林静宜", "街道联络员"), Attendee("方子谦", "住建干部")),
    )


def _agenda() -> tuple[AgendaItem, ...]:
    return (
        AgendaItem(
            "部门要求",
            "住建部门物业服务提质要求落实情况",
            heard=(LONG,),
            decided=("物业企业于每周五前向社区报送一次整改进展，由网格长核实后在公示栏公开。",),
        ),
        AgendaItem(
            "诉求办理",
            "3号楼电梯困人及停运问题",
            heard=(
                (
                    "项目经理汇报：9月以来3号楼2单元电梯停运5次、困人1次，12345热线工单6件，均在2小时内"
                    "响应，其中4件在48小时内办结，2件因等待配件超期。"
                ),
            ),
            discussed=(
                (
                    "业委会代表认为维保单位到场时间过长，建议更换维保单位，并在轿厢内张贴维保责任人和"
                    "应急电话；社区民警提出困人处置应与119、120联动。"
                ),
            ),
            decided=(
                "物业企业于10月20日前完成3号楼2单元电梯曳引机检修，费用约1.5万元在日常维修费中列支。",
                "业委会于10月底前组织维保单位比选，社区全程监督。",
                "网格长每周入户回访不少于3户，回访结果在下次联席会议通报。",
            ),
        ),
        AgendaItem(
            "双晒",
            "第三季度服务和收支公示情况",
            discussed=("公共收益明细未列出广告位收入，公示位置不醒目，居民看不到、看不懂。",),
            decided=("物业企业补充公示广告位收入12600元的用途，在4个单元门厅同步张贴。",),
        ),
        AgendaItem(
            "上次督办",
            "消防通道违停整治",
            heard=("上次会议议定的3项督办事项，已办结2项，地面标线施划1项延期至10月底。",),
        ),
    )


def _actions() -> tuple[ActionRow, ...]:
    rows = (
        ("检修3号楼2单元电梯曳引机，恢复正常运行", "吴佳禾", ("维保单位",), date(2026, 10, 20)),
        ("组织电梯维保单位比选", "郑月华", ("锦苑社区", "何立群"), date(2026, 10, 31)),
        ("补充公示广告位收入用途，4个单元门厅同步张贴", "吴佳禾", (), date(2026, 10, 16)),
        ("施划消防通道标线，共120米", "吴佳禾", ("罗建业",), date(2026, 10, 31)),
    )
    return tuple(
        ActionRow(str(number), matter, owner, with_whom, deadline)
        for number, (matter, owner, with_whom, deadline) in enumerate(rows, 1)
    )


def _rates() -> RatesTable:
    return RatesTable(
        "2026年9月",
        datetime(2026, 10, 12, 1, 0, tzinfo=UTC),
        (
            RatesRow(
                "锦苑小区",
                28,
                Share(27, 28),
                Share(26, 28),
                Share(24, 28),
                Share(19, 21),
                Share(0, 0),
            ),
        ),
    )


def _showcase() -> ShowcaseTable:
    return ShowcaseTable(
        "2026年第三季度",
        (
            ShowcaseRow("晒服务", "公共区域保洁", "每日2次", "每日2次", met=True),
            ShowcaseRow("晒服务", "电梯维保", "每15日1次", "7月少1次", met=False),
            ShowcaseRow("晒收支", "物业费收缴", "收缴率90%", "收缴率86.2%", "31.4万元", met=False),
            ShowcaseRow("晒收支", "公共收益", "按季公示", "已公示", "12600元"),
        ),
    )

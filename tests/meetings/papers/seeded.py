"""Minutes made from a seed: names, texts and lengths that stand nowhere in this folder."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

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
    Turnout,
    Verification,
)

from .build import CALENDAR, example_minutes

WORDS = [
    "会议",
    "社区",
    "网格",
    "物业",
    "居民",
    "诉求",
    "电梯",
    "停车",
    "消防",
    "通道",
    "公共",
    "收益",
    "公示",
    "整改",
    "落实",
    "研究",
    "决定",
    "责任",
    "单位",
    "时限",
    "监督",
    "回访",
    "满意",
    "维修",
    "资金",
    "业委会",
    "楼栋",
    "管家",
    "充电",
    "设施",
    "安全",
    "隐患",
    "排查",
    "绿化",
    "环卫",
    "噪音",
    "漏水",
]
MARKS = "，，，。；、："
QUOTED = ("“{}”", "（{}）", "《{}》")
NUMBERS = ("12%", "3户", "2026年11月5日", "1.5万元", "45个工作日", "12345热线", "第3季度")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = "彧犇喆昇珺堃玥明静志远晓雨文博思齐建国海燕"
ROLES = ("社区书记", "网格长", "微网格员", "社区民警", "项目经理", "业委会成员")


def text_of(rng: Random, length: int) -> str:
    """Return running text of about that many characters, with marks, quotes and numbers."""
    parts: list[str] = []
    size = 0
    while size < length:
        phrase = "".join(rng.choices(WORDS, k=rng.randint(2, 7)))
        if rng.random() < 0.2:
            phrase = rng.choice(QUOTED).format(phrase)
        if rng.random() < 0.25:
            phrase += rng.choice(NUMBERS)
        if rng.random() < 0.05:
            phrase += "——"
        parts.append(phrase + rng.choice(MARKS))
        size += len(parts[-1])
    return "".join(parts).rstrip("，。；、：") + "。"


def name_of(rng: Random) -> str:
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.randint(1, 2)))


def people(rng: Random, least: int, most: int) -> tuple[Attendee, ...]:
    return tuple(Attendee(name_of(rng), rng.choice(ROLES)) for _ in range(rng.randint(least, most)))


def seeded(seed: int, length: int = 900) -> MinutesDocument:
    """Return the seed's document; `length` is about how many characters are discussed."""
    rng = Random(seed)
    place = rng.choice(("望江", "桐梓", "武侯", "簇桥", "红牌楼", "机投"))
    held = datetime(2026, rng.randint(1, 12), rng.randint(1, 28), rng.randint(1, 8), tzinfo=UTC)
    given = Attendance(people(rng, 5, 14), people(rng, 0, 3), people(rng, 0, 2), people(rng, 0, 3))
    data = json.dumps({"seed": seed}).encode()
    items = rng.randint(3, 5)
    agenda = tuple(
        AgendaItem(
            rng.choice(("部门要求", "诉求办理", "双晒", "提议")),
            "".join(rng.choices(WORDS, k=4)),
            heard=(text_of(rng, length // items // 2),),
            discussed=(text_of(rng, length // items // 2),),
            decided=tuple(text_of(rng, 40) for _ in range(rng.randint(1, 3))),
        )
        for _ in range(items)
    )
    office = f"青禾区{place}街道办事处"
    signed = held + timedelta(days=2)
    return replace(
        example_minutes(),
        house=House(office, f"{place}街道多方联席会议纪要", red_rule=rng.random() < 0.8),
        issue=f"第{rng.randint(1, 99)}期",
        issued_on=signed.date(),
        title=f"{place}苑小区{held.year}年{held.month}月联席会议纪要",
        starts_at=held,
        ends_at=held + timedelta(minutes=70),
        place=f"{place}社区党群服务中心{rng.randint(1, 4)}楼会议室",
        convenor=Attendee(name_of(rng), "社区书记"),
        turnout=Turnout(9, 7, 1, 1, 1, 5, held=True),
        attendance=given,
        agenda=agenda,
        imprint=Imprint(("区住建局", f"{place}派出所", "各参会单位"), office, signed.date()),
        verification=Verification(
            f"https://grid.example/v/{seed:010d}", f"{seed:010d}", hashlib.sha256(data).hexdigest()
        ),
        meeting_json=data,
        calendar=CALENDAR,
        at=signed,
        opening=(text_of(rng, 80),),
        actions=tuple(
            ActionRow(str(n), text_of(rng, 25), name_of(rng), (), date(2026, 12, n))
            for n in range(1, rng.randint(2, 5))
        ),
        approvals=(
            Approval(name_of(rng), "召集人审核", signed - timedelta(hours=30)),
            Approval(name_of(rng), "街道审核", signed - timedelta(hours=5)),
            Approval(name_of(rng), "签发", signed),
        ),
        annexes=(Annex(f"{place}苑小区整改方案", (text_of(rng, 300),)),) if seed % 3 == 0 else (),
    )


def twenty_pages(seed: int) -> MinutesDocument:
    """Return running text for twenty pages and more."""
    rng = Random(seed)
    item = AgendaItem("部门要求", "长文", heard=tuple(text_of(rng, 1300) for _ in range(10)))
    return replace(seeded(seed), agenda=(item,), actions=(), annexes=())

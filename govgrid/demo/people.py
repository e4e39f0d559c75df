"""Invented people: names from common characters, numbers and addresses that reach nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from govgrid.demo.seed import chance

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏"
    "程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚"
    "邵万钱严覃武戚莫孔向汤温康施文牛樊葛邢安齐庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包"
)
_COMPOUND_SURNAMES = ("欧阳", "上官", "司徒", "诸葛")
_GIVEN = (
    "明建文志伟军海波涛斌杰飞超勇辉亮俊峰磊林川松柏青祥瑞福康宁安泰和仁礼信诚孝良善学远博雅慧敏静"
    "淑芳红梅兰竹莲英秀珍珠琳瑶琪璐佳欣怡悦彤彦雪霞月晨晓晴夏秋冬航逸凡轩浩睿哲辰皓嘉立振启开利"
)
_RARE = "彧犇喆昇珺堃玥"  # not in every font: the paper must show them all the same


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person. `number` counts people from 1."""

    number: int
    name: str

    @property
    def code(self) -> str:
        return f"WH{self.number:05}"

    @property
    def phone(self) -> str:
        """Eleven digits that no phone can have: see SOURCES.md. Different for each number."""
        return f"100{(self.number * 61_803_397) % 99_999_989:08}"

    @property
    def email(self) -> str:
        """An address under a domain that never exists (RFC 2606)."""
        return f"{self.code.lower()}@wuhou.invalid"


def people() -> Iterator[Person]:
    """Yield people without end, each with a name of its own."""
    rng = chance("people")
    taken: set[str] = set()
    number = 0
    while True:
        surname = rng.choice(_COMPOUND_SURNAMES if rng.random() < 0.01 else _SURNAMES)
        given = "".join(rng.sample(_GIVEN, 2))
        if rng.random() < 0.02:
            given = given[:-1] + rng.choice(_RARE)
        if surname + given not in taken:
            taken.add(surname + given)
            number += 1
            yield Person(number, surname + given)

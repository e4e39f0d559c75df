"""Made-up dual-showcases of the last three months; some compounds are late, some silent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from govgrid.access import Role
from govgrid.demo.compounds import DemoCompound, compounds
from govgrid.demo.coverage import managed_by
from govgrid.demo.divisions import SHOWCASE_STREET, children
from govgrid.demo.months import months_before
from govgrid.demo.officers import is_held
from govgrid.demo.seed import chance
from govgrid.demo.table import csv_bytes

_MISSING = 0.06
_LATE = 0.08
_SERVICE = (  # item, promise, done, not done
    ("秩序维护", "24 小时值守，夜间每 2 小时巡逻一次", "巡逻记录完整，劝离外来车辆 {n} 台次", "夜间巡逻缺 {u} 次，已补岗"),
    ("清洁保洁", "楼道每日清扫，垃圾日产日清", "楼道每日清扫 1 次，清运垃圾 {n} 桶", "装修垃圾清运不及时 {u} 次，已整改"),
    ("绿化养护", "每月修剪 1 次，每季消杀 1 次", "完成修剪 1 次，补植 {n} 平方米", "受天气影响未完成修剪，顺延至下月"),
    ("设施维护", "电梯、水泵每月维保 2 次", "完成电梯维保 {u} 台次，更换照明灯具 {n} 盏", "{u} 台电梯待配件，已张贴告示"),
    ("诉求响应", "工作日 2 小时、非工作日 4 小时内响应", "受理诉求 {n} 件，均按时响应", "受理诉求 {n} 件，超时响应 {u} 件"),
)  # fmt: skip
_ACCOUNTS = (  # item, whether money goes out, share of a household's fee
    ("物业费收入", False, 85.0, "本月实收"),
    ("公共收益收入", False, 9.0, "停车、广告及场地收入"),
    ("人员费用支出", True, 52.0, "秩序、保洁、工程人员薪酬"),
    ("公共能耗支出", True, 14.0, "公区水电费"),
    ("公共收益支出", True, 5.0, "按业主共同决定用于设施更新"),
)


@dataclass(frozen=True, slots=True)
class DemoShowcase:
    """One line of a panel, in the order of the sheet's columns."""

    compound: str
    period: date
    panel: str
    item: str
    promise: str | None
    result: str
    amount: str | None
    met: bool | None
    published: date


def showcases_csv(today: date) -> bytes:
    """Return the import sheet of showcases."""
    headings = "小区编号 期间 面板 项目 承诺 结果 金额 达标 公示日期"
    return csv_bytes(headings, map(_row, showcases(today)))


def showcases(today: date) -> Iterator[DemoShowcase]:
    """Yield what each managed compound published of the last three months."""
    managed = managed_by(today)
    web, silent = by_hand(today)
    apart = {compound.code for compound in (*web, *silent)}
    for back in (3, 2, 1):
        period = months_before(today, back)
        for compound in compounds():
            rng = chance("showcase", compound.code, period)
            published = months_before(today, back - 1) + timedelta(days=rng.randint(0, 9))
            if chance("late showcase", compound.code, period).random() < _LATE:
                published += timedelta(days=10)
            by_sheet = back > 1 or compound.code not in apart
            known = compound.code in managed and by_sheet and rng.random() >= _MISSING
            if known and published <= today:
                yield from lines(compound, period, published, rng)


def lines(
    compound: DemoCompound, period: date, published: date, rng: Random
) -> Iterator[DemoShowcase]:
    """Yield both panels of a compound."""
    yield from _service(compound, period, published, rng)
    yield from _accounts(compound, period, published, rng)


def by_hand(today: date) -> tuple[list[DemoCompound], list[DemoCompound]]:
    """Return whose last month came in on the web, the demo's project manager first, and whose not.

    They lie in the community of the demo's secretary, two more of the silent beside it.
    """
    managed = managed_by(today)
    home, *others = (division.code for division in children(SHOWCASE_STREET))
    known = [
        one
        for one in compounds()
        if one.code in managed and is_held(today, Role.PROJECT_MANAGER, one.code)
    ]
    near = sorted((one for one in known if one.community == home), key=lambda one: one.old)
    far = [one for one in known if one.community in others]
    return near[:2], [*near[2:4], *far[:2]]


def _row(it: DemoShowcase) -> tuple[object, ...]:
    return (
        it.compound,
        f"{it.period:%Y-%m}",
        it.panel,
        it.item,
        it.promise,
        it.result,
        it.amount,
        it.met,
        it.published,
    )


def _service(
    compound: DemoCompound, period: date, published: date, rng: Random
) -> Iterator[DemoShowcase]:
    for item, promise, done, not_done in _SERVICE:
        met = rng.random() < 0.9
        result = (done if met else not_done).format(n=rng.randint(4, 46), u=rng.randint(1, 3))
        yield DemoShowcase(
            compound.code, period, "晒服务", item, promise, result, None, met, published
        )


def _accounts(
    compound: DemoCompound, period: date, published: date, rng: Random
) -> Iterator[DemoShowcase]:
    for item, out, share, result in _ACCOUNTS:
        amount = compound.households * share * rng.uniform(0.75, 1.15)
        shown = f"{-amount if out else amount:.2f}"
        yield DemoShowcase(
            compound.code, period, "晒收支", item, None, result, shown, None, published
        )

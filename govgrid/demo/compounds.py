"""The 450 made-up compounds of the district: names, sizes, places."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

import shapely

from govgrid.demo.companies import PROPERTY_COMPANIES
from govgrid.demo.divisions import SHOWCASE_STREET, Division, communities, division
from govgrid.demo.ground import Plot, below
from govgrid.demo.seed import chance, weighted
from govgrid.demo.table import csv_bytes
from govgrid.grid.models import CompoundKind, Level

COUNT = 450
_IN_SHOWCASE_STREET = 40
_OUTER = ("510107011", "510107012", "510107013", "510107014", "510107015", "510107063")
_KINDS = (
    (CompoundKind.COMMODITY, 0.54),
    (CompoundKind.OLD_COURTYARD, 0.30),
    (CompoundKind.AFFORDABLE, 0.09),
    (CompoundKind.RELOCATION, 0.07),
)
_OUTER_KINDS = (
    (CompoundKind.COMMODITY, 0.52),
    (CompoundKind.OLD_COURTYARD, 0.08),
    (CompoundKind.AFFORDABLE, 0.10),
    (CompoundKind.RELOCATION, 0.14),
    (CompoundKind.RESETTLEMENT, 0.16),
)
_BUILT = {
    CompoundKind.COMMODITY: (1996, 2024),
    CompoundKind.OLD_COURTYARD: (1978, 1999),
    CompoundKind.RESETTLEMENT: (2003, 2014),
    CompoundKind.AFFORDABLE: (2006, 2019),
    CompoundKind.RELOCATION: (1998, 2016),
}
_HOUSEHOLDS = {  # median of each kind
    CompoundKind.COMMODITY: 380,
    CompoundKind.OLD_COURTYARD: 90,
    CompoundKind.RESETTLEMENT: 420,
    CompoundKind.AFFORDABLE: 330,
    CompoundKind.RELOCATION: 290,
}
_FIRST = "锦蓉望芙玉翠金银云星沁悦瑞祥清逸紫丹桂枫兰竹梧栖静月"
_SECOND = "和江悦城岸湖庭溪澜林华泰府景都阳辰园波水晖岚屿汀樾"
_AFFORDABLE = ("安居苑", "惠民苑", "康居苑", "乐居苑")
_LAST = ("苑", "花园", "雅居", "名居", "佳苑", "华庭", "公馆", "小区", "里", "半岛", "领地", "东郡")
_ROADS = ("街", "一街", "二街", "横街", "东巷", "西巷", "南路", "后街")
_ROADS_BESIDE = ("", "东巷", "西巷", "南巷", "后巷")  # for a community named after a street


@dataclass(frozen=True, slots=True)
class DemoCompound:
    """One compound; area in square metres, position in WGS84 degrees."""

    code: str
    name: str
    kind: CompoundKind
    community: str
    grid: str
    micro_grids: tuple[str, ...]
    address: str
    longitude: float
    latitude: float
    households: int
    floor_area: int
    buildings: int
    built: int
    company: str | None

    @property
    def old(self) -> bool:
        """Whether its coverage is tracked: every kind but commodity."""
        return self.kind is not CompoundKind.COMMODITY

    @property
    def street(self) -> str:
        """Code of its street."""
        return self.community[:9]


@cache
def compounds() -> tuple[DemoCompound, ...]:
    """Return all compounds, community by community."""
    taken: set[str] = set()
    return tuple(
        compound
        for community, count in _counts()
        for compound in _in_community(community, count, taken)
    )


def compounds_csv(today: date) -> bytes:
    """Return the import sheet of compounds; contracts run relative to today."""
    headings = (
        "小区编号 小区名称 小区类型 社区代码 网格代码 微网格代码 地址 经度 纬度 坐标系"
        " 户数 建筑面积(㎡) 楼栋数 建成年份 物业企业 物业合同到期"
    )
    return csv_bytes(headings, (_row(compound, today) for compound in compounds()))


def contract_until(compound: DemoCompound, today: date) -> date | None:
    """Return the last day of the property contract, at a year's end within four years."""
    if compound.company is None:
        return None
    return date(today.year + chance("contract", compound.code).randint(0, 3), 12, 31)


def _row(it: DemoCompound, today: date) -> tuple[object, ...]:
    return (
        it.code,
        it.name,
        it.kind.word,
        it.community,
        it.grid,
        it.micro_grids,
        it.address,
        it.longitude,
        it.latitude,
        "wgs84",
        it.households,
        it.floor_area,
        it.buildings,
        it.built,
        it.company,
        contract_until(it, today),
    )


def _counts() -> Iterator[tuple[Division, int]]:
    """Share the compounds out: the showcase street is denser, all others alike."""
    dense = [c for c in communities() if c.parent == SHOWCASE_STREET]
    others = [c for c in communities() if c.parent != SHOWCASE_STREET]
    shares = dict(zip(dense, _shares(_IN_SHOWCASE_STREET, len(dense)), strict=True))
    shares |= zip(others, _shares(COUNT - _IN_SHOWCASE_STREET, len(others)), strict=True)
    for community in communities():
        yield community, shares[community]


def _shares(whole: int, parts: int) -> list[int]:
    return [whole * (i + 1) // parts - whole * i // parts for i in range(parts)]


def _in_community(community: Division, count: int, taken: set[str]) -> Iterator[DemoCompound]:
    rng = chance("compounds", community.code)
    grids = below(community.code, Level.GRID)
    for number, grid in enumerate(sorted(rng.sample(grids, count), key=lambda g: g.code), 1):
        kind = weighted(rng, _OUTER_KINDS if community.parent in _OUTER else _KINDS)
        door, name = _door_and_name(kind, community, taken, rng)
        address = f"{division(community.parent).short}{door}"
        yield _compound(f"{community.code}X{number:02}", name, address, kind, grid)


def _compound(code: str, name: str, address: str, kind: CompoundKind, grid: Plot) -> DemoCompound:
    rng = chance("compound", code)
    households = round(min(880, max(24, _HOUSEHOLDS[kind] * rng.lognormvariate(0, 0.55))))
    micro_grids = _served(grid, -(-households // 90), rng)
    longitude, latitude = _place(micro_grids[0], rng)
    company = rng.choice(PROPERTY_COMPANIES) if kind is CompoundKind.COMMODITY else None
    return DemoCompound(
        code=code,
        name=name,
        kind=kind,
        community=grid.parent,
        grid=grid.code,
        micro_grids=tuple(sorted(plot.code for plot in micro_grids)),
        address=address,
        longitude=longitude,
        latitude=latitude,
        households=households,
        floor_area=round(households * rng.uniform(58, 112)),
        buildings=max(1, round(households / rng.uniform(36, 90))),
        built=rng.randint(*_BUILT[kind]),
        company=company if rng.random() < 0.97 else None,
    )


def _served(grid: Plot, count: int, rng: Random) -> list[Plot]:
    """Return neighbouring micro-grids of a grid, the one that holds the gate first."""
    inside = below(grid.code, Level.MICRO_GRID)
    gate = rng.choice(inside)
    return sorted(inside, key=lambda plot: gate.shape.centroid.distance(plot.shape.centroid))[
        :count
    ]


def _place(plot: Plot, rng: Random) -> tuple[float, float]:
    """Return a point inside the plot, between its centre and a corner."""
    middle = plot.shape.representative_point()
    corner = rng.choice(plot.shape.exterior.coords)
    share = rng.uniform(0, 0.6)
    x = round(middle.x + (corner[0] - middle.x) * share, 6)
    y = round(middle.y + (corner[1] - middle.y) * share, 6)
    inside = shapely.contains_xy(plot.shape, x, y)
    return (x, y) if inside else (round(middle.x, 6), round(middle.y, 6))


def _door_and_name(
    kind: CompoundKind, community: Division, taken: set[str], rng: Random
) -> tuple[str, str]:
    """Draw street and number with a name not taken; an old courtyard is called by its door."""
    roads = _ROADS_BESIDE if community.root.endswith(("街", "路")) else _ROADS
    while True:
        door = f"{community.root}{rng.choice(roads)}{rng.randint(2, 99)}号"
        name = _name(kind, community.root, rng) or f"{door}院"
        if name not in taken:
            taken.add(name)
            return door, name


def _name(kind: CompoundKind, root: str, rng: Random) -> str | None:
    match kind:
        case CompoundKind.COMMODITY:
            return f"{rng.choice(_FIRST)}{rng.choice(_SECOND)}{rng.choice(_LAST)}"
        case CompoundKind.RESETTLEMENT:
            return f"{root}新居{rng.choice('ABCD')}区"
        case CompoundKind.AFFORDABLE:
            return f"{root}{rng.choice(_AFFORDABLE)}{rng.choice(('', '一期', '二期'))}"
        case CompoundKind.RELOCATION:
            return f"{root}家园{rng.choice(('', '一期', '二期', '南区', '北区'))}"
        case _:
            return None

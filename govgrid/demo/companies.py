"""Invented companies, organizations and offices of the district."""

from govgrid.demo.divisions import Division, division

PROPERTY_COMPANIES = tuple(
    f"{name}物业服务有限公司"
    for name in (
        "锦樾和居", "蓉栖美寓", "望澜家和", "天府禾邻", "翠屿安泰", "云汀管家",
        "芙蓉里仁", "玉垒同心", "金沙予安", "浣溪悦邻", "青羊坊里", "岷澜佳信",
        "西岭百家", "蜀禾万邻", "锦官守望", "川屿诚安", "百花潭邻", "南河清居",
    )
)  # fmt: skip
SOCIAL_ORGANIZATIONS = (
    "武侯区睦邻里社区服务中心",
    "武侯区同心圆院落治理促进会",
    "武侯区邻里汇社会工作服务中心",
    "武侯区爱院落公益发展中心",
    "武侯区和美家园自治服务中心",
)
DISTRICT_HOUSING = "武侯区住建局"
CITY_HOUSING = "成都市住建局"


def residents_committee(community: Division) -> str:
    """Return the committee's full name: two streets may have a community of one name."""
    return f"{division(community.parent).name}{community.name}"


def police_station(street: Division) -> str:
    """Return the police station of a street."""
    return f"{street.root}派出所"


def street_office(street: Division) -> str:
    """Return the street office."""
    return f"{street.name}办事处"

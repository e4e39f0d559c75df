"""Rules of the grid: what hangs on what, which code fits, which role belongs where."""

from collections.abc import Collection, Iterable
from datetime import date

from govgrid.access import Role
from govgrid.errors import Invalid
from govgrid.grid.models import Level, OrganizationKind

PARENT: dict[Level, Level | None] = {
    Level.CITY: None,
    Level.DISTRICT: Level.CITY,
    Level.STREET: Level.DISTRICT,
    Level.COMMUNITY: Level.STREET,
    Level.GRID: Level.COMMUNITY,
    Level.DEDICATED_GRID: Level.COMMUNITY,
    Level.MICRO_GRID: Level.GRID,
}
# NBS statistical division code (4, 6, 9, 12 digits), then grid + 3 and micro-grid + 3.
DIGITS: dict[Level, int] = {
    Level.CITY: 4,
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
    Level.DEDICATED_GRID: 15,
    Level.MICRO_GRID: 18,
}
# What the last digits of a code may be: for streets and communities the NBS ranges by kind.
BANDS: dict[Level, tuple[range, ...]] = {
    Level.CITY: (range(1, 10_000),),
    Level.DISTRICT: (range(1, 100),),
    # street office, town, township, similar zone
    Level.STREET: (range(1, 100), range(100, 200), range(200, 400), range(400, 600)),
    # residents' committee, village committee, similar
    Level.COMMUNITY: (range(1, 200), range(200, 400), range(400, 600)),
    Level.GRID: (range(1, 1000),),
    Level.DEDICATED_GRID: (range(1, 1000),),
    Level.MICRO_GRID: (range(1, 1000),),
}
DEPTH: dict[Level, int] = {level: depth for depth, level in enumerate(Level)}

# The seat that every area of a level has: empty, it is a vacancy.
SEATS: dict[Level, Role] = {
    Level.COMMUNITY: Role.SECRETARY,
    Level.GRID: Role.GRID_LEADER,
    Level.MICRO_GRID: Role.MICRO_GRID_MEMBER,
}
AREA_ROLES: dict[Role, frozenset[Level]] = {
    Role.SECRETARY: frozenset({Level.COMMUNITY}),
    Role.GRID_LEADER: frozenset({Level.GRID, Level.DEDICATED_GRID}),
    Role.MICRO_GRID_MEMBER: frozenset({Level.MICRO_GRID}),
    Role.POLICE: frozenset({Level.COMMUNITY}),
    Role.LIAISON: frozenset({Level.STREET}),
    Role.HOUSING_OFFICER: frozenset({Level.DISTRICT, Level.CITY}),
    Role.HEAD_OFFICE: frozenset({Level.DISTRICT, Level.CITY}),
}
COMPOUND_ROLES = frozenset({Role.PROJECT_MANAGER, Role.STEWARD, Role.OWNERS_COMMITTEE})

_KIND_OF_ROLE: dict[Role, OrganizationKind] = {
    Role.SECRETARY: OrganizationKind.RESIDENTS_COMMITTEE,
    Role.GRID_LEADER: OrganizationKind.RESIDENTS_COMMITTEE,
    Role.MICRO_GRID_MEMBER: OrganizationKind.RESIDENTS_COMMITTEE,
    Role.POLICE: OrganizationKind.POLICE_STATION,
    Role.PROJECT_MANAGER: OrganizationKind.PROPERTY_COMPANY,
    Role.STEWARD: OrganizationKind.PROPERTY_COMPANY,
    Role.OWNERS_COMMITTEE: OrganizationKind.OWNERS_COMMITTEE,
    Role.LIAISON: OrganizationKind.STREET_OFFICE,
    Role.HOUSING_OFFICER: OrganizationKind.HOUSING_DEPARTMENT,
    Role.HEAD_OFFICE: OrganizationKind.PROPERTY_COMPANY,
}


def check_code(code: str, level: Level) -> None:
    """Raise `Invalid` where the code cannot be one of that level."""
    if not (code.isascii() and code.isdecimal() and len(code) == DIGITS[level]):
        raise Invalid(
            "“%(level)s”的代码应为 %(digits)s 位数字。本地另有编码的，请填入“外部编码”。",
            level=level.word,
            digits=DIGITS[level],
        )
    if band_of(code, level) is None:
        raise Invalid(
            "代码 %(code)s 的末%(n)s位 %(tail)s 不在“%(level)s”的编码段内（%(bands)s）。",
            code=code,
            n=len(tail(code, level)),
            tail=tail(code, level),
            level=level.word,
            bands="、".join(f"{b.start}–{b.stop - 1}" for b in BANDS[level]),
        )


def tail(code: str, level: Level) -> str:
    """Return the digits that a code adds to its parent's."""
    above = PARENT[level]
    return code[DIGITS[above] if above else 0 :]


def band_of(code: str, level: Level) -> range | None:
    """Return the range that a code's last digits lie in, None outside all of them."""
    number = int(tail(code, level))
    return next((band for band in BANDS[level] if number in band), None)


def free_code(parent_code: str, level: Level, used: Collection[str], like: str = "") -> str:
    """Return a code below the parent that was never used.

    With `like`, a code of that level, its own last digits where they are free, else the next of
    the same kind. Raise `Invalid` where no number is left.
    """
    above = PARENT[level]
    width = DIGITS[level] - (DIGITS[above] if above else 0)
    if like and (same := parent_code + tail(like, level)) not in used:
        return same
    band = (band_of(like, level) if like else None) or BANDS[level][0]
    siblings = [c for c in used if c.startswith(parent_code) and len(c) == DIGITS[level]]
    taken = [int(code[-width:]) for code in siblings]
    highest = max((n for n in taken if n in band), default=band.start - 1)
    for number in [*range(highest + 1, band.stop), *band]:
        if (code := f"{parent_code}{number:0{width}}") not in used:
            return code
    raise Invalid("%(parent)s 之下已没有可用的编号。", parent=parent_code)


def check_parent(code: str, level: Level, parent_code: str, parent_level: Level) -> None:
    """Raise `Invalid` where an area of that code cannot hang on that parent."""
    due = PARENT[level]
    if due is not parent_level:
        raise Invalid(
            "“%(level)s”应直属“%(due)s”，而上级 %(parent)s 是“%(found)s”。",
            level=level.word,
            due=due.word if due else "",
            parent=parent_code,
            found=parent_level.word,
        )
    if not code.startswith(parent_code):
        raise Invalid(
            "代码 %(code)s 不属于上级 %(parent)s：应以上级代码开头。",
            code=code,
            parent=parent_code,
        )


def check_post_level(role: Role, level: Level) -> None:
    """Raise `Invalid` where the role is not held over an area of that level."""
    levels = AREA_ROLES[role]
    if level not in levels:
        raise Invalid(
            "“%(role)s”应任职于%(levels)s，而任职对象是“%(found)s”。",
            role=role.word,
            levels=[known for known in Level if known in levels],
            found=level.word,
        )


def organization_kind(role: Role) -> OrganizationKind:
    """Return the kind of organization that people of that role come from."""
    return _KIND_OF_ROLE[role]


Period = tuple[date | None, date | None]


def clash(periods: Iterable[Period]) -> tuple[Period, Period] | None:
    """Return two periods that share a day, or None; both ends count, None is open."""
    ordered = sorted(periods, key=lambda period: period[0] or date.min)
    latest: Period | None = None
    for period in ordered:
        if latest is not None and (period[0] or date.min) <= (latest[1] or date.max):
            return latest, period
        if latest is None or (period[1] or date.max) > (latest[1] or date.max):
            latest = period
    return None

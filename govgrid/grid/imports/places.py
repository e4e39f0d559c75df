"""Areas as an import knows them: by code, with the limits of who imports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Power
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Level
from govgrid.grid.queries.changes import Former, former_codes


@dataclass(slots=True)
class Place:
    """An area, stored or about to be; a new one has id 0."""

    id: int
    code: str
    name: str
    level: Level
    parent_id: int | None
    path: str
    external_code: str | None = None
    managing_area_id: int | None = None

    @property
    def parent_code(self) -> str | None:
        """Return the code of the area above, which stands in the path."""
        codes = self.path.strip("/").split("/")
        return codes[-2] if len(codes) > 1 else None

    def holds(self, other: "Place") -> bool:
        """Tell whether the other area lies in this one."""
        return other.path.startswith(self.path)


class Places(dict[str, Place]):
    """The current areas by code; `former` are the codes that were areas' before."""

    def __init__(self, found: Iterable[Place], former: Mapping[str, Former]) -> None:
        super().__init__((place.code, place) for place in found)
        self.former = former

    def missing(self, code: str, otherwise: Invalid) -> Invalid:
        """Return the refusal of a code that no current area has."""
        return gone(self.former[code]) if code in self.former else otherwise


def places(db: Session) -> Places:
    """Return every current area."""
    rows = db.execute(
        select(
            Area.id,
            Area.code,
            Area.name,
            Area.level,
            Area.parent_id,
            Area.path,
            Area.external_code,
            Area.managing_area_id,
        ).where(Area.closed_on.is_(None))
    )
    return Places((Place(*row) for row in rows), former_codes(db))


def gone(former: Former) -> Invalid:
    """Return the refusal of a code that is in use no more."""
    if not former.heirs:
        return Invalid(
            "%(code)s（%(name)s）已于 %(day)s 撤销，没有接续的区域。",
            code=former.code,
            name=former.name,
            day=former.since.isoformat(),
        )
    return Invalid(
        "%(code)s（%(name)s）自 %(day)s 起不再使用，请改用：%(heirs)s。",
        code=former.code,
        name=former.name,
        day=former.since.isoformat(),
        heirs="、".join(f"{heir.name} {heir.code}" for heir in former.heirs),
    )


class Limits:
    """Where the actor may import; without an actor (the command line), everywhere."""

    def __init__(self, actor: Actor | None) -> None:
        self._paths = None if actor is None else actor.paths(Power.KEEP)

    def allow(self, path: str) -> bool:
        """Tell whether the path lies inside."""
        return self._paths is None or path.startswith(self._paths)

    def check(self, path: str) -> None:
        """Raise `Invalid` where the path lies outside."""
        if not self.allow(path):
            raise Invalid("不在您可以导入的区域内。")

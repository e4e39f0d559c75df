"""Areas as an import knows them: by code, with the limits of who imports."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Power
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Level


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


def places(db: Session) -> dict[str, Place]:
    """Return every area by its code."""
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
        )
    )
    return {row.code: Place(*row) for row in rows}


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

"""What can be imported and exported: every kind, found in its package when it is asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module

from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.sheets import Kind, Note

# In the order in which a new city is loaded.
MODULES = {
    "areas": "govgrid.grid.exports.areas",
    "boundaries": "govgrid.grid.exports.boundaries",
    "compounds": "govgrid.grid.exports.compounds",
    "officers": "govgrid.grid.exports.officers",
    "cases": "govgrid.cases.exports",
    "showcases": "govgrid.showcase.exports",
    "coverage": "govgrid.oldcompounds.exports",
    "workdays": "govgrid.workdays.exports",
}


class Kinds(Mapping[str, Kind]):
    """All kinds by key; a kind's package is imported when the kind is first wanted."""

    def __getitem__(self, key: str) -> Kind:
        return _kind(key)

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


@cache
def _kind(key: str) -> Kind:
    kind: Kind = import_module(MODULES[key]).KIND
    return replace(kind, follow_up=_follow_notice) if key == "workdays" else kind


def _follow_notice(db: Session, actor: Actor | None, data: bytes) -> list[Note]:
    """Bring due times in line with a new notice, and tell which meetings it hits."""
    from govgrid.almanac.actions import follow_import  # noqa: PLC0415

    return follow_import(db, actor, data)


KINDS = Kinds()

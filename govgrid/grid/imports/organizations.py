"""Organizations named in an import: found by name, created where new."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.grid.imports.store import dry, insert_rows
from govgrid.grid.models import Organization, OrganizationKind

Key = tuple[str, OrganizationKind]


class Organizations:
    """The stored organizations, and those that the file names for the first time."""

    def __init__(self, db: Session) -> None:
        self._ids: dict[Key, int] = {}
        self._kinds: dict[str, list[OrganizationKind]] = {}
        self._new: dict[Key, None] = {}
        self._load(db)

    def key(self, name: str, kind: OrganizationKind, *, strict: bool = False) -> Key:
        """Return what names the organization; a guessed kind gives way to the only known one."""
        kinds = self._kinds.setdefault(name, [])
        if kind not in kinds and kinds and not strict:
            kind = kinds[0]
        if kind not in kinds:
            kinds.append(kind)
            self._new[name, kind] = None
        return name, kind

    def id(self, key: Key | None, before: int | None = None) -> int | None:
        """Return the id of a stored organization, 0 for one that `create` has yet to make.

        The one before stays where it has that name: the kind was only guessed.
        """
        if key is None:
            return None
        name = key[0]
        if before is not None and any(
            self._ids.get((name, k)) == before for k in self._kinds[name]
        ):
            return before
        return self._ids.get(key, 0)

    def name(self, id_: int | None) -> str | None:
        """Return the name of a stored organization."""
        return next((name for (name, _kind), known in self._ids.items() if known == id_), None)

    def create(self, db: Session) -> None:
        """Store the new ones."""
        if self._new and not dry(db):
            insert_rows(db, Organization, [{"name": n, "kind": kind} for n, kind in self._new])
            self._new = {}
            self._load(db)

    def _load(self, db: Session) -> None:
        rows = db.execute(
            select(Organization.id, Organization.name, Organization.kind).order_by(Organization.id)
        )
        for number, name, kind in rows:
            self._ids[name, kind] = number
            kinds = self._kinds.setdefault(name, [])
            if kind not in kinds:
                kinds.append(kind)

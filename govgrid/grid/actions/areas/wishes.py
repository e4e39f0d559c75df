"""What may be asked of areas: one small model a kind, stored with the change as JSON."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from govgrid.grid.models import ChangeKind, Level

END = -1  # a share that goes to no heir: the post ends


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True)


class Create(_Wish):
    """A new area under a parent; without a code the next free one."""

    kind: Literal[ChangeKind.CREATE] = ChangeKind.CREATE
    parent: int
    level: Level
    name: str
    code: str | None = None
    external_code: str | None = None
    manager: int | None = None


class Rename(_Wish):
    """Another name or external code."""

    kind: Literal[ChangeKind.RENAME] = ChangeKind.RENAME
    area: int
    name: str
    external_code: str | None = None


class Move(_Wish):
    """Under another parent: the area and all below get codes of the new parent."""

    kind: Literal[ChangeKind.MOVE] = ChangeKind.MOVE
    area: int
    parent: int
    code: str | None = None


class Merge(_Wish):
    """Several areas into one of them, into another, or (`into` None) into a new one."""

    kind: Literal[ChangeKind.MERGE] = ChangeKind.MERGE
    areas: tuple[int, ...]
    into: int | None = None
    name: str = ""
    code: str | None = None


class Heir(_Wish):
    """An area that a split makes."""

    name: str
    code: str | None = None


class Split(_Wish):
    """One area into several; with `keep` it stays, as the first of them.

    `shares` says which heir a row goes to: "areas:12", "compounds:7", "posts:3" to its number.
    What is not named goes to the first.
    """

    kind: Literal[ChangeKind.SPLIT] = ChangeKind.SPLIT
    area: int
    heirs: tuple[Heir, ...]
    keep: bool = False
    shares: dict[str, int] = Field(default_factory=dict)


class Close(_Wish):
    """An area that holds nothing any more ends."""

    kind: Literal[ChangeKind.CLOSE] = ChangeKind.CLOSE
    area: int


class Reopen(_Wish):
    """A closed area is current again; what it held stays where it went."""

    kind: Literal[ChangeKind.REOPEN] = ChangeKind.REOPEN
    area: int


class Manage(_Wish):
    """Another area manages this one; None: as the code tree says."""

    kind: Literal[ChangeKind.MANAGE] = ChangeKind.MANAGE
    area: int
    manager: int | None = None


Wish = Annotated[
    Create | Rename | Move | Merge | Split | Close | Reopen | Manage, Field(discriminator="kind")
]
_ADAPTER: TypeAdapter[Wish] = TypeAdapter(Wish)


def read_wish(stored: object) -> Wish:
    """Return the wish that was stored with a change."""
    return _ADAPTER.validate_python(stored)


def subjects(wish: Wish) -> tuple[int, ...]:
    """Return the ids of the areas that the wish is about."""
    match wish:
        case Create():
            return (wish.parent,)
        case Merge():
            into = (wish.into,) if wish.into is not None else ()
            return tuple(dict.fromkeys([*wish.areas, *into]))
        case Move():
            return (wish.area, wish.parent)
        case Manage():
            return (wish.area,) if wish.manager is None else (wish.area, wish.manager)
        case Rename() | Split() | Close() | Reopen():
            return (wish.area,)

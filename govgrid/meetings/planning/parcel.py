"""A part and what was found of it as JSON, for a worker on another machine."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from govgrid.meetings.planning.parts import Found, Part


def wrapped(value: Part | Found) -> str:
    """Return the text that the `…_of` below read."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def part_of(text: str) -> Part:
    """Return the part."""
    part: Part = _made(Part, json.loads(text))
    return part


def found_of(text: str) -> Found:
    """Return what was found."""
    found: Found = _made(Found, json.loads(text))
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return [_plain(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, Mapping):
        return [[_plain(key), _plain(one)] for key, one in value.items()]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _made(kind: Any, value: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, UnionType):
        wanted = next(one for one in inner if one is not type(None))
        return None if value is None else _made(wanted, value)
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return kind(*map(_made, _kinds(kind), value))
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
        return tuple(map(_made, kinds, value))
    if origin not in {None, frozenset}:
        return {_made(inner[0], key): _made(inner[1], one) for key, one in value}
    return _simple(kind, value)


def _simple(kind: Any, value: Any) -> Any:
    if get_origin(kind) is frozenset:
        return frozenset(value)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value) if issubclass(kind, Enum) else value


@cache
def _kinds(kind: Any) -> list[Any]:
    names = kind._fields if hasattr(kind, "_fields") else [one.name for one in fields(kind)]
    hints = get_type_hints(kind)
    return [hints[name] for name in names]

"""The exchange form `govgrid-bench/1`: instances, plans and bases in, plans and instances out."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from govgrid.errors import Invalid
from govgrid.meetings.planning.faults import Fault, base_faults, instance_faults
from govgrid.meetings.planning.instance import (
    Base,
    Day,
    Instance,
    Meeting,
    Person,
    Plan,
    Travel,
    Venue,
    Weights,
)
from govgrid.words import N_, Term

SCHEMA = "govgrid-bench/1"
MOST_BYTES = 1_000_000_000  # unpacked; a city has 22 MB
STRICT = ConfigDict(strict=True, allow_inf_nan=False)
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
WRONG = {
    "missing": N_("缺少这一项"),
    "int_type": N_("应为整数"),
    "int_from_float": N_("应为整数"),
    "float_type": N_("应为数字"),
    "finite_number": N_("应为有限的数字"),
    "bool_type": N_("应为 true 或 false"),
    "string_type": N_("应为文字"),
    "tuple_type": N_("应为列表"),
    "dict_type": N_("应为对象"),
    "dataclass_type": N_("应为对象"),
    "too_long": N_("项数过多"),
}
UNFIT = N_("写法或取值不对")


@dataclass(frozen=True, slots=True)
class _InstanceForm:
    __pydantic_config__ = STRICT

    schema: Literal["govgrid-bench/1"]
    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    days: tuple[Day, ...]
    grids: dict[str, tuple[int, ...]]
    evening_from: int
    travel: Travel
    venues: tuple[Venue, ...]
    people: tuple[Person, ...]
    meetings: tuple[Meeting, ...]
    weights: Weights
    name: str = ""


@dataclass(frozen=True, slots=True)
class _BaseForm:
    __pydantic_config__ = STRICT

    assign: dict[str, int]
    confirmed: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()


_INSTANCE = TypeAdapter(_InstanceForm)
_BASE = TypeAdapter(_BaseForm)
_Form = TypeVar("_Form")
_Row = TypeVar("_Row", Venue, Person, Meeting)


def read_instance(content: bytes, source: str) -> Instance:
    """Read an instance, gzipped or not. Raise `Invalid`: what is wrong in `source`, and where."""
    form = _read(_INSTANCE, content, source)
    doubled: list[Fault] = []
    instance = Instance(
        month=form.month,
        days=form.days,
        grids=form.grids,
        evening_from=form.evening_from,
        travel=form.travel,
        venues=_by_id(form.venues, "venues", doubled),
        people=_by_id(form.people, "people", doubled),
        meetings=_by_id(form.meetings, "meetings", doubled),
        weights=form.weights,
        name=form.name,
    )
    refuse([*doubled, *instance_faults(instance)], source)
    return instance


def read_base(content: bytes, source: str, instance: Instance) -> Base:
    """Read the plan to repair; meetings that are no longer there are left out."""
    form = _read(_BASE, content, source)
    known = instance.meetings.keys()
    base = Base(
        {id_: start for id_, start in form.assign.items() if id_ in known},
        frozenset(form.confirmed) & known,
        frozenset(form.forced) & known,
    )
    refuse(base_faults(instance, base), source)
    return base


def refuse(faults: Iterable[Fault], source: str) -> None:
    """Raise `Invalid` with the first fault, and how many more there are."""
    found = list(faults)
    if not found:
        return
    where, what = found[0]
    if len(found) == 1:
        raise Invalid("%(source)s：%(where)s：%(what)s。", source=source, where=where, what=what)
    raise Invalid(
        "%(source)s：%(where)s：%(what)s。另有 %(more)d 处。",
        source=source,
        where=where,
        what=what,
        more=len(found) - 1,
    )


def write_instance(instance: Instance) -> bytes:
    """Return the instance in the exchange form."""
    document = asdict(instance)
    for rows in ("venues", "people", "meetings"):
        document[rows] = list(document[rows].values())
    return _json({"schema": SCHEMA, **document})


def write_plan(plan: Plan) -> bytes:
    """Return the plan in the exchange form; `cut` is there only where it is true."""
    document = {
        "assign": dict(sorted(plan.assign.items())),
        "attend": {id_: list(people) for id_, people in sorted(plan.attend.items())},
        "unplanned": {
            id_: [_slim(asdict(reason)) for reason in reasons]
            for id_, reasons in sorted(plan.unplanned.items())
        },
        "bound": plan.bound,
        "objective": plan.objective,
        "seconds": plan.seconds,
    }
    return _json({**document, "cut": True} if plan.cut else document)


def reasons_json(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Return the reasons as they stand in the exchange form."""
    found: dict[str, list[dict[str, Any]]] = json.loads(write_plan(plan))["unplanned"]
    return found


def _slim(row: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not set, but always keep the four keys of the form."""
    kept = {"kind", "people", "days", "text"}
    return {
        key: [_slim(way) for way in value] if key == "ways" else value
        for key, value in row.items()
        if key in kept or value not in (None, (), {})
    }


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, default=str, separators=(",", ":")).encode()


def _read(adapter: TypeAdapter[_Form], content: bytes, source: str) -> _Form:
    content = _unpacked(content, source).removeprefix(BOM)
    try:
        return adapter.validate_json(content)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        why = faults[0].get("ctx", {}).get("error", "")
        raise Invalid("%(source)s 不是完整的 JSON：%(why)s。", source=source, why=why)
    refuse([(_place(fault["loc"]), _wrong(fault)) for fault in faults], source)
    raise AssertionError


def _unpacked(content: bytes, source: str) -> bytes:
    if not content.startswith(GZIP):
        return content
    try:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        unpacked = unpacker.decompress(content, MOST_BYTES)
    except zlib.error:
        raise Invalid("%(source)s 不是完整的 gzip 文件。", source=source) from None
    if not unpacker.eof:
        raise Invalid("%(source)s 不是完整的 gzip 文件。", source=source)
    return unpacked


def _place(location: tuple[int | str, ...]) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return place.lstrip(".") or "."


def _wrong(fault: Mapping[str, Any]) -> Term | str:
    return WRONG.get(fault["type"], UNFIT)


def _by_id(rows: tuple[_Row, ...], name: str, doubled: list[Fault]) -> dict[str, _Row]:
    keyed: dict[str, _Row] = {}
    for index, row in enumerate(rows):
        if row.id in keyed:
            doubled.append((f"{name}[{index}].id", N_("编号重复")))
        keyed[row.id] = row
    return keyed

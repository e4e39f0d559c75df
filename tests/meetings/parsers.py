"""One calendar as icalendar, ical.js and libical understand it, in the same words."""

import ctypes
import ctypes.util
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import icalendar

from govgrid.clock import HERE

SINGLE = ("UID", "SUMMARY", "LOCATION", "RESOURCES", "DESCRIPTION", "STATUS", "TRANSP", "URL")
PARAMETERS = ("CN", "ROLE", "PARTSTAT", "RSVP", "CUTYPE")
ANY_PROPERTY, ANY_COMPONENT = 0, 1  # of libical's enumerations
Party = tuple[str, ...]  # address, then PARAMETERS, "" where one is missing


@dataclass(frozen=True)
class Read:
    """What a reader found. `texts` are those of SINGLE, "" where missing; times in seconds."""

    method: str
    head: list[str]
    zones: list[str]
    listed: list[str]
    texts: tuple[str, ...]
    sequence: int
    times: tuple[float, float, float]
    organizer: Party
    attendees: list[Party]


def by_icalendar(data: bytes) -> Read:
    """Read by Python's icalendar."""
    whole: Any = icalendar.Calendar.from_ical(data)
    (vevent,) = whole.walk("VEVENT")
    found = vevent.get("ATTENDEE", [])
    listed = [name for name, value in vevent.property_items(recursive=False, sorted=False)]
    return Read(
        method=str(whole["METHOD"]),
        head=sorted(whole),
        zones=[str(block.name) for zone in whole.walk("VTIMEZONE") for block in zone.subcomponents],
        listed=sorted(set(listed) - {"BEGIN", "END"}) + ["ATTENDEE"] * max(0, _many(found) - 1),
        texts=tuple(str(vevent.get(name, "")) for name in SINGLE),
        sequence=int(vevent["SEQUENCE"]),
        times=cast(
            "tuple[float, float, float]",
            tuple(vevent.decoded(n).timestamp() for n in ("DTSTAMP", "DTSTART", "DTEND")),
        ),
        organizer=_party(vevent["ORGANIZER"]),
        attendees=[_party(a) for a in (found if isinstance(found, list) else [found])],
    )


def _many(found: object) -> int:
    return len(found) if isinstance(found, list) else 1


def _party(value: Any) -> Party:
    return (str(value), *(str(value.params.get(name, "")) for name in PARAMETERS))


def by_ical_js(got: dict[str, Any]) -> Read:
    """Take what read_ical.mjs printed for one calendar."""

    def party(one: dict[str, Any]) -> Party:
        names = ("address", "name", "role", "status", "rsvp", "cutype")
        return tuple(one[name] or "" for name in names)

    names = ("uid", "summary", "location", "resource", "description", "status", "transp", "url")
    return Read(
        method=got["method"],
        head=sorted(name.upper() for name in got["properties"]),
        zones=[name.upper() for name in got["zones"]],
        listed=_tidy(name.upper() for name in got["listed"]),
        texts=tuple(got[name] or "" for name in names),
        sequence=got["sequence"],
        times=(got["stamp"], got["start"], got["end"]),
        organizer=party(got["organizer"]),
        attendees=[party(one) for one in got["attendees"]],
    )


def _tidy(names: Iterator[str]) -> list[str]:
    """Return the names in order, those of further attendees last."""
    known = sorted(names)
    further = max(0, known.count("ATTENDEE") - 1)
    return [n for i, n in enumerate(known) if n != "ATTENDEE" or "ATTENDEE" not in known[:i]] + [
        "ATTENDEE"
    ] * further


class Libical:
    """Debian's libical (`apt-get install libical3`), called directly."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("ical")
        assert name, "libical is missing: apt-get install libical3"
        self._lib = ctypes.CDLL(name)
        for called, answer, given in (
            ("icalparser_parse_string", ctypes.c_void_p, [ctypes.c_char_p]),
            ("icalcomponent_free", None, [ctypes.c_void_p]),
            ("icalcomponent_kind_to_string", ctypes.c_char_p, [ctypes.c_int]),
            ("icalcomponent_isa", ctypes.c_int, [ctypes.c_void_p]),
            ("icalcomponent_get_first_component", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
            ("icalcomponent_get_next_component", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
            ("icalcomponent_get_first_property", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
            ("icalcomponent_get_next_property", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
            ("icalproperty_get_property_name", ctypes.c_char_p, [ctypes.c_void_p]),
            ("icalproperty_get_value", ctypes.c_void_p, [ctypes.c_void_p]),
            ("icalproperty_get_value_as_string", ctypes.c_char_p, [ctypes.c_void_p]),
            ("icalvalue_get_text", ctypes.c_char_p, [ctypes.c_void_p]),
            ("icalparameter_string_to_kind", ctypes.c_int, [ctypes.c_char_p]),
            ("icalparameter_get_cn", ctypes.c_char_p, [ctypes.c_void_p]),
            (
                "icalproperty_get_first_parameter",
                ctypes.c_void_p,
                [ctypes.c_void_p, ctypes.c_int],
            ),
            (
                "icalproperty_get_parameter_as_string",
                ctypes.c_char_p,
                [ctypes.c_void_p, ctypes.c_char_p],
            ),
        ):
            function = getattr(self._lib, called)
            function.restype, function.argtypes = answer, given

    def read(self, data: bytes) -> Read:
        """Read by libical."""
        root = self._lib.icalparser_parse_string(data)
        assert root, "libical cannot read it"
        try:
            return self._read(root)
        finally:
            self._lib.icalcomponent_free(root)

    def _read(self, root: int) -> Read:
        parts = list(self._components(root))
        (vevent,) = (part for part in parts if self._name(part) == "VEVENT")
        zones = [part for part in parts if self._name(part) == "VTIMEZONE"]
        head = dict(self._properties(root))
        found = list(self._properties(vevent))
        one = dict(found)
        return Read(
            method=self._word(head["METHOD"]),
            head=sorted(head),
            zones=[self._name(block) for zone in zones for block in self._components(zone)],
            listed=_tidy(name for name, _ in found),
            texts=tuple(self._text(name, one[name]) if name in one else "" for name in SINGLE),
            sequence=int(self._word(one["SEQUENCE"])),
            times=cast(
                "tuple[float, float, float]",
                tuple(self._time(one[name]) for name in ("DTSTAMP", "DTSTART", "DTEND")),
            ),
            organizer=self._party(one["ORGANIZER"]),
            attendees=[self._party(prop) for name, prop in found if name == "ATTENDEE"],
        )

    def _components(self, within: int) -> Iterator[int]:
        found = self._lib.icalcomponent_get_first_component(within, ANY_COMPONENT)
        while found:
            yield found
            found = self._lib.icalcomponent_get_next_component(within, ANY_COMPONENT)

    def _properties(self, within: int) -> Iterator[tuple[str, int]]:
        found = self._lib.icalcomponent_get_first_property(within, ANY_PROPERTY)
        while found:
            yield self._lib.icalproperty_get_property_name(found).decode(), found
            found = self._lib.icalcomponent_get_next_property(within, ANY_PROPERTY)

    def _name(self, component: int) -> str:
        kind = self._lib.icalcomponent_isa(component)
        return str(self._lib.icalcomponent_kind_to_string(kind).decode())

    def _word(self, prop: int) -> str:
        return str(self._lib.icalproperty_get_value_as_string(prop).decode())

    def _text(self, name: str, prop: int) -> str:
        if name in {"STATUS", "TRANSP", "URL"}:
            return self._word(prop)
        text = self._lib.icalvalue_get_text(self._lib.icalproperty_get_value(prop))
        return str((text or b"").decode())

    def _time(self, prop: int) -> float:
        word = self._word(prop)
        if word.endswith("Z"):
            return datetime.strptime(word, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        zone = self._lib.icalproperty_get_parameter_as_string(prop, b"TZID")
        assert zone == HERE.key.encode()
        return datetime.strptime(word, "%Y%m%dT%H%M%S").replace(tzinfo=HERE).timestamp()

    def _party(self, prop: int) -> Party:
        return (self._word(prop), *(self._parameter(prop, name) for name in PARAMETERS))

    def _parameter(self, prop: int, name: str) -> str:
        if name != "CN":
            word = self._lib.icalproperty_get_parameter_as_string(prop, name.encode())
            return str((word or b"").decode())
        kind = self._lib.icalparameter_string_to_kind(b"CN")
        found = self._lib.icalproperty_get_first_parameter(prop, kind)
        return str((self._lib.icalparameter_get_cn(found) or b"").decode()) if found else ""

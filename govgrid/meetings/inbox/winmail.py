"""Answers that Exchange hides in winmail.dat (TNEF): message class and UID, as calendar text."""

import re

SIGNATURE = b"\x78\x9f\x3e\x22"
# The class of an answer, in its two spellings.
_CLASS = re.compile(
    rb"IPM\.(?:Microsoft )?Schedule\.(?:Meeting\.Resp\.|MtgResp)(Pos|Neg|Tent|P|N|A)\b",
    re.IGNORECASE,
)
# MS-OXCICAL: a UID that is not Exchange's own stands behind this mark in the global object id.
_UID = re.compile(rb"vCal-Uid\x01\x00\x00\x00([!-~]{1,250})\x00")
_STATUS = {
    "pos": "ACCEPTED", "p": "ACCEPTED", "neg": "DECLINED", "n": "DECLINED", "tent": "TENTATIVE",
    "a": "TENTATIVE",
}  # fmt: skip


def from_winmail(data: bytes) -> str:
    """Return the answer as iTIP without ATTENDEE: the sender speaks. Raise `ValueError` if none."""
    kind, uid = _CLASS.search(data), _UID.search(data)
    if not data.startswith(SIGNATURE) or kind is None or uid is None:
        raise ValueError("no answer in winmail.dat")
    status = _STATUS[kind[1].decode().lower()]
    return (
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n"
        f"UID:{uid[1].decode()}\nATTENDEE;PARTSTAT={status}:\nEND:VEVENT\nEND:VCALENDAR\n"
    )

"""How much may be sent to an address, before anything of it is read."""

import re
from typing import NamedTuple

MIB = 1024 * 1024
CAP = 2 * MIB
FILE_CAP, PHOTO_CAP, IMPORT_CAP = 11 * MIB, 24 * MIB, 64 * MIB


class Larger(NamedTuple):
    """Addresses that take files: as much from whoever is signed in, as much from strangers.

    Strangers have little reason to send much: the cookie is looked up behind the form only.
    """

    path: re.Pattern[str]
    known: int
    stranger: int = CAP


LARGER = (
    Larger(re.compile(r"/exchange/batches"), IMPORT_CAP),
    Larger(re.compile(r"/compounds/[^/]+/showcase/[^/]+/entry/photos"), PHOTO_CAP),
    Larger(re.compile(r".+/attachments"), FILE_CAP),  # one file of up to 10 MiB
    # Strangers with a task: their browser makes pictures smaller.
    Larger(re.compile(r"/(actions/\d+|r/[\w-]+/actions/\d+)/report"), PHOTO_CAP, 8 * MIB),
)


def cap(path: str, *, known: bool) -> int:
    """Return how many bytes may be sent there."""
    for one in LARGER:
        if one.path.fullmatch(path):
            return one.known if known else one.stranger
    return CAP

"""Who did what to what, when and from where: append-only, chained by HMAC, anchored outside."""

from govgrid.journal.models import Cut, Entry
from govgrid.journal.proof import Fault, prove
from govgrid.journal.writing import SYSTEM, Head, Image, image, record
from govgrid.origin import origin, started_from

__all__ = [
    "SYSTEM",
    "Cut",
    "Entry",
    "Fault",
    "Head",
    "Image",
    "image",
    "origin",
    "prove",
    "record",
    "started_from",
]

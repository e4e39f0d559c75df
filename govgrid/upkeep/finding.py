"""What one check of the doctor's found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: whether it is well, what was found, and the one line that mends it."""

    name: str
    well: bool
    found: str
    mend: str = ""

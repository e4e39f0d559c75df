"""What residents are not shown of a published text: numbers that belong to a person."""

import re

_PERSONAL = re.compile(
    r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)|(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)"
)


def hidden(text: str) -> str:
    """Hide mobile and identity card numbers; a landline of the service stays."""
    return _PERSONAL.sub(lambda m: f"{m[1] or m[3]}****{m[2] or m[4]}", text)

"""Refusals as they are stored, to be translated where they are shown."""

from collections.abc import Mapping
from typing import Any

from govgrid.errors import Invalid, Refusal
from govgrid.words import Term, Word


def told(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as JSON."""
    params = {name: _kept(value) for name, value in refusal.params.items()}
    return {"message": refusal.message, "params": params}


def untold(stored: Mapping[str, Any] | None) -> Refusal | None:
    """Return the refusal that was stored, None for none."""
    if stored is None:
        return None
    message: str = stored["message"]
    params: dict[str, Any] = {name: _given(value) for name, value in stored["params"].items()}
    return Invalid(message, **params)


def _kept(value: object) -> object:
    if isinstance(value, Refusal):
        return told(value)
    if isinstance(value, Word):
        return {"term": str(value.word)}
    if isinstance(value, Term):
        return {"term": str(value)}
    if isinstance(value, (list, tuple)):
        return [_kept(one) for one in value]
    return value if isinstance(value, int) else str(value)


def _given(value: object) -> object:
    if isinstance(value, list):
        return [_given(one) for one in value]
    if isinstance(value, dict):
        return Term(value["term"]) if "term" in value else untold(value)
    return value

"""Seeded chance: one stream a topic, so that a change in one leaves the others as they were."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def chance(*topic: object) -> Random:
    """Return the stream of a topic; the same topic gives the same stream everywhere."""
    return Random(" ".join(["govgrid", *map(str, topic)]))  # noqa: S311 - made-up data


def weighted(rng: Random, shares: Sequence[tuple[T, float]]) -> T:
    """Draw one value by its share."""
    values, weights = zip(*shares, strict=True)
    drawn: T = rng.choices(values, weights)[0]
    return drawn

"""Enumerations that carry their Chinese word, for screens and for import columns."""

from enum import StrEnum
from typing import Self


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return text


class Word(StrEnum):
    """A stored key with its word in the interface: `KEY = "key", N_("中文")`."""

    word: str

    def __new__(cls, key: str, word: str) -> Self:
        member = str.__new__(cls, key)
        member._value_ = key
        member.word = word
        return member

    @classmethod
    def of_word(cls, word: str) -> Self | None:
        """Return the member that the word names, or None."""
        return next((member for member in cls if member.word == word), None)

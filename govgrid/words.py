"""Enumerations that carry their Chinese word, for screens and for import columns."""

from enum import StrEnum
from typing import Self


class Term(str):
    """A Chinese text of ours; shown inside a sentence, it is translated like the sentence."""

    __slots__ = ()


def N_(text: str) -> Term:  # noqa: N802
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return Term(text)


class Word(StrEnum):
    """A stored key with its word in the interface: `KEY = "key", N_("中文")`."""

    word: Term

    def __new__(cls, key: str, word: str) -> Self:
        member = str.__new__(cls, key)
        member._value_ = key
        member.word = Term(word)
        return member

    @classmethod
    def of_key(cls, key: str) -> Self:
        """Return the member stored under that key. Raise `ValueError` where there is none."""
        found = next((member for member in cls if member.value == key), None)
        if found is None:
            raise ValueError(key)
        return found

    @classmethod
    def of_word(cls, word: str) -> Self | None:
        """Return the member that the word names, or None."""
        return next((member for member in cls if member.word == word), None)


def plain(value: object) -> object:
    """Return a parameter of a sentence as the Chinese sentence shows it: words, lists joined."""
    if isinstance(value, Word):
        return value.word
    if isinstance(value, (list, tuple)):
        return "、".join(str(plain(one)) for one in value)
    return value

"""One small class per refusal: each knows its meaning, not HTTP."""

from collections.abc import Mapping

from govgrid.words import plain


class Refusal(Exception):
    """What was refused, in the user's words: a message to translate and its parameters.

    A parameter may be a word of ours, another refusal, or several of them.
    """

    def __init__(self, message: str, /, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        shown = {name: plain(value) for name, value in self.params.items()}
        return self.message % shown if shown else self.message


class Invalid(Refusal):
    """The input is wrong: `fields` holds a refusal per field of a form."""

    def __init__(
        self, message: str, /, fields: Mapping[str, Refusal] | None = None, **params: object
    ) -> None:
        super().__init__(message, **params)
        self.fields = dict(fields or {})


class NotFound(Refusal):
    """It does not exist, or not for this actor."""


class Forbidden(Refusal):
    """The actor may see it, but not do this to it."""


class Conflict(Refusal):
    """It was possible, but something else came first."""


class Unavailable(Refusal):
    """It is possible, but not now: a missing font, a full disk."""


class TooMany(Refusal):
    """It is possible, but was tried too often in a short time; again after `wait` seconds."""

    wait: int = 0

"""A line of the journal in the reader's words: verb, subject, and each field before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from govgrid.audit.words import FIELDS, PAGES, SUBJECTS, VERBS, value_words
from govgrid.journal import SYSTEM, Entry
from govgrid.web.language import day_text, gettext, moment_text
from govgrid.web.provisional import noted


@dataclass(frozen=True, slots=True)
class Change:
    """One field, as it was and as it became; None where it did not exist."""

    name: str
    before: str | None
    after: str | None


def verb(entry: Entry) -> str:
    """Return what was done."""
    return _word(VERBS, entry.verb)


def subject(entry: Entry) -> str:
    """Return what it was done to, without its number."""
    return _word(SUBJECTS, entry.subject)


def who(entry: Entry) -> str:
    """Return who did it."""
    return gettext("系统") if entry.actor == SYSTEM else entry.actor


def where(entry: Entry) -> str:
    """Return where it came from: an address, or the command line with the system's user."""
    if entry.address.startswith("cli:"):
        return gettext("命令行（%(user)s）", user=entry.address.removeprefix("cli:"))
    return entry.address or "—"


def page_of(entry: Entry) -> str | None:
    """Return the address of the subject's own page, where it has one."""
    pattern = PAGES.get(entry.subject)
    return pattern.format(entry.subject_id) if pattern else None


def changes(entry: Entry) -> list[Change]:
    """Return each changed field with its two values."""
    before, after = _part(entry, "before"), _part(entry, "after")
    words = value_words(entry.subject)
    return [
        Change(
            _word(FIELDS, name),
            shown(before[name], words) if name in before else None,
            shown(after[name], words) if name in after else None,
        )
        for name in {**before, **after}
    ]


def facts(entry: Entry) -> list[tuple[str, str]]:
    """Return what else the line says."""
    words = value_words(entry.subject)
    rest = {k: v for k, v in entry.detail.items() if k not in {"before", "after"}}
    return [(_word(FIELDS, name), shown(value, words)) for name, value in rest.items()]


def summary(entry: Entry) -> str:
    """Return changes and facts in one cell of a sheet."""
    parts = [f"{c.name}：{c.before or '—'} → {c.after or '—'}" for c in changes(entry)]
    return "；".join([*parts, *(f"{name}：{value}" for name, value in facts(entry))])


def shown(value: object, words: Mapping[str, str]) -> str:
    """Return a stored value as people write it."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, list):
        return "、".join(shown(item, words) for item in value) or "—"
    if isinstance(value, dict):
        return "；".join(f"{_word(FIELDS, k)}：{shown(v, words)}" for k, v in value.items())
    return _text(str(value), words)


def _text(text: str, words: Mapping[str, str]) -> str:
    if text in words:
        return gettext(words[text])
    try:
        if len(text) == len("2026-01-01"):
            return day_text(noted(date.fromisoformat(text)))
        moment = datetime.fromisoformat(text)
    except ValueError:
        return noted(text)
    return moment_text(noted(moment)) if moment.tzinfo else text


def _part(entry: Entry, name: str) -> dict[str, object]:
    part = entry.detail.get(name)
    return part if isinstance(part, dict) else {}


def _word(table: Mapping[str, str], key: str) -> str:
    return gettext(table[key]) if key in table else key

"""A letter's words, once as text and once as HTML: greeting, facts, lists, a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Button:
    """A link: `ask` stands over it in the text, `word` on the button and `hint` below it."""

    link: str
    ask: str
    word: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """What a letter says; `lists` are headings with their lines, empty ones left out."""

    greeting: str
    facts: Facts
    lists: Sequence[tuple[str, Sequence[str]]] = ()
    button: Button | None = None

    def plain(self) -> str:
        """Return it as lines of text."""
        parts = [self.greeting, "", *(f"{label}：{value}" for label, value in self.facts)]
        for heading, lines in self.lists:
            if lines:
                parts += ["", f"{heading}：", *lines]
        if self.button:
            parts += ["", self.button.ask, self.button.link]
        return "\n".join(parts) + "\n"

    def html(self) -> str:
        """Return it as a page that any mail program shows."""
        rows = Markup("").join(
            Markup('<tr><td style="color:#5b6670;padding:4px 12px 4px 0;white-space:nowrap">{}</td>'
                   '<td style="padding:4px 0">{}</td></tr>').format(label, value)
            for label, value in self.facts
        )  # fmt: skip
        lists = Markup("").join(
            Markup("<p><b>{}</b><br>{}</p>").format(
                heading, Markup("<br>").join(map(escape, lines))
            )
            for heading, lines in self.lists
            if lines
        )
        return _frame().format(
            greeting=self.greeting, rows=rows, lists=lists, button=_button(self.button)
        )


def _button(button: Button | None) -> Markup:
    if button is None:
        return Markup("")
    shown = Markup(
        '<p><a href="{}" style="display:inline-block;background:#155e75;color:#ffffff;'
        'padding:12px 24px;border-radius:4px;text-decoration:none">{}</a></p>'
    ).format(button.link, button.word)
    hint = Markup('<p style="color:#5b6670;font-size:13px">{}</p>').format(button.hint)
    return shown + hint if button.hint else shown


@cache
def _frame() -> Markup:
    return Markup(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"></head>'
        '<body style="font:16px/1.6 sans-serif;color:#1d2830;margin:0;padding:16px;'
        'max-width:560px"><p>{greeting}</p><table style="border-collapse:collapse">{rows}'
        "</table>{lists}{button}</body></html>"
    )

"""What the forms about minutes carry."""

from collections.abc import Iterator

from pydantic import Field
from starlette.datastructures import FormData

from govgrid.errors import Invalid
from govgrid.meetings.actions.wording import Annex, Edits, Words
from govgrid.meetings.models import Attendance, Retention, Reviewer
from govgrid.meetings.rules.minutes import MOST_ANNEXES
from govgrid.web.forms import Form, clean

LONGEST = 30_000
"""Characters of one text."""


class ApproveForm(Form):
    reviewer: Reviewer = Field(title="审核环节")
    version: int


class SendBackForm(Form):
    reason: str = Field(default="", title="退回原因", max_length=400)
    version: int


class CorrectForm(Form):
    reason: str = Field(title="更正原因", min_length=1, max_length=400)
    version: int


class WordsForm(Form):
    opening: str = Field(default="", title="导语", max_length=5000)
    copied_to: str = Field(default="", title="抄送", max_length=400)
    retention: Retention = Field(default=Retention.THIRTY, title="保管期限")
    place: str = Field(default="", title="地点", max_length=200)
    version: int

    def words(self, form: FormData) -> Words:
        """Return what was typed, attachments included."""
        return Words(self.opening, self.copied_to, tuple(_annexes(form)), self.retention)

    def edits(self, form: FormData) -> Edits:
        """Return a correction's edits."""
        came = {
            n: Attendance.of_key(word)
            for n, word in _numbered(form, "came-").items()
            if word in set(Attendance)
        }
        parts = ("brief", "notes", "resolutions", "matter")
        brief, notes, resolutions, matters = (_numbered(form, f"{name}-") for name in parts)
        return Edits(self.place, brief, notes, resolutions, matters, came)


class HouseForm(Form):
    body: str | None = Field(default=None, title="发文机关", max_length=60)
    masthead: str | None = Field(default=None, title="纪要标志", max_length=60)
    copied_to: str | None = Field(default=None, title="抄送", max_length=400)
    red_rule: bool | None = Field(default=None, title="红色分隔线")
    retention: Retention | None = Field(default=None, title="保管期限")
    street_review: bool | None = Field(default=None, title="街道审核")
    version: int


def _annexes(form: FormData) -> Iterator[Annex]:
    for number in range(1, MOST_ANNEXES + 1):
        title, text = (_typed(form, f"annex-{part}-{number}") for part in ("title", "text"))
        if len(title) > 100:
            raise Invalid("附件%(n)s 的标题过长，最多 100 个字。", n=number)
        yield Annex(title, text)


def _numbered(form: FormData, start: str) -> dict[int, str]:
    found = {}
    for name in form:
        number = name.removeprefix(start)
        if name.startswith(start) and number.isdecimal() and len(number) < 5:
            found[int(number)] = _typed(form, name)
    return found


def _typed(form: FormData, name: str) -> str:
    value = form.get(name, "")
    text = clean(value).strip() if isinstance(value, str) else ""
    if len(text) > LONGEST:
        raise Invalid("有一段文字过长，最多 %(n)s 个字。", n=LONGEST)
    return text

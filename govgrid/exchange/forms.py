"""Forms of the exchange: what to upload or export, and the mapping that a person chose."""

from typing import Any

from pydantic import Field
from starlette.datastructures import FormData

from govgrid.errors import Invalid
from govgrid.exchange.models import Batch
from govgrid.sheets import Kind, plain
from govgrid.web.forms import Form, clean
from govgrid.words import N_


class UploadForm(Form):
    """What the file is and where it comes from."""

    kind: str = Field(title=N_("内容"))
    source: int | None = Field(None, title=N_("来源"))
    crs: str | None = Field(None, title=N_("坐标系"), max_length=20)
    repair: bool = Field(default=False, title=N_("修复自相交的边界"))


class ExportForm(Form):
    """What leaves, from where, in which form."""

    kind: str = Field(title=N_("内容"))
    area: str = Field(title=N_("区域"), max_length=24)
    ending: str = Field(title=N_("格式"), max_length=10)


class KeepForm(Form):
    """Under which name a mapping is remembered, if at all."""

    name: str | None = Field(None, title=N_("来源名称"), max_length=40)


class ApplyForm(Form):
    """Which preview is confirmed."""

    digest: str = Field(title=N_("预览"), max_length=64)


def chosen(kind: Kind, batch: Batch, form: FormData) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the mapping of a batch's headings and words. Raise `Invalid` for one taken twice."""
    keys = {column.key: column for column in kind.columns}
    columns: dict[str, str] = {}
    words: dict[str, Any] = {}
    for place, heading in enumerate(batch.found):
        key = str(form.get(f"column-{place}", ""))
        if key and (key not in keys or key in columns.values()):
            name = keys[key].heading if key in keys else key[:40]
            raise Invalid("“%(name)s”对应了两列，请只保留一列。", name=name)
        columns[plain(heading["text"])] = key
        if key and (given := _words(keys[key].choices, place, heading["words"], form)):
            words[key] = given
    return columns, words


def _words(
    choices: tuple[str, ...], place: int, theirs: list[str], form: FormData
) -> dict[str, str]:
    given = {
        word: clean(str(form.get(f"word-{place}-{number}", "")))
        for number, word in enumerate(theirs)
    }
    return {word: ours for word, ours in given.items() if ours in choices and ours != word}

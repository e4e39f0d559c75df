"""Posted text to checked values, or messages in the user's words."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, TypeVar, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData, QueryParams

from govgrid.clock import HERE
from govgrid.errors import Invalid, Refusal
from govgrid.words import N_, Term


class Form(BaseModel):
    """What a form carries. A field's `title` is its label; text is trimmed, empty is absent."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", frozen=True)


def _here(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=HERE)


Moment = Annotated[datetime, AfterValidator(_here)]
"""A field's moment; without an offset, China's."""
AnyForm = TypeVar("AnyForm", bound=Form)

_MESSAGES = {
    "missing": N_("“%(label)s”不能为空。"),
    "string_too_short": N_("“%(label)s”不能为空。"),
    "string_too_long": N_("“%(label)s”过长，最多 %(max_length)s 个字。"),
    "enum": N_("“%(label)s”不在可选范围内，请重新选择。"),
    "literal_error": N_("“%(label)s”不在可选范围内，请重新选择。"),
    "int_parsing": N_("“%(label)s”应为整数，例如 12。"),
    "decimal_parsing": N_("“%(label)s”应为数字，例如 1.50。"),
    "float_parsing": N_("“%(label)s”应为数字，例如 1.5。"),
    "date_from_datetime_parsing": N_("“%(label)s”应为日期，例如 2026-10-08。"),
    "date_parsing": N_("“%(label)s”应为日期，例如 2026-10-08。"),
    "time_parsing": N_("“%(label)s”应为时间，例如 09:30。"),
    "greater_than": N_("“%(label)s”应大于 %(gt)s。"),
    "greater_than_equal": N_("“%(label)s”不能小于 %(ge)s。"),
    "less_than_equal": N_("“%(label)s”不能大于 %(le)s。"),
}
_ANY = N_("“%(label)s”填写有误，请检查。")


def read(kind: type[AnyForm], posted: FormData | QueryParams) -> AnyForm:
    """Return the checked form. Raise `Invalid` with one refusal per wrong field."""
    values: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        texts = [clean(t) for t in posted.getlist(name) if isinstance(t, str)]
        if get_origin(field.annotation) in {list, tuple}:
            values[name] = texts
        elif texts and texts[-1].strip():
            values[name] = texts[-1]
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        fields = {str(e["loc"][0]): _refusal(kind, e) for e in error.errors()}
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=fields, n=len(fields)) from None


def clean(text: str) -> str:
    """Drop control characters, which no person types."""
    return "".join(c for c in text.replace("\r\n", "\n") if c >= " " or c in "\n\t")


def month_of(text: str) -> date:
    """Return the first day of `2026-12`. Raise `Invalid` for anything else."""
    try:
        year, month = text.split("-")
        if (len(year), len(month)) == (4, 2):
            return date(int(year), int(month), 1)
    except ValueError:
        pass
    raise Invalid("“%(value)s”不是月份，请写成 2026-12 的形式。", value=text[:20])


def moment_of(text: str) -> datetime:
    """Return the moment of `2026-11-01` or `2026-11-01T09:00+08:00`; without an offset, China's."""
    try:
        return _here(datetime.fromisoformat(text))
    except ValueError:
        raise Invalid("“%(value)s”不是时间，请写成 2026-11-01T09:00 的形式。", value=text) from None


def whole(texts: Iterable[str]) -> list[int]:
    """Return ids posted as text. Raise `Invalid` where one is not a number."""
    try:
        return [int(text) for text in texts]
    except ValueError:
        raise Invalid("提交的选项无效，请刷新页面后重试。") from None


def _refusal(kind: type[Form], error: ErrorDetails) -> Refusal:
    name = str(error["loc"][0])
    label = Term(kind.model_fields[name].title or name)
    return Invalid(_MESSAGES.get(error["type"], _ANY), label=label, **error.get("ctx", {}))

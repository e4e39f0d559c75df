"""What is wrong with a field of a request, in the languages of the offices."""

from pydantic_core import ErrorDetails

from govgrid.web.language import gettext
from govgrid.words import N_

_WHOLE = N_("应为整数。")
_TEXT = N_("应为文字。")
_MOMENT = N_("应为带时区的时间，例如 2026-11-20T09:30:00+08:00。")
_DAY = N_("应为日期，例如 2026-11-20。")
_CHOICE = N_("不在可选范围内，可用：%(expected)s。")
_REASONS = {
    "missing": N_("不能缺少。"),
    "extra_forbidden": N_("没有这个字段。"),
    "model_type": N_("应为一个 JSON 对象。"),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_too_short": N_("不能为空。"),
    "string_too_long": N_("过长，最多 %(max_length)s 个字。"),
    "string_pattern_mismatch": N_("格式不符，应符合 %(pattern)s。"),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "greater_than_equal": N_("不能小于 %(ge)s。"),
    "less_than_equal": N_("不能大于 %(le)s。"),
    "timezone_aware": _MOMENT,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "value_error": N_("年份超出 2000 到 2100 年。"),
}
_ANY = N_("填写有误，请对照接口文档 /api/v1/openapi.json。")


def reason(fault: ErrorDetails) -> str:
    """Return why a field was refused, in the language of the request."""
    message = _REASONS.get(fault["type"], _ANY)
    told = {name: str(value) for name, value in fault.get("ctx", {}).items()}
    return gettext(message, **told)

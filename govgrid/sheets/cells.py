"""Readers: from one cell of a sheet to a checked value, or a refusal in the user's words."""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from govgrid.clock import HERE
from govgrid.errors import Invalid
from govgrid.words import Word

Reader = Callable[[Any], Any]
EXACT = 10**15  # a spreadsheet keeps 15 digits; longer codes stored as numbers are already wrong

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_USUAL = re.compile(
    r"(?:19|2\d)\d{2}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?", re.ASCII
)  # 2026-10-08 09:30
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?(?:[-/.]0?1)?")
_YES = frozenset({"是", "有", "√", "y", "yes", "true", "1"})
_NO = frozenset({"否", "无", "×", "n", "no", "false", "0"})


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """A formula of which the file does not say what it comes to."""

    sheet: str
    place: str
    formula: str

    def __str__(self) -> str:
        return self.formula

    def refusal(self) -> Invalid:
        """Return why it cannot be read, and what to do."""
        return Invalid(
            "工作表“%(sheet)s”的单元格 %(place)s 是公式，文件中没有它的计算结果。"
            "请用表格软件打开文件并保存后重试，或把公式改为数值。",
            sheet=self.sheet,
            place=self.place,
        )


def trimmed(cell: str) -> str:
    """Drop control characters and the white space around, full-width included."""
    if not cell.isprintable():  # the ideographic space is not
        kept = (c for c in cell if c == "\n" or unicodedata.category(c)[0] != "C")
        cell = "".join(" " if c == "\u3000" else c for c in kept)
    return cell.strip()


def shown(cell: object) -> str:
    """Return the cell as a person sees it in the sheet."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(cell, ".15g")
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return str(cell)


def written(value: object) -> str | float | None:
    """Return a value as its cell: words, local times and joined lists as text."""
    if value is None:
        return None
    if isinstance(value, str) and not isinstance(value, Word):
        return trimmed(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return _written(value)


def _written(value: object) -> str:
    if isinstance(value, Word):
        return value.word
    if isinstance(value, datetime):
        return f"{value.astimezone(HERE):%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "；".join(str(written(item)) for item in value)
    return trimmed(shown(value))


def narrow(cell: object) -> str:
    """Return the cell as text with full-width letters, digits and signs made ordinary."""
    return unicodedata.normalize("NFKC", shown(cell)).strip()


def text(most: int) -> Reader:
    """Read text of at most so many characters; numbers stand as they are shown."""

    def read(cell: object) -> str:
        if not isinstance(cell, str):
            _refuse_rounded(cell)
            cell = shown(cell)
        if len(cell) > most:
            raise Invalid("过长，最多 %(most)s 个字。", most=most)
        return cell

    return read


def code(most: int = 40) -> Reader:
    """Read a code: 510107.0 is "510107", full-width digits are ordinary, no white space."""

    def read(cell: object) -> str:
        if not isinstance(cell, str):
            _refuse_rounded(cell)
            cell = shown(cell)
        elif not cell.isascii():
            cell = narrow(cell)
        if len(cell) > most:
            raise Invalid("过长，最多 %(most)s 个字。", most=most)
        if len(cell.split()) != 1 or "/" in cell:
            raise Invalid("代码中不能有空格或“/”。")
        return cell

    return read


def whole(least: int | None = None, most: int | None = None) -> Reader:
    """Read a whole number between two bounds, both included."""

    def read(cell: object) -> int:
        value = _decimal(cell)
        if value != value.to_integral_value():
            raise Invalid("应为整数，例如 12。")
        _within(value, least, most)
        return int(value)

    return read


def number(least: float | None = None, most: float | None = None) -> Reader:
    """Read a number between two bounds, both included."""

    def read(cell: object) -> float:
        value = _decimal(cell)
        _within(value, least, most)
        return float(value)

    return read


def decimal(places: int, least: float | None = None, most: float | None = None) -> Reader:
    """Read a decimal with at most so many places, between two bounds, both included."""
    unit = Decimal(1).scaleb(-places)

    def read(cell: object) -> Decimal:
        value = _decimal(cell)
        _within(value, least, most)
        rounded = value.quantize(unit)
        # A spreadsheet computes in binary: 0.1 + 0.2 is meant as 0.3.
        if abs(rounded - value) > unit / 1000:
            raise Invalid("最多保留 %(places)s 位小数。", places=places)
        return rounded

    return read


def day(cell: object) -> date:
    """Read a date: a date cell, 2026-10-08, 2026/10/8, 2026年10月8日 or 20261008."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    written = narrow(cell)
    match = _DAY.fullmatch(written) or _COMPACT_DAY.fullmatch(written)
    found = _date(match.groups()) if match else None
    if found is None:
        raise Invalid("不是日期，请写成 2026-10-08 的形式。")
    return found


def moment(cell: object) -> datetime:
    """Read a local time of China as an aware UTC time, to the second."""
    if isinstance(cell, datetime):
        if not 1900 <= cell.year <= 2999:
            raise Invalid("不是时间，请写成 2026-10-08 09:30 的形式。")
        cell = (cell + timedelta(milliseconds=500)).replace(microsecond=0)
        return cell.replace(tzinfo=HERE).astimezone(UTC)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), HERE).astimezone(UTC)
    if isinstance(cell, str) and _USUAL.fullmatch(cell):  # a hundred thousand of them in a sheet
        with suppress(ValueError):
            return datetime.fromisoformat(cell).replace(tzinfo=HERE).astimezone(UTC)
    parts = re.split(r"[ T]+", narrow(cell), maxsplit=1)
    match = _CLOCK.fullmatch(parts[-1]) if len(parts) == 2 else None
    day_match = _DAY.fullmatch(parts[0])
    found = _date(day_match.groups()) if day_match else None
    if match is None or found is None:
        raise Invalid("不是时间，请写成 2026-10-08 09:30 的形式。")
    hour, minute, second = (int(group or 0) for group in match.groups())
    if hour > 23 or minute > 59 or second > 59 or not 1900 <= found.year <= 2999:
        raise Invalid("不是时间，请写成 2026-10-08 09:30 的形式。")
    return datetime.combine(found, time(hour, minute, second), HERE).astimezone(UTC)


def month(cell: object) -> date:
    """Read a month as its first day: 2026-10, or the date cell a spreadsheet makes of it."""
    if isinstance(cell, date):
        return date(cell.year, cell.month, 1)
    match = _MONTH.fullmatch(narrow(cell))
    found = _date((*match.groups(), "1")) if match else None
    if found is None:
        raise Invalid("不是月份，请写成 2026-10 的形式。")
    return found


def yes_no(cell: object) -> bool:
    """Read 是 or 否."""
    if isinstance(cell, bool):
        return cell
    written = narrow(cell).lower()
    if written in _YES:
        return True
    if written in _NO:
        return False
    raise Invalid("请填“是”或“否”。")


@dataclass(frozen=True, slots=True)
class WordReader:
    """Reads one of the words of an enumeration, or its key."""

    kind: type[Word]

    @property
    def words(self) -> list[str]:
        """Return the words, for a drop-down."""
        return [member.word for member in self.kind]

    def __call__(self, cell: object) -> Word:
        """Return the member. Raise `Invalid` naming the words."""
        written = shown(cell)
        found = self.kind.of_word(written) or self.kind.of_word(narrow(written))
        found = found or next((member for member in self.kind if member.value == written), None)
        if found is None:
            raise Invalid("不在可选范围内，应为：%(words)s。", words="、".join(self.words))
        return found


def word(kind: type[Word]) -> Reader:
    """Read a word of the enumeration."""
    return WordReader(kind)


def listed(item: Reader) -> Reader:
    """Read a list separated by `;` or `；` as a tuple, each item once, in order."""

    def read(cell: object) -> tuple[Any, ...]:
        if not isinstance(cell, str):
            return (item(cell),)
        parts = (part.strip() for part in cell.replace("；", ";").split(";"))
        return tuple(dict.fromkeys(item(part) for part in parts if part))

    return read


def _refuse_rounded(cell: object) -> None:
    if isinstance(cell, (int, float)) and abs(cell) >= EXACT:
        raise Invalid(
            "这是一个超过 15 位的数字，表格软件已丢失其末位。请将此列设为“文本”格式后重新填写。"
        )


def _decimal(cell: object) -> Decimal:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        value = Decimal(repr(cell))
    else:
        written = narrow(cell).replace(",", "")
        if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,25})?%?", written):
            raise Invalid("应为数字，例如 12.5。")
        value = Decimal(written.rstrip("%")) / (100 if written.endswith("%") else 1)
    if not value.is_finite() or abs(value) >= EXACT:
        raise Invalid("应为数字，例如 12.5。")
    return value


def _within(value: Decimal, least: float | None, most: float | None) -> None:
    if least is not None and value < Decimal(str(least)):
        raise Invalid("不能小于 %(least)s。", least=least)
    if most is not None and value > Decimal(str(most)):
        raise Invalid("不能大于 %(most)s。", most=most)


def _date(parts: tuple[str | Any, ...]) -> date | None:
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None

"""Forms that ask for a change of areas, one a kind, and the wish each makes."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date

from pydantic import Field
from starlette.datastructures import FormData

from govgrid.errors import Invalid
from govgrid.grid.actions.areas.wishes import (
    END,
    Close,
    Create,
    Heir,
    Manage,
    Merge,
    Move,
    Rename,
    Reopen,
    Split,
    Wish,
)
from govgrid.grid.models import Area, ChangeKind, Level
from govgrid.web.forms import Form, read, whole

NEW = "new"
SHARE = "share."
MOST_HEIRS = 6


class ChangeForm(Form):
    """What every change carries: the first day of the new order, and why."""

    on: date = Field(title="生效日期")
    note: str | None = Field(None, title="依据或说明", max_length=200)

    @abstractmethod
    def wish(self, area: Area) -> Wish:
        """Return what is asked of the area."""


class CreateForm(ChangeForm):
    level: Level = Field(title="层级")
    name: str = Field(title="名称", min_length=1, max_length=80)
    code: str | None = Field(None, title="代码", max_length=18)
    external_code: str | None = Field(None, title="外部编码", max_length=40)

    def wish(self, area: Area) -> Wish:
        return Create(
            parent=area.id,
            level=self.level,
            name=self.name,
            code=self.code,
            external_code=self.external_code,
        )


class RenameForm(ChangeForm):
    name: str = Field(title="名称", min_length=1, max_length=80)
    external_code: str | None = Field(None, title="外部编码", max_length=40)

    def wish(self, area: Area) -> Wish:
        return Rename(area=area.id, name=self.name, external_code=self.external_code)


class MoveForm(ChangeForm):
    parent: int = Field(title="划转到")
    code: str | None = Field(None, title="新代码", max_length=18)

    def wish(self, area: Area) -> Wish:
        return Move(area=area.id, parent=self.parent, code=self.code)


class MergeForm(ChangeForm):
    areas: list[str] = Field(default_factory=list, title="与哪些区域合并")
    into: str = Field(title="合并为")
    name: str | None = Field(None, title="新名称", max_length=80)
    code: str | None = Field(None, title="新代码", max_length=18)

    def wish(self, area: Area) -> Wish:
        areas = (area.id, *whole(self.areas))
        if self.into != NEW:
            return Merge(areas=areas, into=whole([self.into])[0])
        if not self.name:
            raise _in("name", "合并为新区域时，请填写新名称。")
        return Merge(areas=areas, name=self.name, code=self.code)


class SplitForm(ChangeForm):
    keep: bool = Field(False, title="保留原区域")
    names: list[str] = Field(default_factory=list, title="新区域名称")
    codes: list[str] = Field(default_factory=list, title="新区域代码")

    def wish(self, area: Area) -> Wish:
        codes = [*self.codes, *[""] * len(self.names)]
        rows = [
            (name.strip()[:80], code.strip()) for name, code in zip(self.names, codes, strict=False)
        ]
        if self.keep and rows and rows[0][0]:
            raise _in("names", "保留原区域时，它就是第 1 个，第 1 个的名称应留空。")
        named = rows[1:] if self.keep else rows
        while named and not named[-1][0]:
            named.pop()
        if not all(name for name, _code in named):
            raise _in("names", "新区域的名称应依次填写，中间不能留空。")
        heirs = tuple(Heir(name=name, code=code or None) for name, code in named)
        return Split(area=area.id, heirs=heirs, keep=self.keep)


class CloseForm(ChangeForm):
    def wish(self, area: Area) -> Wish:
        return Close(area=area.id)


class ReopenForm(ChangeForm):
    def wish(self, area: Area) -> Wish:
        return Reopen(area=area.id)


class ManageForm(ChangeForm):
    manager: int | None = Field(None, title="管理单位")

    def wish(self, area: Area) -> Wish:
        return Manage(area=area.id, manager=self.manager)


FORMS: Mapping[ChangeKind, type[ChangeForm]] = {
    ChangeKind.CREATE: CreateForm,
    ChangeKind.RENAME: RenameForm,
    ChangeKind.MOVE: MoveForm,
    ChangeKind.MERGE: MergeForm,
    ChangeKind.SPLIT: SplitForm,
    ChangeKind.CLOSE: CloseForm,
    ChangeKind.REOPEN: ReopenForm,
    ChangeKind.MANAGE: ManageForm,
}


def asked(kind: ChangeKind, area: Area, posted: FormData) -> tuple[ChangeForm, Wish]:
    """Return the checked form with its wish. Raise `Invalid`."""
    form = read(FORMS[kind], posted)
    wish = form.wish(area)
    if isinstance(wish, Split):
        wish = wish.model_copy(update={"shares": _shares(posted)})
    return form, wish


def _in(field: str, message: str) -> Invalid:
    """Return the refusal of one field."""
    return Invalid("提交的内容有 %(n)s 处需要修改。", fields={field: Invalid(message)}, n=1)


def _shares(posted: FormData) -> dict[str, int]:
    given = {
        name.removeprefix(SHARE): str(value)
        for name, value in posted.items()
        if name.startswith(SHARE) and value
    }
    numbers = whole(given.values())
    shares = dict(zip(given, numbers, strict=True))
    if any(number < END for number in numbers):
        raise Invalid("提交的选项无效，请刷新页面后重试。")
    return shares

"""What the forms of expert groups carry."""

from pydantic import Field

from govgrid.web.forms import Form


class GroupForm(Form):
    """A new group."""

    name: str = Field(title="专家组名称", min_length=2, max_length=60)
    field: str = Field(title="专业领域", min_length=2, max_length=120)


class MemberForm(Form):
    """A new member: an officer's number, or a title."""

    code: str | None = Field(default=None, title="人员编号", max_length=40)
    title: str | None = Field(default=None, title="专家称谓", max_length=80)


class CallForm(Form):
    """Which group is called in, and what it is asked."""

    group: int = Field(title="专家组")
    text: str = Field(title="请教的问题", min_length=2, max_length=2000)


class AdviceForm(Form):
    """What a member of a group advises."""

    group: int = Field(title="专家组")
    author: str = Field(title="意见人", max_length=80)
    text: str = Field(title="专家意见", min_length=2, max_length=4000)

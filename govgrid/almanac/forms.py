"""Forms of the calendar: which preview is confirmed, which moved due times were seen."""

from pydantic import Field

from govgrid.web.forms import Form
from govgrid.words import N_


class ApplyForm(Form):
    """Which preview is confirmed."""

    digest: str | None = Field(None, title=N_("预览"), max_length=64)


class SeenForm(Form):
    """The moved due times that were ticked, or every one."""

    due: list[int] = Field(default_factory=list, title=N_("诉求"), max_length=500)
    every: bool = Field(default=False, title=N_("全部"))

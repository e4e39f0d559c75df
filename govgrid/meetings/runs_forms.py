"""What the forms about planning carry."""

from pydantic import Field

from govgrid.web.forms import Form, Moment


class AskForm(Form):
    seconds: int = Field(default=60, title="时间上限")
    seed: int = Field(default=0, title="种子", ge=0, le=2**31 - 1)
    again: bool = Field(default=False, title="重新排定")


class PlaceForm(Form):
    start: Moment = Field(title="开始时间")
    version: int = 0


class PinForm(Form):
    pinned: bool = Field(default=False, title="固定")


class WayForm(Form):
    way: int = Field(title="办法", ge=0, le=99)


class TakeForm(Form):
    """Lines to take over; `every`: all that are open."""

    every: bool = Field(default=False, title="全部采用")
    line: list[int] = Field(default=[], title="会议")

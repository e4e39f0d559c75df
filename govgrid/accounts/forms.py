"""What the forms about accounts carry."""

from typing import Annotated

from pydantic import Field, StringConstraints

from govgrid.accounts.rules import Scope
from govgrid.web.forms import Form

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=128)]
"""A password, exactly as it was typed."""


class SignInForm(Form):
    login: str = Field(title="登录名", min_length=1, max_length=40)
    password: Password = Field(title="密码")
    next: str = "/"


class CodeForm(Form):
    """A code of the phone; `offer` carries the sealed secret while it is being set up."""

    code: str = Field(title="动态口令", min_length=1, max_length=40)
    offer: str = Field(default="", max_length=1000)
    next: str = "/"


class PasswordForm(Form):
    old: Password = Field(title="原密码")
    new: Password = Field(title="新密码")


class WelcomeForm(Form):
    new: Password = Field(title="新密码")
    again: Password = Field(title="再次输入新密码")


class LanguageForm(Form):
    language: str
    next: str = "/"


class InviteForm(Form):
    officer: str = Field(title="人员编号", min_length=1, max_length=40)
    login: str = Field(title="登录名", min_length=3, max_length=40)


class TokenForm(Form):
    name: str = Field(title="用途", min_length=2, max_length=60)
    area: str = Field(title="区域代码", min_length=1, max_length=24)
    scopes: list[Scope] = Field(title="权限", min_length=1)
    days: int = Field(default=365, title="有效天数", ge=1, le=730)

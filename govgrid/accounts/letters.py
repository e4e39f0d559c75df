"""The letter that carries a one-time link to a person with an address."""

from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from govgrid.accounts.models import Account
from govgrid.accounts.queries import token_hash
from govgrid.outbox.actions import Draft, queue
from govgrid.settings import Settings
from govgrid.web import language
from govgrid.web.language import gettext as _


def link(settings: Settings, token: str) -> str:
    """Return the address of the page on which a password is set."""
    return f"{settings.public_url}/welcome/{token}"


def send_link(
    db: Session, account: Account, token: str, expires: datetime, *, at: datetime
) -> bool:
    """Queue the letter where the officer has an address; tell whether it was."""
    officer = account.officer
    if officer is None or not officer.email:
        return False
    settings: Settings = db.info["settings"]
    with language.speaking(settings.locale):
        lines = [
            _("%(name)s，您好：", name=officer.name),
            _("已为您开通 govgrid 联席会议平台账号，登录名为 %(login)s。", login=account.login),
            _("请在 %(when)s 前打开下面的链接设置密码。链接只能使用一次，请勿转发。",
              when=language.moment_text(expires)),
        ]  # fmt: skip
        title = _("请设置您的登录密码")
    address = link(settings, token)
    body = Markup("").join(Markup("<p>{}</p>").format(line) for line in lines)
    queue(
        db,
        Draft(
            key=f"account:{account.id}:{token_hash(token)[:16]}",
            about=f"account:{account.id}",
            sender_name="govgrid",
            to_address=officer.email,
            to_name=officer.name,
            title=title,
            plain="\n".join([*lines, "", address]) + "\n",
            html=str(body + Markup('<p><a href="{0}">{0}</a></p>').format(address)),
        ),
        at=at,
    )
    return True

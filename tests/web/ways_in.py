"""Ways in without an account: a resident's receipt, a program's token."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from govgrid.accounts.models import ApiToken
from govgrid.accounts.queries import token_hash
from govgrid.cases.actions.receiving import receipt_mark
from govgrid.cases.models import Case, Receipt
from govgrid.grid.models import Area, Compound
from tests import build
from tests.web.accounts import account


def receipt(db: Session, home: Compound, case: Case) -> dict[str, Any]:
    """Give the case a resident's receipt."""
    code = f"{case.id:010d}".replace("0", "A").replace("1", "B")
    mark = receipt_mark(db.info["settings"].secret, code)
    db.add(Receipt(case_id=case.id, mark=mark, phone="13900000000"))
    db.flush()
    path = db.get_one(Area, home.community_id).path
    return {"district": path.split("/")[2], "code": code}


def token(db: Session, area: Area, n: str, at: datetime) -> dict[str, Any]:
    """Add a token of the interface for the area."""
    maker = account(db, build.officer(db, f"接口管理{n}"), at)
    made = ApiToken(
        name="热线", prefix="gg_x", token_hash=token_hash(f"gg_{n}"), scopes=["rates:read"],
        area_id=area.id, made_by=maker.id, made_at=at, expires_at=at + timedelta(days=9),
    )  # fmt: skip
    db.add(made)
    db.flush()
    return {"token": made.id}

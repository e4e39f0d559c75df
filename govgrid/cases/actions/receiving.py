"""Take a complaint in, whichever way it comes: by hand, from a resident, from another program."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.actions.head_office import tell_head_office
from govgrid.cases.models import Case, CaseNumber, Holder, Receipt, Source
from govgrid.cases.queries.terms import Site, terms
from govgrid.cases.rules import Moments, faults, first_holder, minute
from govgrid.clock import HERE
from govgrid.db import upsert
from govgrid.errors import Conflict, Invalid, NotFound, Refusal
from govgrid.grid.models import Area, Compound
from govgrid.grid.queries import compounds_seen
from govgrid.grid.queries.realm import held_by
from govgrid.words import N_, Term
from govgrid.workdays import calendar

FIRST_YEAR = 2010
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that sound or look alike when a code is read out."""
CODE = 10
BY_HAND, BY_RESIDENT = "HT", "YJ"
LABELS = {
    "source": N_("来源"),
    "category": N_("诉求类别"),
    "compound": N_("小区编号"),
    "received_at": N_("受理时间"),
    "content": N_("诉求内容"),
}


@dataclass(frozen=True, slots=True)
class Received:
    """A complaint as it came; without a number it gets one of ours."""

    source: Source
    category: str
    compound: str
    received_at: datetime
    content: str | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The case of a complaint; `new` unless the same complaint had come before."""

    case: Case
    new: bool


def receive(db: Session, actor: Actor, received: Received, *, at: datetime) -> Taken:
    """Take in a complaint about a compound where the actor may.

    The same number with the same content changes nothing. Raise `Conflict` naming what differs,
    `Invalid` naming what is wrong.
    """
    return _receive(db, actor, received, compounds_seen(actor, Power.RECEIVE), BY_HAND, at)


def receive_from_resident(
    db: Session, district: Area, received: Received, phone: str | None, *, at: datetime
) -> str:
    """Take in what a resident wrote about a compound of the district; return the receipt's code."""
    taken = _receive(db, None, received, held_by(district), BY_RESIDENT, at)
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE))
    mark = receipt_mark(db.info["settings"].secret, code)
    db.add(Receipt(case_id=taken.case.id, mark=mark, phone=phone))
    db.flush()
    return code


def receipt_mark(secret: str, code: str) -> str:
    """Return by what a receipt is known, however the code was written down."""
    plain = "".join(c for c in code.upper() if c in LETTERS)
    return hmac.new(secret.encode(), f"receipt:{plain}".encode(), hashlib.sha256).hexdigest()


def uncover_phone(db: Session, actor: Actor, receipt: Receipt, reason: str) -> str | None:
    """Return the resident's phone in full, and note who asked and why."""
    journal.record(db, actor, "unmask", "case", receipt.case_id, reason=reason)
    return receipt.phone


def _receive(
    db: Session,
    actor: Actor | None,
    received: Received,
    within: ColumnElement[bool],
    prefix: str,
    at: datetime,
) -> Taken:
    fields = dict(_faults(received, at))
    compound = _compound(db, received.compound, within)
    if compound is None:
        fields["compound"] = Invalid("没有这个小区编号，或不在您的职责范围内，请核对。")
    if compound is None or fields:
        raise Invalid("诉求有 %(n)s 处需要修改。", fields=fields, n=len(fields))
    moment = minute(received.received_at)
    facts = {
        "source": received.source,
        "category": received.category,
        "compound_id": compound.id,
        "received_at": moment,
        "content": received.content or None,
    }
    if received.number and (known := _known(db, received.number, within, facts)):
        return Taken(known, new=False)
    number = received.number or _number(db, prefix, compound.community, moment)
    level = first_holder(received.source)
    hold = terms(db, calendar(db), [compound.company_id or 0])
    case = Case(
        number=number, company_level=level, **facts, **hold.dues(moment, Site.of(compound))
    )  # fmt: skip
    db.add(case)
    db.flush()
    if level is Holder.COMPANY:
        case.compound = compound
        tell_head_office(db, case, "", at=at)
    journal.record(
        db, actor, "receive", "case", case.number, source=case.source, compound=compound.code
    )
    return Taken(case, new=True)


def _faults(received: Received, at: datetime) -> list[tuple[str, Refusal]]:
    if received.received_at.year < FIRST_YEAR:
        return [("received_at", Invalid("受理时间过早，请核对年份。"))]
    return list(faults(Moments(received.received_at), at))


def _compound(db: Session, code: str, within: ColumnElement[bool]) -> Compound | None:
    return db.scalar(
        select(Compound)
        .join(Area, Area.id == Compound.community_id)
        .where(Compound.code == code, within)
        .options(contains_eager(Compound.community))
    )


def _known(
    db: Session, number: str, within: ColumnElement[bool], facts: dict[str, object]
) -> Case | None:
    """Return the case of that number where it says the same. Raise `Conflict` where it does not."""
    case = db.scalar(select(Case).where(Case.number == number))
    if case is None:
        return None
    home = select(Compound.id).join(Area, Area.id == Compound.community_id)
    if db.scalar(home.where(Compound.id == case.compound_id, within)) is None:
        raise Conflict("此工单编号已属于其他区域的工单。")
    differing = [
        Term(LABELS[name.removesuffix("_id")])
        for name, value in facts.items()
        if getattr(case, name) != value
    ]
    if differing:
        raise Conflict(
            "工单 %(number)s 已有不同的内容：%(fields)s。请核对工单编号。",
            number=number,
            fields=differing,
        )
    return case


def _number(db: Session, prefix: str, community: Area, moment: datetime) -> str:
    """Return the next number of the community's day; two who ask at once get two."""
    stem = f"{prefix}{community.code}-{moment.astimezone(HERE):%Y%m%d}"
    following = {"last": CaseNumber.last + 1}
    add = (
        upsert(db, CaseNumber)
        .values(stem=stem, last=1)
        .on_conflict_do_update(index_elements=["stem"], set_=following)
        .returning(CaseNumber.last)
    )
    return f"{stem}-{db.scalars(add).one():03d}"


def receipt_of(db: Session, district: Area, code: str) -> Case:
    """Return the case that a resident's code leads to. Raise `NotFound`."""
    mark = receipt_mark(db.info["settings"].secret, code)
    case = db.scalar(
        select(Case)
        .join(Receipt, Receipt.case_id == Case.id)
        .join(Case.compound)
        .join(Area, Area.id == Compound.community_id)
        .where(Receipt.mark == mark, held_by(district))
        .options(contains_eager(Case.compound))
    )
    if case is None:
        raise NotFound("没有这个查询码，请核对后重新输入。")
    return case

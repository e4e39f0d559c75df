"""Tables of complaint cases."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.cipher import Encrypted
from govgrid.db import Base, enumeration
from govgrid.grid.models import Compound
from govgrid.words import N_, Word


class Source(Word):
    """Where a case came from."""

    HOTLINE = "hotline", N_("12345")
    ONE_CLICK = "one_click", N_("一键响应")
    SMART_PROPERTY = "smart_property", N_("智慧物业")
    DIRECT = "direct_dispatch", N_("企业直派")
    OWNERS_GROUP = "owners_group", N_("业主群")
    OTHER = "other", N_("其他")


class Holder(Word):
    """At which level of the company a case lies."""

    PROJECT = "project", N_("项目")
    AREA = "company_area", N_("企业区域公司")
    COMPANY = "company", N_("企业总部")


_UNANSWERED = text("replied_at IS NULL AND closed_at IS NULL")
_AWAITED = text("on_site_at IS NULL AND closed_at IS NULL AND on_site_due IS NOT NULL")
_OPEN = text("closed_at IS NULL")


class Case(Base):
    """One complaint; moments are aware UTC, due times follow the service clock at receipt.

    `promised_reply` is in minutes, None where the company promised nothing; `on_site_due` stands
    only where it promised to come.

    A case reopened is open again: what its last closing was stands in `undone_closings`, and its
    due times stay those of the receipt.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_compound_id_received_at", "compound_id", "received_at"),
        Index("ix_cases_received_at", "received_at"),
        Index(
            "ix_cases_unanswered",
            "reply_due",
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        Index("ix_cases_awaited", "on_site_due", sqlite_where=_AWAITED, postgresql_where=_AWAITED),
        Index("ix_cases_open", "close_due", sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("replied_at >= received_at", name="replied"),
        CheckConstraint("closed_at >= received_at", name="closed"),
        CheckConstraint("fed_back_at >= received_at", name="fed_back"),
        CheckConstraint("reported_at >= received_at", name="reported"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    source: Mapped[Source] = mapped_column(enumeration(Source))
    category: Mapped[str] = mapped_column(String(40))
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"))
    received_at: Mapped[datetime]
    reply_due: Mapped[datetime]
    close_due: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    fed_back_at: Mapped[datetime | None]
    satisfied: Mapped[bool | None]
    in_remit: Mapped[bool | None]
    reported_at: Mapped[datetime | None]
    content: Mapped[str | None] = mapped_column(Encrypted("cases.content"))
    company_level: Mapped[Holder] = mapped_column(
        enumeration(Holder), default=Holder.PROJECT, server_default=Holder.PROJECT.value
    )
    reopened_at: Mapped[datetime | None]
    promised_reply: Mapped[int | None]
    on_site_due: Mapped[datetime | None]
    on_site_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    compound: Mapped[Compound] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class UndoneClosing(Base):
    """A closing as it stood from `closed_at` until a reopening undid it.

    Later closings do not overlap: a case closes again no earlier than it was reopened.
    """

    __tablename__ = "undone_closings"
    __table_args__ = (CheckConstraint("undone_at >= closed_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    closed_at: Mapped[datetime]
    fed_back_at: Mapped[datetime | None]
    satisfied: Mapped[bool | None]
    undone_at: Mapped[datetime]


class DueChange(Base):
    """A case whose reply due time a notice moved; seen once somebody who convenes there says so."""

    __tablename__ = "due_changes"
    __table_args__ = (
        Index("ix_due_changes_change_id", "change_id"),
        Index(
            "ix_due_changes_unseen",
            "case_id",
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("workday_changes.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    before: Mapped[datetime]
    after: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None] = mapped_column(String(40))

    case: Mapped[Case] = relationship(lazy="raise")


class CaseNumber(Base):
    """The last number that we gave to a case under a stem: a community's day."""

    __tablename__ = "case_numbers"

    stem: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


class Receipt(Base):
    """What a resident's own complaint has beside the case: the code to look it up, a phone.

    The code is stored as an HMAC; the phone is for whoever handles the case.
    """

    __tablename__ = "receipts"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    phone: Mapped[str | None] = mapped_column(Encrypted("receipts.phone"))

    case: Mapped[Case] = relationship(lazy="raise")

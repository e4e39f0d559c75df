"""Tables of what happened to a case, and of the letters its due times called for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.cases.models.case import Holder
from govgrid.cipher import Encrypted
from govgrid.db import Base, enumeration
from govgrid.words import N_, Word


class Step(Word):
    """One step in the life of a case."""

    REPLY = "reply_resident", N_("响应")
    ON_SITE = "come_on_site", N_("到场")
    MARK_REMIT = "mark_remit", N_("认定职责")
    REPORT = "report_grid", N_("报告网格长或微网格员")
    HAND_UP = "hand_up", N_("上交上级")
    CLOSE = "close_case", N_("办结")
    FEED_BACK = "feed_back", N_("反馈居民")
    RATE = "rate", N_("评价")
    REOPEN = "reopen_case", N_("重新办理")
    MEETING = "note_meeting", N_("会议意见")
    CALL_EXPERTS = "call_experts", N_("请专家组会诊")
    ADVISE = "advise_case", N_("专家意见")


class CaseEvent(Base):
    """A step taken: when it happened, and when and by whom it was noted. Never changed."""

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_case_id", "case_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    step: Mapped[Step] = mapped_column(enumeration(Step))
    at: Mapped[datetime]
    noted_at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(String(80))
    by_id: Mapped[int]  # the account
    text: Mapped[str | None] = mapped_column(Encrypted("case_events.text"))
    company_level: Mapped[Holder | None] = mapped_column(enumeration(Holder))
    answer: Mapped[bool | None]  # in remit, satisfied
    meeting_id: Mapped[int | None]  # of a package above: no foreign key
    experts: Mapped[str | None] = mapped_column(String(60))  # the group, as it was named then
    said_by: Mapped[str | None] = mapped_column(String(80))  # which of its members


class DueKind(Word):
    """Which of a case's due times; that of the arrival only where one is promised."""

    REPLY = "reply", N_("响应")
    ON_SITE = "on_site", N_("到场")
    CLOSE = "close", N_("办结")


class Stage(Word):
    """How far a due time has come: who is told then."""

    SOON = "soon", N_("即将到期")
    OVER = "over", N_("已超时")
    LONG = "long", N_("超时未处理")


class CaseCall(Base):
    """That people were told of a due time, once for each of its stages."""

    __tablename__ = "case_calls"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    due: Mapped[DueKind] = mapped_column(enumeration(DueKind), primary_key=True)
    stage: Mapped[Stage] = mapped_column(enumeration(Stage), primary_key=True)
    at: Mapped[datetime]
    letters: Mapped[int]

"""The operations of the interface."""

from datetime import date, datetime
from urllib.parse import urlencode

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload
from starlette.responses import Response

from govgrid.accounts.rules import Scope
from govgrid.api.forms import (
    CaseAnswer,
    CoverageAnswer,
    CoverageQuery,
    MeetingAnswer,
    MeetingsAnswer,
    MeetingsQuery,
    MinutesAnswer,
    NewCase,
    RatesAnswer,
    RatesQuery,
)
from govgrid.api.operation import JSON, Call, Operation
from govgrid.cases.actions.receiving import Received, receive
from govgrid.cases.queries import rates
from govgrid.clock import HERE
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import OLD_KINDS, Area, CompoundKind
from govgrid.grid.queries import area_seen
from govgrid.grid.queries.realm import held_by
from govgrid.meetings.models import Meeting, Minutes, MinutesStage, Unit
from govgrid.meetings.papers.store import paper
from govgrid.meetings.queries.seen import meeting_seen, seen
from govgrid.oldcompounds.queries import coverage_report
from govgrid.press.press import Press
from govgrid.web.forms import month_of

BASE = "/api/v1"
PDF = "application/pdf"


def add_case(call: Call) -> Response:
    given: NewCase = call.given
    received = Received(
        given.source, given.category.strip(), given.compound, given.received_at, given.content,
        given.number,
    )  # fmt: skip
    if not received.category:
        raise Invalid("“诉求类别”不能为空。", fields={"category": Invalid("不能为空。")})
    taken = receive(call.db, call.caller.actor, received, at=call.house.now())
    case = taken.case
    answer = CaseAnswer(
        number=case.number, compound=given.compound,
        received_at=case.received_at.astimezone(HERE), reply_due=case.reply_due.astimezone(HERE),
        close_due=case.close_due.astimezone(HERE),
    )  # fmt: skip
    return _json(answer, 201 if taken.new else 200)


def list_meetings(call: Call) -> Response:
    given: MeetingsQuery = call.given
    area = _area(call, given.area)
    rows = call.db.scalars(
        select(Meeting)
        .join(Meeting.unit)
        .join(Meeting.community)
        .where(
            seen(call.caller.actor),
            held_by(area),
            Meeting.month == month_of(given.month),
            Meeting.id > given.after,
        )
        .order_by(Meeting.id)
        .limit(given.limit + 1)
        .options(
            contains_eager(Meeting.community),
            contains_eager(Meeting.unit).options(
                joinedload(Unit.compound), joinedload(Unit.community)
            ),
        )
    ).all()
    shown = rows[: given.limit]
    signed: dict[int, datetime | None] = {
        row.meeting_id: row.signed_at
        for row in call.db.execute(
            select(Minutes.meeting_id, Minutes.signed_at)
            .where(
                Minutes.meeting_id.in_([one.id for one in shown]),
                Minutes.stage == MinutesStage.SIGNED,
            )
            .order_by(Minutes.number)
        )
    }
    items = [
        MeetingAnswer(
            id=one.id, uid=one.uid, title=one.title, unit=one.unit.name,
            compound=one.unit.compound.code if one.unit.compound else None,
            community=one.community.code, month=f"{one.month:%Y-%m}", stage=one.stage,
            start=one.start.astimezone(HERE), end=one.end.astimezone(HERE),
            minutes_signed_at=signed.get(one.id),
        )
        for one in shown
    ]  # fmt: skip
    following = None
    if len(rows) > given.limit:
        query = {"month": given.month, "area": area.code, "after": shown[-1].id}
        following = f"{BASE}/meetings?{urlencode({**query, 'limit': given.limit})}"
    return _json(MeetingsAnswer(items=items, next=following))


def show_minutes(call: Call) -> Response:
    minutes = _signed(call)
    if PDF in call.request.headers.get("accept", ""):
        return _paper(call, minutes)
    assert minutes.record is not None
    assert minutes.signed_at is not None
    public = call.house.settings.public_url
    return _json(
        MinutesAnswer(
            meeting=minutes.meeting_id, number=minutes.number,
            signed_at=minutes.signed_at.astimezone(HERE), record=minutes.record,
            record_hash=minutes.record_hash or "",
            pdf=f"{public}{BASE}/meetings/{minutes.meeting_id}/minutes.pdf",
            check=f"{public}/v/{minutes.code}",
        )
    )  # fmt: skip


def print_minutes(call: Call) -> Response:
    return _paper(call, _signed(call))


def _signed(call: Call) -> Minutes:
    number = int(call.request.path_params["meeting"])
    if number >= 2**31:
        raise NotFound("会议不存在，或不在您的职责范围内。")
    meeting = meeting_seen(call.db, call.caller.actor, number)
    found = call.db.scalar(
        select(Minutes)
        .where(Minutes.meeting_id == meeting.id, Minutes.stage == MinutesStage.SIGNED)
        .order_by(Minutes.number.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound("纪要尚未签发。")
    return found


def _paper(call: Call, minutes: Minutes) -> Response:
    press: Press = call.request.app.state.press
    return Response(paper(press, call.house.settings, minutes), media_type=PDF)


def show_coverage(call: Call) -> Response:
    given: CoverageQuery = call.given
    area = _area(call, given.area)
    day: date = given.as_of or call.house.now().astimezone(HERE).date()
    kinds = OLD_KINDS if given.kinds == "old" else tuple(CompoundKind)
    report = coverage_report(call.db, area.path, day, kinds).json()
    return _json(CoverageAnswer.model_validate(report))


def show_rates(call: Call) -> Response:
    given: RatesQuery = call.given
    area = _area(call, given.area)
    as_of = given.as_of or call.house.now()
    report = rates(call.db, month_of(given.month), area.path, given.by, as_of=as_of)
    return _json(RatesAnswer.model_validate(report.json()))


def _area(call: Call, code: str | None) -> Area:
    return area_seen(call.db, call.caller.actor, code or call.caller.token.area.code)


def _json(answer: BaseModel, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status, media_type=JSON)


OPERATIONS = (
    Operation(
        "addCase", "POST", f"{BASE}/cases", Scope.CASES_WRITE,
        "写入一件工单；同一工单编号、同样内容重复提交不产生变化", add_case, NewCase, CaseAnswer,
        answers=(201, 200), problems=(400, 409, 413, 415, 422),
    ),
    Operation(
        "listMeetings", "GET", f"{BASE}/meetings", Scope.MEETINGS_READ, "一个月的联席会议",
        list_meetings, MeetingsQuery, MeetingsAnswer,
    ),
    Operation(
        "showMinutes", "GET", f"{BASE}/meetings/{{meeting}}/minutes", Scope.MINUTES_READ,
        "已签发的会议纪要；Accept: application/pdf 时返回文件", show_minutes, None, MinutesAnswer,
        problems=(404,), pdf=True,
    ),
    Operation(
        "printMinutes", "GET", f"{BASE}/meetings/{{meeting}}/minutes.pdf", Scope.MINUTES_READ,
        "已签发的会议纪要（PDF）", print_minutes, None, MinutesAnswer, answers=(),
        problems=(404,), pdf=True,
    ),
    Operation(
        "showCoverage", "GET", f"{BASE}/coverage", Scope.COVERAGE_READ, "老旧小区物业覆盖率",
        show_coverage, CoverageQuery, CoverageAnswer,
    ),
    Operation(
        "showRates", "GET", f"{BASE}/rates", Scope.RATES_READ, "四率", show_rates, RatesQuery,
        RatesAnswer,
    ),
)  # fmt: skip

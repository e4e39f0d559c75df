"""A city in which every role has places of its own, beside it and above it, with all that lies there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid import archive
from govgrid.access import Role
from govgrid.accounts.models import Account, Invitation
from govgrid.accounts.queries import token_hash
from govgrid.cases.models import (
    Case,
    ExpertGroup,
    ExpertMember,
    Promise,
    Sanction,
    Source,
    SupervisionStep,
    Verdict,
)
from govgrid.exchange.models import Batch, ColumnMap
from govgrid.exchange.models import Stage as BatchStage
from govgrid.grid.models import (
    Absence,
    Area,
    AreaChange,
    AreaChangePart,
    BoardPrint,
    BusyFeed,
    ChangeKind,
    ChangeStage,
    Compound,
    CompoundKind,
    Level,
    Officer,
    PaperSize,
    Side,
    Substitute,
)
from govgrid.journal import Entry
from govgrid.meetings import links
from govgrid.meetings.actions.minutes import sign
from govgrid.meetings.models import (
    ActionItem,
    ActionReport,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    AgendaPoint,
    Attachment,
    Attendance,
    Attendee,
    FeedLink,
    Guest,
    Media,
    Meeting,
    Minutes,
    MinutesPrint,
    MinutesStage,
    PlanLine,
    PlanRun,
    Proposal,
    Reply,
    ReportPhoto,
    Resolution,
    RunState,
    Stage,
    Unit,
    Venue,
    VenueClosure,
)
from govgrid.meetings.queries.seen import load_meeting
from govgrid.meetings.queries.texts import keep_text
from govgrid.meetings.rules.minutes import spoken
from govgrid.oldcompounds.models import Act, ActKind, Coverage, Mode, Scan
from govgrid.oldcompounds.pipeline.models import Pipeline, PipelineStep
from govgrid.oldcompounds.pipeline.models import Stage as Way
from govgrid.oldcompounds.takeover.models import Package, PackageMember, PackageRun
from govgrid.oldcompounds.takeover.models import RunState as PackageState
from govgrid.reports.models import ReportJob
from govgrid.showcase.models import ShowcaseItem, ShowcasePhoto, ShowcaseVersion
from tests import build
from tests.meetings.approved import approved
from tests.web import notices, ways_in
from tests.web.accounts import account
from tests.web.mails import lost_letter, waiting_mail

MONTH = date(2026, 11, 1)
COLLEAGUE = {
    Level.CITY: Role.HOUSING_OFFICER,
    Level.DISTRICT: Role.HOUSING_OFFICER,
    Level.STREET: Role.LIAISON,
    Level.COMMUNITY: Role.POLICE,
    Level.GRID: Role.GRID_LEADER,
    Level.MICRO_GRID: Role.MICRO_GRID_MEMBER,
}
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """An area and a compound in it, with the path parameters that lead to what lies there."""

    area: Area
    compound: Compound
    things: dict[str, Values]


class Founder:
    """Adds compounds with a unit, a signed meeting, a case, coverage and a showcase."""

    def __init__(self, db: Session, at: datetime, known: int = 0) -> None:
        self.db, self.at, self.numbers = db, at, count(known + 1)
        self.convenor = build.officer(db, "召集人")
        self.uploader: Account | None = None

    def _keep(self, *rows: object) -> None:
        """Store the rows, which have numbers from then on."""
        self.db.add_all(rows)
        self.db.flush()

    def place(
        self, area: Area, community: Area, *, grid: Area | None = None, micro: Area | None = None,
        invited: dict[Role, Officer] | None = None,
    ) -> Place:  # fmt: skip
        """Add a compound in the community, and everything that can lie there."""
        micros = (micro,) if micro else ()
        n = next(self.numbers)
        home = build.compound(
            self.db, community, f"小区{n}", CompoundKind.OLD_COURTYARD, grid=grid,
            micro_grids=micros, code=f"XQ-{n}",
        )  # fmt: skip
        case = self._case(home, n)
        unit = self._unit(community, home, n)
        values = self._meeting(unit, case, invited or {}, n)
        shown = self._older(home)
        things = self._things(area, home, unit, case, values)
        for kind in ("compound", "showcase_entry", "shown"):
            things[kind] = {**things["compound"], "photo": shown}
        return Place(area, home, things)

    def _things(
        self, area: Area, home: Compound, unit: Unit, case: Case, meeting: Values
    ) -> dict[str, Values]:
        day: Values = {"month": f"{MONTH:%Y-%m}", "period": f"{MONTH:%Y-%m}"}
        return {
            "none": day,
            "area": {**day, "code": area.code},
            "kept_area": {"code": area.code, "kind": "rename"},
            "area_change": {"number": self._change(area)},
            "boards": {"code": area.code, "job": self._boards(area)},
            "report": {"job": self._report(area)},
            "minutes_print": {"job": self._bound(area)},
            "compound": {**day, "code": home.code},
            **self._coverage(home),
            **self._colleague(area, meeting),
            "case": {"number": case.number},
            "step": {"step": self._step(area, n=case.number)},
            "promise": {"promise": self._promise(area, n=case.number)},
            "experts": self._experts(area, n=case.number),
            "case_steps": {"number": case.number},
            "district": ways_in.receipt(self.db, home, case),
            "token": ways_in.token(self.db, area, case.number, self.at),
            "unit": {**day, "unit": unit.id},
            "community": {"code": self.db.get_one(Area, unit.community_id).code},
            "venue": self._closure(unit),
            "run": self._run(unit),
            "meeting": meeting,
            "task": {"item": meeting["action"], "photo": meeting["photo"]},
            "task_report": {"item": meeting["action"]},
            "line": {"number": self._line(home)},
            "link": {
                "token": meeting["token"],
                "attachment": meeting["attachment"],
                "item": meeting["action"],
            },
            "feed": {"token": meeting["feed"]},
            "feed_link": {"link": self.db.scalars(select(func.max(FeedLink.id))).one()},
            "check": {"code": meeting["code"]},
            "entrance": {"meeting": meeting["meeting"], "code": "12345678"},
            "template": {"kind": "areas"},
            "year": {"year": notices.OLD_YEAR},
            "notice": {"notice": notices.waiting_notice(self.db, self.at)},
            **self._exchange(area, home),
            **self._account(case.number),
            "packages": self._packages(area, home),
        }

    def _exchange(self, area: Area, home: Compound) -> dict[str, Values]:
        """Add a mapping of the area's, and a file that somebody else uploaded."""
        self.uploader = self.uploader or account(self.db, self.convenor, self.at)
        source = ColumnMap(
            kind="areas", name=f"来源 {home.code}", area_id=area.id,
            columns={"编码": "code"}, words={}, changed_at=self.at,
        )  # fmt: skip
        batch = Batch(
            account_id=self.uploader.id, kind="areas", name="x.csv", sha256="0" * 64, columns={},
            words={}, stage=BatchStage.CHECKED, uploaded_at=self.at, found=[], counts={}, notes=[],
        )  # fmt: skip
        self._keep(source, batch)
        return {"source": {"source": source.id}, "batch": {"batch": batch.id}}

    def _colleague(self, area: Area, meeting: Values) -> dict[str, Values]:
        """Add somebody who serves the area, with a time away, a calendar and a substitute."""
        officer = build.officer(self.db, f"同事{meeting['meeting']}")
        post = build.post(self.db, officer, COLLEAGUE[area.level], area)
        away = Absence(
            officer_id=officer.id, start=self.at - timedelta(hours=1),
            end=self.at + timedelta(days=1), reason="培训",
        )  # fmt: skip
        feed = BusyFeed(
            officer_id=officer.id, address="https://calendar.example/x", host="calendar.example",
            added_at=self.at, read_after=self.at,
        )  # fmt: skip
        self._keep(away, feed)
        day = self.at.date()
        stand_in = Substitute(post_id=post.id, officer_id=self.convenor.id, since=day, until=day)
        self._keep(stand_in)
        values: Values = {
            "code": officer.code, "absence": away.id, "feed": feed.id, "post": post.id,
            "substitute": stand_in.id,
        }  # fmt: skip
        return {"officer": values, "kept": values, "post": values}

    def _change(self, area: Area) -> int:
        """Add a change of the area that waits for its day."""
        change = AreaChange(
            kind=ChangeKind.RENAME, stage=ChangeStage.PLANNED, effective_on=date(2027, 1, 1),
            wish={"kind": "rename", "area": area.id, "name": "新名"}, asked_by="办理人",
            asked_by_id=0, asked_at=self.at,
        )  # fmt: skip
        self._keep(change)
        self.db.add(
            AreaChangePart(
                change_id=change.id, area_id=area.id, side=Side.FROM, old_code=area.code,
                old_name=area.name,
            )
        )  # fmt: skip
        return change.id

    def _line(self, home: Compound) -> int:
        """Add a line of the journal by somebody of the compound."""
        writer = build.officer(self.db, "记录人", Role.OWNERS_COMMITTEE, home)
        number = (self.db.scalar(select(func.max(Entry.id))) or 0) + 1
        self.db.add(
            Entry(
                id=number, at=self.at, account_id=account(self.db, writer, self.at).id,
                actor=writer.name, address="10.0.0.1", verb="write_notes", subject="meeting",
                subject_id="1", detail={"before": {"notes": ""}, "after": {"notes": "x"}}, seal="",
            )
        )  # fmt: skip
        self.db.flush()
        return number

    def _account(self, n: str) -> dict[str, Values]:
        known = account(self.db, build.officer(self.db, f"受邀人{n}"), self.at)
        token = f"invitation-{n}"
        self.db.add(
            Invitation(
                token_hash=token_hash(token), account_id=known.id, made_at=self.at,
                expires_at=self.at + timedelta(days=1),
            )
        )  # fmt: skip
        return {"account": {"account": known.id}, "invitation": {"token": token}}

    def _boards(self, area: Area) -> int:
        """Add the area's printed notice boards."""
        kept = archive.keep(self.db.info["settings"].archive, b"%PDF-1.4 boards")
        job = BoardPrint(
            area_id=area.id, officer_id=self.convenor.id, asked_at=self.at, size=PaperSize.A4,
            with_gaps=True, total=1, waiting=[], parts=[["社区", "小区", kept]], skipped=[],
            finished_at=self.at, paper=kept,
        )  # fmt: skip
        self._keep(job)
        return job.id

    def _report(self, area: Area) -> int:
        """Add the area's bound reports."""
        kept = archive.keep(self.db.info["settings"].archive, b"%PDF-1.4 reports")
        job = ReportJob(
            area_id=area.id, asked_by="联络员", asked_at=self.at, month=MONTH, as_of=self.at,
            total=1, done=1, skipped=[], finished_at=self.at, paper=kept, book=kept,
        )  # fmt: skip
        self._keep(job)
        return job.id

    def _bound(self, area: Area) -> int:
        """Add the area's bound minutes."""
        kept = archive.keep(self.db.info["settings"].archive, b"%PDF-1.4 bound")
        job = MinutesPrint(
            area_id=area.id, month=MONTH, asked_by="联络员", asked_at=self.at, total=1, waiting=[],
            parts=[(1, kept)], skipped=[], missing=[], finished_at=self.at, paper=kept,
        )  # fmt: skip
        self._keep(job)
        return job.id

    def _case(self, home: Compound, n: int) -> Case:
        received = self.at - timedelta(days=1)
        case = Case(
            number=f"GD-{n}", source=Source.HOTLINE, category="停车", compound_id=home.id,
            received_at=received, reply_due=received + timedelta(hours=2),
            close_due=received + timedelta(days=2), content="车位不足",
        )  # fmt: skip
        self._keep(case)
        return case

    def _step(self, area: Area, n: str) -> int:
        """Propose an interview with a company of the area."""
        step = SupervisionStep(
            area_id=area.id, company_id=build.organization(self.db, f"物业{n}").id, month=MONTH,
            kind=Sanction.INTERVIEW, points=0, stage=Verdict.PROPOSED,
            figures={"replied_in_time": 1, "received": 2}, misses=[["response", 0.5, 90]],
            as_of=self.at, proposed_by="联络员",
        )  # fmt: skip
        self._keep(step)
        return step.id

    def _promise(self, area: Area, n: str) -> int:
        """Keep a promise of a company in the area."""
        promise = Promise(
            area_id=area.id, company_id=build.organization(self.db, f"承诺物业{n}").id, reply=30,
            since=MONTH, made_by="联络员", made_at=self.at,
        )  # fmt: skip
        self._keep(promise)
        return promise.id

    def _experts(self, area: Area, n: str) -> Values:
        """Found a group of experts of the area."""
        group = ExpertGroup(area_id=area.id, name=f"专家组{n}", field="电梯")
        self._keep(group)
        member = ExpertMember(group_id=group.id, title="检验师")
        self._keep(member)
        return {"group": group.id, "member": member.id}

    def _packages(self, area: Area, home: Compound) -> Values:
        """Begin the compound's way, and propose a package with it."""
        way = Pipeline(
            compound_id=home.id, goal=Mode.PROFESSIONAL, stage=Way.SURVEY, started_at=self.at,
            owner_id=self.convenor.id, deadline=MONTH,
        )  # fmt: skip
        run = PackageRun(
            area_id=area.id, least_households=1, reach=500, fee=Decimal(1), seed=0, progress={},
            collection_rate=Decimal(1), seconds=1, asked_by="联络员", asked_at=self.at,
            state=PackageState.DONE, finished_at=self.at,
            outcome={"total": 1, "bound": 1, "loss": 0, "left_households": 0, "left": [],
                     "unknown": [], "compounds": 1},
        )  # fmt: skip
        self._keep(way, run)
        package = Package(run_id=run.id, number=1, centre_id=home.id)
        self._keep(package)
        self._keep(
            PackageMember(
                package_id=package.id, compound_id=home.id, households=300, income=1, cost=1,
                metres=0, planned=False,
            ),
            PipelineStep(
                pipeline_id=way.id, after=Way.SURVEY, at=self.at, by="联络员", owner="召集人",
                deadline=MONTH, note="",
            ),
        )  # fmt: skip
        return {"run": run.id, "number": 1, "package": package.id}

    def _unit(self, community: Area, home: Compound, n: int) -> Unit:
        room = Venue(community_id=community.id, name=f"会议室{n}")
        self._keep(room)
        unit = Unit(community_id=community.id, compound_id=home.id, venue_id=room.id)
        self._keep(unit)
        return unit

    def _run(self, unit: Unit) -> Values:
        """Add a plan of the unit's community, with a line that has a place and can be taken."""
        home = self.db.get_one(Area, unit.community_id)
        month = date(2026, 12, 1)
        run = PlanRun(
            area_id=home.id, paths=[home.path], month=month, seconds=10, adjust={}, account_id=0,
            asked_by="排会人", asked_at=self.at, state=RunState.DONE, finished_at=self.at,
            progress={"planned": 1, "unplanned": 0, "objective": 0, "bound": 0, "cut": False},
        )  # fmt: skip
        self._keep(run)
        line = PlanLine(
            run_id=run.id, unit_id=unit.id, minutes_long=60, venue_id=unit.venue_id, guests=[],
            start=self.at + timedelta(days=10), due=[[self.convenor.id, "grid_leader", "required"]],
            reasons=[], ways=[],
        )  # fmt: skip
        self._keep(line)
        return {"run": run.id, "line": line.id}

    def _closure(self, unit: Unit) -> Values:
        """Close the unit's room for a day."""
        shut = VenueClosure(
            venue_id=unit.venue_id, start=self.at + timedelta(days=40),
            end=self.at + timedelta(days=41), reason="维修",
        )  # fmt: skip
        self._keep(shut)
        return {"venue": shut.venue_id, "closure": shut.id}

    def _meeting(self, unit: Unit, case: Case, invited: dict[Role, Officer], n: int) -> Values:
        start = self.at - timedelta(days=3) + timedelta(minutes=n)
        meeting = Meeting(
            uid=f"uid-{n}", unit_id=unit.id, community_id=unit.community_id, month=MONTH,
            stage=Stage.HELD, title=f"第{n}次联席会议", start=start,
            end=start + timedelta(hours=1), venue_id=unit.venue_id, convenor_id=self.convenor.id,
            invited_at=start, held_at=start,
        )  # fmt: skip
        self._keep(meeting)
        attendees = [
            self._attendee(meeting, role, officer)
            for role, officer in {Role.SECRETARY: self.convenor, **invited}.items()
        ]
        item = AgendaItem(
            meeting_id=meeting.id, position=1, kind=AgendaKind.CASE, title="诉求", notes="已通报"
        )
        self._keep(item)
        heard = AgendaCase(agenda_item_id=item.id, case_id=case.id)
        resolution = Resolution(agenda_item_id=item.id, text="增设车位", case_id=case.id)
        owner = invited.get(Role.GRID_LEADER, self.convenor)
        action = ActionItem(
            unit_id=unit.id, meeting_id=meeting.id, agenda_item_id=item.id, matter="划线",
            owner_id=owner.id, deadline=MONTH + timedelta(days=28),
        )  # fmt: skip
        self._keep(heard, resolution, action)
        photo = self._photo(action)
        secret = self.db.info["settings"].secret
        return {
            "meeting": meeting.id, "item": item.id, "attendee": attendees[-1].id,
            "resolution": resolution.id, "action": action.id, "photo": photo,
            "token": links.token(secret, attendees[-1].nonce), "feed": self._feed(n),
            "code": self._minutes(meeting), "mail": waiting_mail(self.db, meeting.id, self.at),
            "letter": lost_letter(self.db, meeting.id, self.at),
            "attachment": self.attach(item), "proposal": self.propose(attendees[-1]),
            "guest": self._guest(meeting),
        }  # fmt: skip

    def attach(self, item: AgendaItem) -> int:
        """Attach a file to the item, and raise its compound's showcase under it."""
        data = b"%PDF-1.4 an attachment"
        home = self.db.scalars(
            select(Unit.compound_id).join(Meeting).where(Meeting.id == item.meeting_id)
        ).one()
        file = Attachment(
            meeting_id=item.meeting_id, agenda_item_id=item.id, name="方案.pdf", media=Media.PDF,
            size=len(data), sha256=archive.keep(self.db.info["settings"].archive, data),
            added_at=self.at, added_by="召集人",
        )  # fmt: skip
        self._keep(file, AgendaPoint(agenda_item_id=item.id, compound_id=home))
        return file.id

    def _guest(self, meeting: Meeting) -> int:
        """Write somebody down who is nobody's officer."""
        made = Guest(meeting_id=meeting.id, name="居民代表")
        self._keep(made)
        return made.id

    def propose(self, attendee: Attendee) -> int:
        """Let the attendee propose something."""
        made = Proposal(
            meeting_id=attendee.meeting_id, attendee_id=attendee.id, text="增设车位",
            made_at=self.at,
        )  # fmt: skip
        self._keep(made)
        return made.id

    def _photo(self, action: ActionItem) -> int:
        """Add a report that was sent back, with a picture."""
        report = ActionReport(
            action_item_id=action.id, at=self.at, by_name="责任人", text="已划线", accepted=False,
            decided_at=self.at, decided_by="召集人", reason="请附照片",
        )  # fmt: skip
        self._keep(report)
        kept = archive.keep(self.db.info["settings"].archive, b"\xff\xd8\xff a picture")
        photo = ReportPhoto(report_id=report.id, media_type="image/jpeg", size=14, sha256=kept)
        self._keep(photo)
        return photo.id

    def coming(self, place: Place, officer: Officer) -> Values:
        """Add next month's meeting of the place, to which the officer is invited."""
        start = self.at + timedelta(days=20, hours=len(place.compound.code))
        unit = self.db.get_one(Unit, place.things["unit"]["unit"])
        meeting = Meeting(
            uid=f"coming-{unit.id}", unit_id=unit.id, community_id=unit.community_id,
            month=date(2026, 12, 1), stage=Stage.CONFIRMED, title="下月联席会议", start=start,
            end=start + timedelta(hours=1), venue_id=unit.venue_id, convenor_id=self.convenor.id,
            invited_at=self.at,
        )  # fmt: skip
        self._keep(meeting)
        attendee = self._attendee(meeting, Role.SECRETARY, officer)
        item = AgendaItem(meeting_id=meeting.id, position=0, kind=AgendaKind.SHOWCASE, title="双晒")
        self._keep(item)
        return {
            "meeting": meeting.id, "attendee": attendee.id, "attachment": self.attach(item),
            "mail": waiting_mail(self.db, meeting.id, self.at), "item": item.id,
            "proposal": self.propose(attendee), "guest": self._guest(meeting),
        }  # fmt: skip

    def invite(self, meeting: int, *officers: Officer) -> None:
        """Add attendees to a meeting."""
        for officer in officers:
            self._attendee(self.db.get_one(Meeting, meeting), Role.GRID_LEADER, officer)

    def _attendee(self, meeting: Meeting, role: Role, officer: Officer) -> Attendee:
        nonce = links.new_nonce()
        made = Attendee(
            meeting_id=meeting.id, officer_id=officer.id, role=role, reply=Reply.ACCEPTED,
            attendance=Attendance.PRESENT, nonce=nonce,
            link=links.lookup(links.token(self.db.info["settings"].secret, nonce)),
        )  # fmt: skip
        self._keep(made)
        return made

    def _feed(self, n: int) -> str:
        owner = build.officer(self.db, f"订阅人{n}")
        nonce = links.new_nonce()
        token = links.token(self.db.info["settings"].secret, nonce)
        self.db.add(FeedLink(officer_id=owner.id, nonce=nonce, link=links.lookup(token)))
        return token

    def _minutes(self, meeting: Meeting) -> str:
        minutes = Minutes(
            meeting_id=meeting.id, issue=1, stage=MinutesStage.IN_REVIEW, drafted_by="召集人",
            submitted_at=self.at, approvals=approved(self.db, self.at),
        )  # fmt: skip
        self._keep(minutes)
        whole = load_meeting(self.db, meeting.id)
        signer = build.actor(self.db, self.convenor, Role.SECRETARY, whole.community)
        sign(self.db, signer, whole, minutes, at=self.at)
        minutes.paper = archive.keep(self.db.info["settings"].archive, b"%PDF-1.4 a paper")
        minutes.archived_at, minutes.pages = self.at, 3
        keep_text(self.db, minutes, spoken(minutes.record or {}), whole.community_id, MONTH)
        assert minutes.code is not None
        return minutes.code

    def _older(self, home: Compound) -> int:
        """Add a showcase with a photo; return the photo's number."""
        shown = ShowcaseItem(
            compound_id=home.id, period=MONTH, panel="晒服务", item="保洁", result="每日一次"
        )
        panel = {"word": "晒服务", "kind": "service", "lines": []}
        sums = dict.fromkeys(("opening", "income", "spending", "closing"))
        version = ShowcaseVersion(
            compound_id=home.id, period=MONTH, number=1, draft=False, panels=[panel | sums],
            written_by="项目经理", written_at=self.at,
        )  # fmt: skip
        self._keep(shown, version)
        kept = archive.keep(self.db.info["settings"].archive, b"a photo")
        photo = ShowcasePhoto(
            version_id=version.id, panel="晒服务", caption="楼道", digest=kept, small=kept,
            width=4, height=3,
        )  # fmt: skip
        self._keep(photo)
        return photo.id

    def _coverage(self, home: Compound) -> dict[str, Values]:
        """Add what a sheet said of the compound, with the agreement's scan."""
        kept = archive.keep(self.db.info["settings"].archive, b"%PDF-1.4 agreement")
        if self.db.get(Scan, kept) is None:
            self._keep(
                Scan(
                    sha256=kept, name="协议.pdf", media_type="application/pdf", size=18,
                    added_at=self.at, added_by="登记人",
                )
            )  # fmt: skip
        act = Act(kind=ActKind.IMPORTED, at=self.at, by_name="登记人", file="coverage.xlsx")
        self._keep(act)
        since = date(2025, 1, 1)
        self._keep(
            Coverage(
                compound_id=home.id, mode=Mode.CUSTODIAL, since=since, recorded_at=self.at,
                scan=kept, act_id=act.id,
            )
        )  # fmt: skip
        values: Values = {"code": home.code, "since": since.isoformat(), "sha256": kept}
        return {"act": {"act": act.id}, "period": values}

"""What leaves in a sheet comes back unchanged: every kind, every form, both engines."""

import csv
import io
import json
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import schema
from govgrid.access import EVERYWHERE, Role
from govgrid.cases.models import Case, Source
from govgrid.cli.gathered import cli
from govgrid.db import Database
from govgrid.errors import Invalid, NotFound, Refusal
from govgrid.exchange.actions import export
from govgrid.exchange.models import ColumnMap
from govgrid.grid.models import Area, Boundary, Compound, Officer, OrganizationKind
from govgrid.journal import Entry
from govgrid.kinds import KINDS
from govgrid.oldcompounds.models import Coverage, FeeModel, FeeUnit, Mode
from govgrid.sheets import read_sheet
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.rules import Panel
from govgrid.workdays.models import WorkdayNotice, WorkdayRow
from tests import build
from tests.build import City

FORMS = [(kind.key, ending) for kind in KINDS.values() for ending in kind.endings]
NASTY = ("=1+1", "+8613800000000", "-3 号楼", "@甲", "'=1", "''@", "_x0041_", "甲\n乙", 'a"b,c；')
CHANGED = {
    "areas": ("名称", "新市"), "compounds": ("物业企业", "新物业"), "officers": ("任职止", "2027-01-01"),
    "cases": ("满意度", "不满意"), "showcases": ("金额", "12.5"), "coverage": ("管理方式", "社区托管"),
}  # fmt: skip
SQUARE = '{"type":"Polygon","coordinates":[[[104.0433421,30.6],[104.05,30.6],[104.05,30.61],[104.0433421,30.6]]]}'


@pytest.fixture
def city(database: Database, at: datetime) -> City:
    """Return the small city with something of every kind in it, much of it awkward."""
    with database.writing() as db:
        made = build.small_city(db)
        company = build.organization(db, "=锦和物业")
        other = build.organization(db, "=锦和物业", OrganizationKind.SOCIAL_ORGANIZATION)
        street = db.get_one(Area, made.next_street.id)
        street.managing_area_id, street.external_code = made.district.id, "-01"
        db.add(Boundary(area_id=made.grid.id, geometry=SQUARE, west=104.0433421, south=30.6,
                        east=104.05, north=30.61))  # fmt: skip
        home = db.get_one(Compound, made.compound.id)
        home.company_id, home.contract_until = company.id, date(2027, 12, 31)
        home.longitude, home.latitude, home.floor_area = 104.0433421, 30.6421872, 0.1 + 0.2
        for number, name in enumerate(NASTY):
            build.compound(db, made.far_community, name, floor_area=1e-7, code=f"N{number}")
        leader = db.get_one(Officer, made.grid_leader.id)
        leader.phone, leader.organization_id = "+8613800000000", other.id
        build.post(
            db, leader, Role.STEWARD, made.courtyard, since=date(2024, 1, 1), until=date(2024, 6, 1)
        )
        _add_facts(db, made, company.id, at)
        db.expunge_all()
    return made


def _add_facts(db: Session, made: City, company: int, at: datetime) -> None:
    for number, (satisfied, content) in enumerate(zip((True, False, None), NASTY, strict=False)):
        db.add(Case(
            number=f"GD{number}", source=Source.HOTLINE, category="停车", compound_id=made.compound.id,
            received_at=at - timedelta(hours=1), reply_due=at, close_due=at, replied_at=at,
            satisfied=satisfied, in_remit=satisfied, content=content,
        ))  # fmt: skip
    db.add(ShowcaseItem(compound_id=made.compound.id, period=date(2026, 10, 1), panel=Panel.ACCOUNTS.word,
                        item="-停车", result="=支出", amount=Decimal("-1234567.89"), met=False,
                        published_on=date(2026, 11, 1)))  # fmt: skip
    last = date(2024, 12, 31)
    for since, until, follows in ((date(2024, 1, 1), last, None), (date(2025, 1, 1), None, last)):
        db.add(Coverage(
            compound_id=made.courtyard.id, mode=Mode.PROFESSIONAL, operator_id=company, since=since,
            until=until, agreement="+A", fee=Decimal("1.35"), fee_unit=FeeUnit.AREA_MONTH,
            fee_model=FeeModel.TRUST, collection_rate=Decimal("0.9333"), package="@P", recorded_at=at,
            follows=follows,
        ))  # fmt: skip
    db.add(WorkdayNotice(year=2026, papers=["通知"], sha256="0" * 64, loaded_at=at))
    db.flush()
    db.add(WorkdayRow(year=2026, day=date(2025, 12, 31), name="元旦", off=True))
    db.flush()


def exported(
    database: Database, key: str, name: str, paths: tuple[str, ...] = (EVERYWHERE,)
) -> bytes:
    stream = io.BytesIO()
    export(database, None, KINDS[key], stream, name, paths)
    return stream.getvalue()


@pytest.mark.parametrize(("key", "ending"), FORMS)
def test_a_reimport_changes_nothing(
    database: Database, city: City, at: datetime, key: str, ending: str
) -> None:
    data = exported(database, key, f"x{ending}")
    with database.writing() as db:
        outcome = KINDS[key].load(db, None, data, f"x{ending}", at=at)
    assert [str(e.reason) for e in outcome.errors] == []
    assert (outcome.created, outcome.updated) == (0, 0)
    assert outcome.unchanged == outcome.rows > 0
    assert exported(database, key, f"x{ending}") == data or ending == ".xlsx"


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_what_left_a_city_fills_an_empty_one_as_the_dry_run_said(
    database: Database, city: City, at: datetime, tmp_path: Path, ending: str
) -> None:
    settings = replace(database.settings, database_url=f"sqlite:///{tmp_path / 'two.db'}")
    with closing(Database(settings)) as empty:
        schema.migrate(empty)
        for key, kind in KINDS.items():
            name = f"x{ending if ending in kind.endings else kind.endings[0]}"
            data = exported(database, key, name)
            with empty.reading() as db:
                told = kind.load(db, None, data, name, at=at)
            with empty.writing() as db:
                assert kind.load(db, None, data, name, at=at).digest == told.digest
            assert (told.created, told.errors) == (told.rows, [])
            if ending != ".xlsx":
                assert exported(empty, key, name) == data


@pytest.mark.parametrize("key", [key for key, kind in KINDS.items() if kind.columns])
def test_a_dry_run_tells_old_and_new(
    database: Database, city: City, at: datetime, key: str
) -> None:
    column, new = CHANGED[key]
    lines = list(csv.DictReader(io.StringIO(exported(database, key, "x.csv").decode("utf-8-sig"))))
    heading = next(heading for heading in lines[0] if heading.strip("*") == column)
    old, lines[0][heading] = lines[0][heading].removeprefix("'"), new
    text = io.StringIO()
    writer = csv.DictWriter(text, lines[0])
    writer.writeheader()
    writer.writerows(lines)
    data = text.getvalue().encode()
    with database.reading() as db:
        told = KINDS[key].load(db, None, data, "x.csv", at=at)
    assert [(c.row, c.cells) for c in told.changes.changed] == [(2, ((column, old, new),))]
    with database.writing() as db:
        assert KINDS[key].load(db, None, data, "x.csv", at=at).digest == told.digest
    with database.reading() as db:
        again = KINDS[key].load(db, None, data, "x.csv", at=at)
    assert (again.updated, again.unchanged) == (0, again.rows)


def test_an_area_limits_what_leaves(database: Database, city: City) -> None:
    far = (city.next_street.path,)
    assert "锦和苑" in exported(database, "compounds", "x.csv").decode()
    assert "锦和苑" not in exported(database, "compounds", "x.csv", far).decode()
    names = {"areas": "锦江社区", "officers": "王网格", "cases": "XQ-JH", "showcases": "XQ-JH",
             "coverage": "XQ-JQ12", "boundaries": city.grid.code}  # fmt: skip
    for key, name in names.items():
        ending = KINDS[key].endings[-1]
        here = exported(database, key, f"x{ending}", (city.community.path,)).decode()
        there = exported(database, key, f"x{ending}", far).decode()
        assert (name in here, name in there) == (True, False), key


def test_text_in_a_csv_never_acts(database: Database, city: City) -> None:
    text = exported(database, "compounds", "x.csv").decode("utf-8-sig")
    for line in text.splitlines():
        for cell in line.split(","):
            assert not cell.startswith(("=", "+", "@"))


def test_an_export_is_journalled(database: Database, city: City) -> None:
    exported(database, "compounds", "x.csv")
    with database.reading() as db:
        entry = db.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.verb, entry.subject, entry.subject_id) == ("export", "compounds", "*")
    assert entry.detail == {"rows": 2 + len(NASTY), "file": "x.csv"}


def test_a_year_without_notice_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        exported(database, "workdays", "x.json")


def test_an_ending_that_does_not_fit_is_refused(database: Database) -> None:
    with pytest.raises(Invalid, match="geojson"):
        exported(database, "boundaries", "x.xlsx")


@pytest.fixture
def shell(database: Database, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return the command line in front of this database."""
    monkeypatch.setenv("GOVGRID_DATABASE_URL", database.settings.database_url)
    monkeypatch.setenv("GOVGRID_SECRET", database.settings.secret)
    return CliRunner()


def test_the_command_line_exports_and_imports(shell: CliRunner, city: City, tmp_path: Path) -> None:
    file = tmp_path / "c.xlsx"
    run = shell.invoke(cli, ["export", "compounds", str(file), "--area", city.community.code])
    assert (run.exit_code, file.is_file()) == (0, True), run.output
    again = shell.invoke(cli, ["import", "compounds", str(file), "--json"])
    assert json.loads(again.stdout)["unchanged"] == 2


def test_the_command_line_takes_a_remembered_mapping(
    shell: CliRunner, database: Database, city: City, at: datetime, tmp_path: Path
) -> None:
    with database.writing() as db:
        db.add(ColumnMap(
            kind="compounds", name="旧台账", area_id=city.street.id, changed_at=at,
            columns={"编号": "code", "名": "name", "类": "kind", "社区": "community"},
            words={"kind": {"商品房": "商品房小区"}},
        ))  # fmt: skip
    file = tmp_path / "x.csv"
    file.write_text(f"编号,名,类,社区\nA1,新苑,商品房,{city.community.code}\n")
    assert shell.invoke(cli, ["import", "compounds", str(file)]).exit_code == 1
    again = shell.invoke(cli, ["import", "compounds", str(file), "--map", "旧台账", "--json"])
    assert json.loads(again.stdout)["created"] == 1
    unknown = shell.invoke(cli, ["import", "compounds", str(file), "--map", "没有"])
    assert isinstance(unknown.exception, NotFound)


@pytest.mark.parametrize("key", list(KINDS))
def test_the_command_line_writes_templates(shell: CliRunner, key: str, tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    run = shell.invoke(cli, ["template", key, str(file)])
    if not KINDS[key].columns:
        assert isinstance(run.exception, Refusal)
        assert not file.exists()
        return
    assert run.exit_code == 0
    sheet = read_sheet(file.read_bytes(), "t.xlsx", KINDS[key].columns)
    assert (sheet.count, sheet.ignored, len(sheet.present)) == (0, [], len(KINDS[key].columns))

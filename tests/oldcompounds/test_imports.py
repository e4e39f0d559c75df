"""The coverage sheet: what it makes, changes, and refuses."""

import io
import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Role
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid.models import CompoundKind, Organization, OrganizationKind
from govgrid.journal import Entry
from govgrid.oldcompounds.imports import COLUMNS, load
from govgrid.oldcompounds.models import Coverage, FeeModel, FeeUnit, Mode
from govgrid.sheets import Outcome, write_sheet
from tests import build

HEAD = (
    "小区编号,管理方式,管理单位,起始日期,截止日期,协议编号,"
    "收费标准,收费单位,收费方式,收缴率,整体承接编号\n"
)
GOOD = (
    HEAD
    + """\
XQ-JQ12,无管理,,2023-01-01,2023-12-31,,,,,,
XQ-JQ12,社区托管,锦江社区居民委员会,2024-01-01,2024-12-31,TG-1,,,,,
XQ-JQ12,专业化物业,安居物业服务有限公司,2025-01-01,,WY-9,0.85,元/㎡·月,包干制,92.5%,ZT-3
XQ-B,居民自管,,2024-05-01,,,,,,,
"""
)


@pytest.fixture
def city(database: Database) -> build.City:
    """Return the city with two old compounds that have no history yet."""
    with database.writing() as db:
        made = build.small_city(db)
        build.compound(db, made.far_community, "望江里", CompoundKind.RELOCATION, code="XQ-B")
        db.expunge_all()
    return made


def run(database: Database, text: str, at: datetime) -> Outcome:
    with database.writing() as db:
        return load(db, None, text.encode(), "老旧小区.csv", at=at)


def periods(db: Session) -> list[Coverage]:
    return list(
        db.scalars(
            select(Coverage)
            .options(joinedload(Coverage.compound), joinedload(Coverage.operator))
            .order_by(Coverage.compound_id, Coverage.since)
        )
    )


def test_rows_become_dated_periods(database: Database, city: build.City, at: datetime) -> None:
    outcome = run(database, GOOD, at)
    assert (outcome.rows, outcome.created, outcome.errors) == (4, 4, [])
    with database.reading() as db:
        none, custodial, professional, own = periods(db)
    assert (none.mode, none.since, none.until) == (
        Mode.NONE,
        date(2023, 1, 1),
        date(2023, 12, 31),
    )
    assert custodial.operator
    assert custodial.operator.kind is OrganizationKind.RESIDENTS_COMMITTEE
    assert professional.operator
    assert professional.operator.name == "安居物业服务有限公司"
    assert professional.operator.kind is OrganizationKind.PROPERTY_COMPANY
    assert (professional.fee, professional.fee_unit) == (Decimal("0.85"), FeeUnit.AREA_MONTH)
    assert (professional.fee_model, professional.collection_rate) == (
        FeeModel.LUMP,
        Decimal("0.9250"),
    )
    assert (professional.agreement, professional.package) == ("WY-9", "ZT-3")
    assert (own.compound.code, own.operator, own.recorded_at) == ("XQ-B", None, at)


def test_same_file_twice_changes_nothing(
    database: Database, city: build.City, at: datetime
) -> None:
    run(database, GOOD, at)
    again = run(database, GOOD, at)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 4)
    with database.reading() as db:
        assert [p.version for p in periods(db)] == [1, 1, 1, 1]


def test_what_an_export_writes_changes_nothing(
    database: Database, city: build.City, at: datetime
) -> None:
    run(database, GOOD, at)
    with database.reading() as db:
        rows = [
            {c.key: getattr(p, c.key) for c in COLUMNS if c.key not in {"compound", "operator"}}
            | {"compound": p.compound.code, "operator": p.operator and p.operator.name}
            for p in periods(db)
        ]
    stream = io.BytesIO()
    write_sheet(stream, COLUMNS, rows, "物业管理覆盖")
    with database.writing() as db:
        outcome = load(db, None, stream.getvalue(), "再导入.xlsx", at=at)
    assert (outcome.unchanged, outcome.errors) == (4, [])


def test_a_changed_row_updates_its_period(
    database: Database, city: build.City, at: datetime
) -> None:
    run(database, GOOD, at)
    outcome = run(database, GOOD.replace("2024-12-31,TG-1", "2024-12-30,TG-2"), at)
    assert (outcome.updated, outcome.unchanged) == (1, 3)
    with database.reading() as db:
        changed = periods(db)[1]
    assert (changed.until, changed.agreement, changed.version) == (date(2024, 12, 30), "TG-2", 2)


def test_an_absent_column_keeps_what_is_stored(
    database: Database, city: build.City, at: datetime
) -> None:
    run(database, GOOD, at)
    short = "小区编号,管理方式,起始日期,收缴率\nXQ-JQ12,专业化物业,2025-01-01,0.6666666667\n"
    assert run(database, short, at).updated == 1
    assert run(database, short, at).unchanged == 1
    with database.reading() as db:
        kept = periods(db)[2]
    assert (kept.agreement, kept.fee) == ("WY-9", Decimal("0.85"))
    assert kept.operator
    assert kept.operator.name == "安居物业服务有限公司"
    assert kept.collection_rate == Decimal("0.6667")


def test_an_import_leaves_one_line_in_the_journal(
    database: Database, city: build.City, at: datetime
) -> None:
    run(database, GOOD, at)
    with database.reading() as db:
        (entry,) = db.scalars(select(Entry))
    assert (entry.verb, entry.subject, entry.subject_id) == ("import", "coverage", "老旧小区.csv")
    assert entry.detail["created"] == 4


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("XQ-404,无管理,,2025-01-01,,,,,,,", "小区编号", "没有这个小区编号"),
        ("XQ-B,代管,,2025-01-01,,,,,,,", "管理方式", "不在可选范围内"),
        ("XQ-B,社区托管,甲,2025-01-01,2024-12-31,,,,,,", "截止日期", "早于起始日期"),
        ("XQ-B,专业化物业,,2025-01-01,,,,,,,", "管理单位", "必须填写物业企业"),
        ("XQ-B,专业化物业,棕树社区居委会,2025-01-01,,,,,,,", "管理单位", "不是物业企业"),
        ("XQ-B,专业化物业,阳光互助中心,2025-01-01,,,,,,,", "管理单位", "不是物业企业"),
        ("XQ-B,居民自管,,2025-01-01,,XY-1,,,,,", "管理单位", "填写了协议编号"),
        ("XQ-B,居民自管,,2025-01-01,,,30,,,,", "收费单位", "请同时填写收费单位"),
        ("XQ-B,居民自管,,2025-01-01,,,-1,元/户·月,,,", "收费标准", "不能小于 0"),
        ("XQ-B,居民自管,,2025-01-01,,,30,元/户,,,", "收费单位", "不在可选范围内"),
        ("XQ-B,居民自管,,2025-01-01,,,,,,1.2,", "收缴率", "0 至 1"),
        ("XQ-B,无管理,某公司,2025-01-01,,,,,,,", "管理单位", "此项应为空"),
        ("XQ-B,居民自管,,2025-02-30,,,,,,,", "起始日期", "不是日期"),
        ("XQ-B,居民自管,,,,,,,,,", "起始日期", "不能为空"),
        ("XQ-JQ12,居民自管,,2026-01-01,,,,,,,", "起始日期", "已登记的期间 2025-01-01～"),
        ("XQ-JQ12,居民自管,,2022-06-01,2023-01-01,,,,,,", "截止日期", "2023-01-01～2023-12-31"),
    ],
)
def test_wrong_rows_are_named_and_nothing_is_written(
    database: Database, city: build.City, at: datetime, row: str, column: str, words: str
) -> None:
    first = GOOD.rsplit("XQ-B", 1)[0]
    with database.writing() as db:
        build.organization(db, "阳光互助中心", OrganizationKind.SOCIAL_ORGANIZATION)
    run(database, first, at)
    fine = "XQ-JH,专业化物业,新来物业有限公司,2025-01-01,,,,,,,"
    outcome = run(database, f"{HEAD}{fine}\n{row}\n", at)
    assert [(e.row, e.column) for e in outcome.errors] == [(3, column)]
    assert words in str(outcome.errors[0].reason)
    assert (outcome.created, outcome.rows) == (0, 2)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Coverage)) == 3
        assert not db.scalar(select(Organization).where(Organization.name == "新来物业有限公司"))


def test_overlapping_rows_name_each_other(
    database: Database, city: build.City, at: datetime
) -> None:
    text = f"{HEAD}XQ-B,居民自管,,2024-01-01,,,,,,,\nXQ-B,无管理,,2025-01-01,,,,,,,\n"
    outcome = run(database, text, at)
    assert [(e.row, e.column, e.value) for e in outcome.errors] == [(3, "起始日期", "2025-01-01")]
    assert re.search("第 2 行的期间 2024-01-01～ 重叠", str(outcome.errors[0].reason))


def test_a_shared_last_day_is_an_overlap_and_the_next_day_is_not(
    database: Database, city: build.City, at: datetime
) -> None:
    text = HEAD + "XQ-B,居民自管,,2024-01-01,2024-06-30,,,,,,\nXQ-B,无管理,,{},,,,,,,\n"
    assert len(run(database, text.format("2024-06-30"), at).errors) == 1
    assert run(database, text.format("2024-07-01"), at).created == 2


def test_the_same_period_twice_in_a_file_is_refused(
    database: Database, city: build.City, at: datetime
) -> None:
    line = "XQ-B,居民自管,,2024-01-01,,,,,,,\n"
    outcome = run(database, HEAD + line + line, at)
    assert [e.row for e in outcome.errors] == [3]
    assert "第 2 行" in str(outcome.errors[0].reason)


def test_a_file_may_mend_the_period_that_a_new_one_follows(
    database: Database, city: build.City, at: datetime
) -> None:
    run(database, f"{HEAD}XQ-B,居民自管,,2024-01-01,,,,,,,\n", at)
    both = "XQ-B,无管理,,2025-01-01,,,,,,,\nXQ-B,居民自管,,2024-01-01,2024-12-31,,,,,,\n"
    outcome = run(database, HEAD + both, at)
    assert (outcome.created, outcome.updated, outcome.errors) == (1, 1, [])


def test_a_company_that_also_runs_delegated_compounds_is_one_organization(
    database: Database, city: build.City, at: datetime
) -> None:
    text = (
        f"{HEAD}XQ-B,社会组织代管,众信服务,2024-01-01,,,,,,,\n"
        "XQ-JQ12,专业化物业,众信服务,2024-01-01,,,,,,,\n"
    )
    assert run(database, text, at).created == 2
    with database.reading() as db:
        (made,) = db.scalars(select(Organization))
    assert made.kind is OrganizationKind.PROPERTY_COMPANY


def test_an_actor_loads_only_inside_the_own_areas(
    database: Database, city: build.City, at: datetime
) -> None:
    with database.writing() as db:
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
        outcome = load(db, actor, GOOD.encode(), "a.csv", at=at)
    assert [(e.row, e.column) for e in outcome.errors] == [(5, "小区编号")]


def test_a_file_that_is_no_coverage_sheet_is_refused(database: Database, at: datetime) -> None:
    with pytest.raises(Invalid, match="起始日期"):
        run(database, "小区编号,管理方式\nXQ-B,无管理\n", at)

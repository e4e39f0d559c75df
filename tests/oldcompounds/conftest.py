"""The small city with four old compounds whose histories the tests reckon by hand."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.grid.models import Compound, CompoundKind, Organization
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.rules import Terms, chained
from tests import build
from tests.build import City
from tests.conftest import NOW


def period(
    db: Session,
    compound: Compound,
    mode: Mode,
    since: date,
    until: date | None = None,
    *,
    operator: Organization | None = None,
    agreement: str | None = None,
) -> Coverage:
    """Add a period to the compound's history, behind the one that ends on the day before."""
    before = since - timedelta(1)
    follows = db.scalar(
        select(Coverage.until).where(Coverage.compound_id == compound.id, Coverage.until == before)
    )
    made = Coverage(
        compound_id=compound.id,
        mode=mode,
        since=since,
        until=until,
        operator_id=operator.id if operator else None,
        agreement=agreement,
        follows=follows,
        recorded_at=NOW,
    )
    db.add(made)
    db.flush()
    return made


def lay(db: Session, compound: Compound, periods: Iterable[Terms]) -> None:
    """Add the periods as the compound's history, with the gaps between them."""
    for link in chained(periods):
        terms = link.terms
        db.add(
            Coverage(
                compound_id=compound.id,
                mode=terms.mode,
                since=terms.since,
                until=terms.until,
                follows=link.follows,
                gap=link.gap,
                recorded_at=NOW,
            )
        )
        db.flush()


@pytest.fixture
def city(database: Database) -> City:
    """Return the city; beside 锦和苑 (commodity) it has four old compounds.

    XQ-JQ12 (锦江社区, 300 households, 30000 m²): 安居物业 from 2025-01-01 to 2026-11-30.
    XQ-A (锦江社区, 100, 8000): none from 2023-01-01, 居委会 2024-01-01 to 2025-06-30.
    XQ-B (青竹社区, 200, unknown): self-managed since 2026-03-01, nothing before.
    XQ-C (棕树社区, unknown, 12000): nothing recorded.
    """
    with database.writing() as db:
        made = build.small_city(db)
        company = build.organization(db, "安居物业服务有限公司")
        period(
            db, made.courtyard, Mode.PROFESSIONAL, date(2025, 1, 1), date(2026, 11, 30),
            operator=company, agreement="WY-1",
        )  # fmt: skip
        a = build.compound(
            db, made.community, "青石院", CompoundKind.RELOCATION, households=100,
            floor_area=8000.0, code="XQ-A",
        )  # fmt: skip
        period(db, a, Mode.NONE, date(2023, 1, 1), date(2023, 12, 31))
        period(db, a, Mode.CUSTODIAL, date(2024, 1, 1), date(2025, 6, 30))
        b = build.compound(
            db, made.next_community, "竹里", CompoundKind.AFFORDABLE, households=200,
            floor_area=None, code="XQ-B",
        )  # fmt: skip
        period(db, b, Mode.SELF_MANAGED, date(2026, 3, 1))
        build.compound(
            db, made.far_community, "棕南新居", CompoundKind.RESETTLEMENT, households=None,
            floor_area=12000.0, code="XQ-C",
        )  # fmt: skip
        db.expunge_all()
    return made

"""Ask for an area's notice boards; a worker prints a few at a time, then binds them."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Area, BoardPrint, Compound, PaperSize
from govgrid.grid.queries.boards import board_ids

MOST = 500
"""Boards of one job: a large street has about a hundred compounds."""


def ask_for_boards(
    db: Session, actor: Actor, area: Area, size: PaperSize, *, with_gaps: bool, at: datetime
) -> BoardPrint:
    """Queue the boards of all compounds of an area. `with_gaps`: print 暂缺 where one is missing.

    Raises `NotFound` outside the actor's area, `Invalid` where there is nothing or too much.
    """
    check_may_print(actor, area)
    ids = board_ids(db, area)
    if not ids:
        raise Invalid("“%(name)s”还没有登记小区，没有公示牌可印。", name=area.name)
    if len(ids) > MOST:
        raise Invalid("一次最多印制 %(n)s 块公示牌，请按街道或社区分批印制。", n=MOST)
    job = BoardPrint(
        area_id=area.id,
        officer_id=actor.officer_id,
        asked_at=at,
        size=size,
        with_gaps=with_gaps,
        total=len(ids),
        waiting=ids,
        parts=[],
        skipped=[],
    )
    db.add(job)
    db.flush()
    journal.record(
        db, actor, "print", "boards", area.code, size=size.value, gaps=with_gaps, boards=len(ids)
    )
    return job


def note_board(
    db: Session, actor: Actor, compound: Compound, size: PaperSize, *, gaps: bool
) -> None:
    """Note in the journal that one board, with its phones, left on paper."""
    journal.record(db, actor, "print", "board", compound.code, size=size.value, gaps=gaps)


def check_may_print(actor: Actor, area: Area) -> None:
    """Raise `NotFound` where the actor does not print for the area."""
    if not actor.may(Power.PRINT, area.path):
        raise NotFound("页面不存在，或不在您的职责范围内。")

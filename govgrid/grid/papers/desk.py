"""The worker's step that prints asked notice boards, a few at a time, and binds them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pikepdf
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from govgrid import archive
from govgrid.db import Database
from govgrid.errors import Refusal
from govgrid.grid.models import BoardPrint, PaperSize
from govgrid.grid.papers.board import board_sheet
from govgrid.grid.queries.boards import Board, boards
from govgrid.press.binding import describe, gathered, saved
from govgrid.press.press import Press
from govgrid.web.language import local

BATCH = 8
"""Boards printed before letters and other work get their turn."""
LEASE = timedelta(minutes=5)


def print_boards(press: Press) -> Callable[[Database, datetime], int]:
    """Return the step; it returns how many boards it printed or skipped."""

    def print_some(database: Database, at: datetime) -> int:
        with database.writing() as db:
            job = _lease(db, at)
            if job is None:
                return 0
            size, taken = job.size, job.waiting[:BATCH]
            today = local(at).date()
            found = boards(db, taken, today)
            db.expunge_all()
        wanted = [board for board in found if board.whole or job.with_gaps]
        printed = _print(press, wanted, size, database.settings.public_url, today, at)
        parts = [_part(database, b, pdf) for b, pdf in printed if isinstance(pdf, bytes)]
        skipped = [_reason(b) for b in found if not (b.whole or job.with_gaps)]
        skipped += [f"{_name(b)}：{pdf}" for b, pdf in printed if isinstance(pdf, Refusal)]
        with database.writing() as db:
            _note(db, job.id, taken, parts, skipped)
        if len(job.waiting) <= BATCH:
            _finish(database, job.id, at)
        return len(taken)

    return print_some


def _lease(db: Session, at: datetime) -> BoardPrint | None:
    free = or_(BoardPrint.leased_until.is_(None), BoardPrint.leased_until < at)
    job = db.scalar(
        select(BoardPrint)
        .where(BoardPrint.finished_at.is_(None), free)
        .order_by(BoardPrint.asked_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is not None:
        job.leased_until = at + LEASE
        db.flush()
    return job


def _print(
    press: Press, wanted: list[Board], size: PaperSize, address: str, on: date, at: datetime
) -> list[tuple[Board, bytes | Refusal]]:
    def made(board: Board) -> bytes:
        return press.print(board_sheet(press.fonts, board, size, address, on, at))

    return list(zip(wanted, press.many(made, wanted), strict=True))


def _part(database: Database, board: Board, pdf: bytes) -> list[str]:
    kept = archive.keep(database.settings.archive, pdf)
    return [board.compound.community.name, board.compound.name, kept]


def _name(board: Board) -> str:
    return f"{board.compound.community.name} {board.compound.name}"


def _reason(board: Board) -> str:
    gaps = [*board.vacancies, *(f"{label}电话" for label in board.without_phone)]
    return f"{_name(board)}：缺{'、'.join(gaps)}"


def _note(
    db: Session, number: int, taken: list[int], parts: list[list[str]], skipped: list[str]
) -> None:
    job = db.get_one(BoardPrint, number)
    job.waiting = [n for n in job.waiting if n not in taken]
    job.parts = [*job.parts, *parts]
    job.skipped = [*job.skipped, *skipped]
    job.leased_until = None


def _finish(database: Database, number: int, at: datetime) -> None:
    """Bind what was printed; without any, the job ends and says why."""
    with database.reading() as db:
        job = db.get_one(BoardPrint, number, options=[joinedload(BoardPrint.area)])
    paper = None
    if job.parts:
        title = f"{job.area.name}公示牌"
        paper = archive.keep(database.settings.archive, _bound(database, job.parts, title, at))
    with database.writing() as db:
        job = db.get_one(BoardPrint, number)
        job.finished_at, job.paper = at, paper
        if paper is None:
            job.failure = "没有可印的公示牌"


def _bound(database: Database, parts: list[list[str]], title: str, at: datetime) -> bytes:
    folder = database.settings.archive
    with gathered(archive.fetch(folder, kept) for *_, kept in parts) as (target, starts):
        with target.open_outline() as outline:
            communities: dict[str, pikepdf.OutlineItem] = {}
            for (community, name, _kept), start in zip(parts, starts, strict=True):
                if community not in communities:
                    communities[community] = pikepdf.OutlineItem(community, start)
                    outline.root.append(communities[community])
                communities[community].children.append(pikepdf.OutlineItem(name, start))
        describe(target, title, at)
        return saved(target)

"""Notice boards 公示牌: what one says, print it, print those of a street or community."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.access import Power
from govgrid.errors import Invalid, NotFound, Unavailable
from govgrid.grid.actions.boards import ask_for_boards, check_may_print, note_board
from govgrid.grid.models import Area, BoardPrint, Compound, PaperSize
from govgrid.grid.papers.board import board_sheet
from govgrid.grid.queries import area_seen, compound_seen
from govgrid.grid.queries.boards import Board, board_ids, boards, prints_of
from govgrid.press.press import Press
from govgrid.web.forms import Form, read
from govgrid.web.language import gettext
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit
from govgrid.words import N_, Word

PAGE = 50


class Gaps(Word):
    """What becomes of a board that lacks a person or phone."""

    SKIP = "skip", N_("不印有空缺的公示牌")
    MARK = "mark", N_("照印，空缺处标注“暂缺”")


class Wish(Form):
    """How boards are to be printed; without `gaps`, one with a gap is refused."""

    size: PaperSize = PaperSize.A4
    gaps: Gaps | None = None


@page(may_enter=holding(Power.PRINT))
def show_one(visit: Visit) -> Response:
    """Show what a compound's board says and what is missing on it."""
    board = _board(visit)
    return render(visit, "grid/board.html", board=board, sizes=_sizes())


@page(may_enter=holding(Power.PRINT), own_transactions=True)
def print_one(visit: Visit) -> Response:
    """Print a compound's board; one with a gap only when that was asked for."""
    board, wish = _board(visit), read(Wish, visit.form)
    if not board.whole and wish.gaps is not Gaps.MARK:
        raise Invalid("公示牌有空缺，没有印制。请先补齐人员和电话，或选择标注“暂缺”后印制。")
    press: Press = visit.request.app.state.press
    address = visit.settings.public_url
    sheet = board_sheet(press.fonts, board, wish.size, address, visit.today, visit.at)
    data = press.print(sheet)
    with visit.house.database.writing() as db:
        note_board(db, visit.actor, board.compound, wish.size, gaps=not board.whole)
    return file(data, "application/pdf", f"board-{_ascii(board.compound.code)}.pdf")


@page(may_enter=holding(Power.PRINT))
def show_all(visit: Visit) -> Response:
    """List an area's boards, those with gaps first, and the latest print jobs."""
    area = _area(visit)
    ids = board_ids(visit.db, area)
    found = boards(visit.db, ids, visit.today)
    found.sort(key=lambda board: board.whole)
    paging = paging_of(visit, len(found), PAGE)
    return render(
        visit,
        "grid/boards.html",
        area=area,
        rows=found[paging.offset : paging.offset + PAGE],
        gaps=sum(not board.whole for board in found),
        paging=paging,
        sizes=_sizes(),
        ways=Gaps,
        jobs=prints_of(visit.db, area),
    )


@page(may_enter=holding(Power.PRINT))
def ask(visit: Visit) -> Response:
    """Queue the area's boards for the worker."""
    area, wish = _area(visit), read(Wish, visit.form)
    found = boards(visit.db, board_ids(visit.db, area), visit.today)
    if wish.gaps is None and not all(board.whole for board in found):
        raise Invalid("有公示牌缺少人员或电话，请选择有空缺时如何处理。")
    marked = wish.gaps is Gaps.MARK
    job = ask_for_boards(visit.db, visit.actor, area, wish.size, with_gaps=marked, at=visit.at)
    return redirect(f"/grid/{area.code}/boards/{job.id}")


@page(may_enter=holding(Power.PRINT))
def show_job(visit: Visit) -> Response:
    """Show how far a print job is; the page asks again until it is done."""
    area = _area(visit)
    job = _job(visit, area)
    template = "grid/board_progress.html" if visit.partial else "grid/board_job.html"
    return render(visit, template, area=area, job=job)


@page(may_enter=holding(Power.PRINT))
def show_pdf(visit: Visit) -> Response:
    """Answer with the bound boards."""
    area = _area(visit)
    job = _job(visit, area)
    if job.paper is None:
        raise Unavailable("公示牌还没有印好，请稍候。")
    data = archive.fetch(visit.settings.archive, job.paper)
    return file(data, "application/pdf", f"boards-{area.code}-{job.id}.pdf")


def _board(visit: Visit) -> Board:
    compound: Compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    check_may_print(visit.actor, compound.community)
    return boards(visit.db, [compound.id], visit.today)[0]


def _area(visit: Visit) -> Area:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    check_may_print(visit.actor, area)
    return area


def _job(visit: Visit, area: Area) -> BoardPrint:
    job = visit.db.get(BoardPrint, visit.number("job"))
    if job is None or job.area_id != area.id:
        raise NotFound("没有这次印制，或不在您的职责范围内。")
    return job


def _sizes() -> list[tuple[str, str]]:
    return [(size.value, gettext(size.word)) for size in PaperSize]


def _ascii(code: str) -> str:
    return "".join(char for char in code if char.isascii() and (char.isalnum() or char in "-_"))


routes = [
    Route("/compounds/{code}/board", show_one),
    Route("/compounds/{code}/board", print_one, methods=["POST"]),
    Route("/grid/{code}/boards", show_all),
    Route("/grid/{code}/boards", ask, methods=["POST"]),
    Route("/grid/{code}/boards/{job:int}", show_job),
    Route("/grid/{code}/boards/{job:int}/boards.pdf", show_pdf),
]

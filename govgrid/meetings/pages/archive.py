"""The archive of signed minutes: searched in full text, listed, its register given out."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Invalid
from govgrid.grid.queries import area_seen, starts
from govgrid.meetings.exports.register import register
from govgrid.meetings.models import Minutes, Retention
from govgrid.meetings.pages.minutes import press_of
from govgrid.meetings.papers.store import paper
from govgrid.meetings.queries.minutes import handed_out
from govgrid.meetings.queries.texts import Wanted, search, texts_of
from govgrid.meetings.rules.minutes import excerpt, file_number, kept_until
from govgrid.web.language import gettext as _
from govgrid.web.page import anyone, holding, page, with_post
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

SIZE = 20
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One found minutes and the place of the first word in it."""

    minutes: Minutes
    file: str
    until: int | None
    before: str = ""
    at: str = ""
    after: str = ""


@page(may_enter=with_post)
def show(visit: Visit) -> Response:
    """Search."""
    wanted = _wanted(visit)
    found = search(visit.db, visit.actor, wanted, SIZE + 1)
    older = found[SIZE - 1].id if len(found) > SIZE else None
    rest = [(k, v) for k, v in visit.request.query_params.multi_items() if k != "before"]
    return render(
        visit,
        "meetings/archive.html",
        hits=_hits(visit, found[:SIZE], wanted),
        older=[*rest, ("before", str(older))] if older else None,
        wanted=wanted,
        asked=visit.query("q"),
        year=visit.query("year"),
        retention=visit.query("retention"),
        choices=starts(visit.db, visit.actor),
        retentions=[(r.value, _(r.word)) for r in Retention],
        exports=visit.actor.has(Power.PRINT),
        filtered=bool(wanted.words or wanted.area or wanted.year or wanted.retention),
    )


@page(may_enter=holding(Power.PRINT))
def export(visit: Visit) -> Response:
    """Give the register of what was found as a sheet."""
    data = register(visit.db, visit.actor, _wanted(visit))
    return file(data, SHEET, "minutes-register.xlsx", download=True)


@page(may_enter=anyone)
def handout(visit: Visit) -> Response:
    """Show signed minutes to whoever was due at the meeting, by their private link."""
    minutes = handed_out(visit.db, visit.path("token"), at=visit.at)
    data = paper(press_of(visit), visit.settings, minutes)
    return file(data, "application/pdf", f"minutes-{minutes.meeting.month:%Y%m}.pdf")


def _wanted(visit: Visit) -> Wanted:
    words = tuple(dict.fromkeys(visit.query("q")[:200].split()))
    if len(words) > MOST_WORDS:
        raise Invalid("一次最多搜索 %(n)s 个词。", n=MOST_WORDS)
    year, before = visit.query("year"), visit.query("before")
    if year and not (year.isdecimal() and len(year) == 4):
        raise Invalid("“%(value)s”不是年份，请写成 2026 的形式。", value=year[:20])
    code, retention = visit.query("area"), visit.query("retention")
    return Wanted(
        words=words,
        area=area_seen(visit.db, visit.actor, code) if code else None,
        year=int(year) if year else None,
        retention=Retention.of_key(retention) if retention in set(Retention) else None,
        before=int(before) if before.isdecimal() and len(before) < 10 else None,
    )


def _hits(visit: Visit, found: list[Minutes], wanted: Wanted) -> list[Hit]:
    texts = texts_of(visit.db, found) if wanted.words else {}
    hits = []
    for one in found:
        parts = excerpt(texts[one.id], wanted.words) if one.id in texts else ("", "", "")
        hits.append(Hit(one, file_number(one), kept_until(one), *parts))
    return hits


routes = [
    Route("/archive", show),
    Route("/archive/register.xlsx", export, methods=["POST"]),
    Route("/r/{token}/minutes.pdf", handout),
]

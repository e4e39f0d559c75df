"""Pages of import and export: upload, mapping, preview, apply; exports, templates, sources."""

import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from govgrid.access import Power
from govgrid.errors import Invalid, NotFound
from govgrid.exchange import actions, forms, queries
from govgrid.exchange.models import SETTLED, WAITING, Batch, BatchLine, Sort, Stage
from govgrid.exchange.refusals import untold
from govgrid.exchange.rules import suggest
from govgrid.sheets import Column, Kind, plain, text, write_sheet
from govgrid.web.forms import read
from govgrid.web.language import gettext, refusal_text
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import Paging, paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    ".xlsx": SHEET,
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".json": "application/json",
}
TONES = {
    Stage.CHECKING: "info", Stage.MAPPING: "warn", Stage.CHECKED: "warn", Stage.REFUSED: "bad",
    Stage.APPLYING: "info", Stage.APPLIED: "good",
}  # fmt: skip
keeps = holding(Power.KEEP)  # whoever loads cases, showcases and coverage keeps areas too


def kind_of(visit: Visit, key: str) -> Kind:
    """Return the kind of that key. Raise `NotFound` where the actor does not exchange it."""
    kinds = kinds_of(visit)
    if key not in kinds:
        raise NotFound("没有这种数据，或不由您导入导出。")
    return kinds[key]


def kinds_of(visit: Visit) -> dict[str, Kind]:
    """Return the kinds that the actor exchanges somewhere."""
    kinds: Mapping[str, Kind] = visit.request.app.state.kinds
    return {key: kind for key, kind in kinds.items() if visit.actor.has(kind.power)}


@page(may_enter=keeps)
def index(visit: Visit) -> Response:
    """Offer upload, export and templates; list the actor's imports."""
    paging = paging_of(visit, queries.count_batches(visit.db, visit.actor), 20)
    kinds = kinds_of(visit)
    return render(
        visit,
        "exchange/index.html",
        kinds=kinds,
        areas=queries.exportable(visit.db, visit.actor),
        maps=[m for m in queries.maps(visit.db, visit.actor) if m.kind in kinds],
        batches=queries.batches(visit.db, visit.actor, paging.offset, paging.size),
        paging=paging,
        tones=TONES,
    )


@page(may_enter=keeps)
def upload(visit: Visit) -> Response:
    """Take in a file."""
    given = read(forms.UploadForm, visit.form)
    kind, sent = kind_of(visit, given.kind), visit.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Invalid("请选择要上传的文件。")
    source = queries.map_of(visit.db, visit.actor, given.source) if given.source else None
    if source is not None and source.kind != kind.key:
        raise Invalid("所选来源属于另一种数据，请重新选择。")
    batch = actions.upload(
        visit.db,
        visit.actor,
        kind,
        sent.filename,
        sent.file.read(),
        at=visit.at,
        crs=given.crs,
        repair=given.repair,
        source=source,
    )
    return redirect(f"/exchange/batches/{batch.id}")


@page(may_enter=keeps)
def show(visit: Visit) -> Response:
    """Show how far a batch is: progress, mapping, preview or result."""
    batch = queries.batch_of(visit.db, visit.actor, visit.number("batch"))
    kind = kind_of(visit, batch.kind)
    counts = queries.count_lines(visit.db, batch)
    sort = _sort(visit, counts)
    paging = Paging.at(visit.request.url.path, (("sort", sort), *_page(visit)), counts[sort], 50)
    rows = visit.db.scalars(queries.lines(batch, sort).offset(paging.offset).limit(paging.size))
    return render(
        visit,
        "exchange/batch.html",
        batch=batch,
        kind=kind,
        sort=sort,
        sorts=[one for one in Sort if counts[one]],
        lines=[(line, untold(line.told.get("reason"))) for line in rows],
        counts=counts,
        totals=_totals(batch),
        paging=paging,
        tones=TONES,
        waiting=batch.stage in WAITING,
        settled=batch.stage in SETTLED,
        refusal=untold(batch.refusal),
        notes=[untold(note) for note in batch.notes],
        mapping=_mapping(kind, batch),
    )


def _sort(visit: Visit, counts: Mapping[Sort, int]) -> Sort:
    asked = [one for one in Sort if one.value == visit.query("sort")]
    telling = [one for one in (Sort.WRONG, Sort.CHANGED) if counts[one]]
    return next(iter([*asked, *telling]), Sort.NEW)


def _page(visit: Visit) -> tuple[tuple[str, str], ...]:
    return (("page", visit.query("page", "1")),)


def _totals(batch: Batch) -> dict[Sort, int]:
    names = {Sort.NEW: "created", Sort.CHANGED: "updated", Sort.WRONG: "wrong"}
    return {sort: batch.counts.get(name, 0) for sort, name in names.items()}


@dataclass(frozen=True, slots=True)
class Mapped:
    """A heading of the file with the column it is to mean, and its words for ours."""

    text: str
    samples: list[str]
    key: str
    words: list[tuple[str, str]]
    choices: tuple[str, ...]


def _mapping(kind: Kind, batch: Batch) -> list[Mapped]:
    columns = {column.key: column for column in kind.columns}
    own = {plain(column.heading): column.key for column in kind.columns}
    guessed = suggest([heading["text"] for heading in batch.found], kind.columns)
    found = []
    for heading in batch.found:
        name = plain(heading["text"])
        # A heading of ours speaks for itself; a guess is only offered where nobody chose yet.
        offered = own.get(name, "") if batch.stage is not Stage.MAPPING else guessed[name]
        key = batch.columns.get(name, offered)
        choices = columns[key].choices if key in columns else ()
        theirs = heading["words"] if any(w not in choices for w in heading["words"]) else []
        said = batch.words.get(key, {})
        words = [(word, said.get(word, word if word in choices else "")) for word in theirs]
        found.append(
            Mapped(heading["text"], heading["samples"], key, words if choices else [], choices)
        )
    return found


@page(may_enter=keeps)
def progress(visit: Visit) -> Response:
    """Answer htmx while the worker is busy; have the page shown anew when it is not."""
    batch = queries.batch_of(visit.db, visit.actor, visit.number("batch"))
    response = render(visit, "exchange/progress.html", batch=batch)
    if batch.stage not in WAITING:
        response.headers["HX-Refresh"] = "true"
    return response


@page(may_enter=keeps)
def remap(visit: Visit) -> Response:
    """Check the batch anew with the mapping that was chosen, remembered if it got a name."""
    batch = queries.batch_of(visit.db, visit.actor, visit.number("batch"))
    keep = read(forms.KeepForm, visit.form)
    columns, words = forms.chosen(kind_of(visit, batch.kind), batch, visit.form)
    actions.remap(visit.db, visit.actor, batch, columns, words)
    if keep.name:
        actions.keep_map(visit.db, visit.actor, batch, keep.name, at=visit.at)
    return redirect(f"/exchange/batches/{batch.id}")


@page(may_enter=keeps)
def apply(visit: Visit) -> Response:
    """Confirm the preview."""
    batch = queries.batch_of(visit.db, visit.actor, visit.number("batch"))
    given = read(forms.ApplyForm, visit.form)
    actions.apply(visit.db, visit.actor, batch, given.digest)
    return redirect(f"/exchange/batches/{batch.id}")


@page(may_enter=keeps)
def drop(visit: Visit) -> Response:
    """Give the batch up."""
    batch = queries.batch_of(visit.db, visit.actor, visit.number("batch"))
    actions.drop(visit.db, visit.actor, batch)
    return redirect("/exchange", gettext("已放弃这次导入，上传的文件已删除。"))


@page(may_enter=keeps)
def wrong_rows(visit: Visit) -> Response:
    """Give back the wrong rows as a sheet, each with its reasons."""
    batch = queries.batch_of(visit.db, visit.actor, visit.number("batch"))
    kind = kind_of(visit, batch.kind)
    columns = [*kind.columns, Column("行号", "row", text(20)), Column("原因", "why", text(2000))]
    rows: dict[int, dict[str, object]] = {}
    for line in visit.db.scalars(queries.lines(batch, Sort.WRONG)):
        row = rows.setdefault(line.row, _cells(kind, line) | {"row": line.row})
        told = untold(line.told["reason"])
        why = f"{line.told['column']}：{refusal_text(told) if told else ''}"
        row["why"] = f"{row['why']}；{why}" if "why" in row else why
    stream = io.BytesIO()
    write_sheet(stream, columns, rows.values(), gettext(kind.word))
    return file(stream.getvalue(), SHEET, f"refused-{batch.id}.xlsx", download=True)


def _cells(kind: Kind, line: BatchLine) -> dict[str, object]:
    cells: dict[str, str] = line.told["cells"]
    return {column.key: cells.get(column.heading) for column in kind.columns}


@page(may_enter=keeps)
def template(visit: Visit) -> Response:
    """Give an empty sheet."""
    kind = kind_of(visit, visit.path("kind"))
    return file(kind.template(), SHEET, f"{kind.key}.xlsx", download=True)


@page(may_enter=keeps, own_transactions=True)
def export(visit: Visit) -> Response:
    """Give what is stored of an area, journalled."""
    given = read(forms.ExportForm, visit.form)
    kind = kind_of(visit, given.kind)
    area = queries.area_within(visit.db, visit.actor, given.area, kind.power)
    ending = given.ending if given.ending in kind.writers else kind.endings[0]
    name = f"{kind.key}-{area.code}-{visit.today:%Y%m%d}{ending}"
    stream = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the answer has left
    try:
        database = visit.house.database
        actions.export(database, visit.actor, kind, stream, name, (area.path,), area.code)
    except BaseException:
        stream.close()
        raise
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_pieces(stream), media_type=TYPES[ending], headers=headers)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        stream.seek(0)
        while piece := stream.read(1 << 18):
            yield piece


@page(may_enter=keeps)
def sources(visit: Visit) -> Response:
    """List the remembered mappings."""
    kinds = kinds_of(visit)
    found = [m for m in queries.maps(visit.db, visit.actor) if m.kind in kinds]
    return render(visit, "exchange/sources.html", sources=found, kinds=kinds)


@page(may_enter=keeps)
def source(visit: Visit) -> Response:
    """Show one remembered mapping."""
    found = queries.map_of(visit.db, visit.actor, visit.number("source"))
    kind = kind_of(visit, found.kind)
    headings = {column.key: column.heading for column in kind.columns}
    mine = visit.actor.may(Power.KEEP, found.area.path)
    return render(
        visit, "exchange/source.html", source=found, kind=kind, headings=headings, mine=mine
    )


@page(may_enter=keeps)
def change_source(visit: Visit) -> Response:
    """Rename a mapping or change what its headings mean."""
    found = queries.map_of(visit.db, visit.actor, visit.number("source"))
    name = read(forms.KeepForm, visit.form).name
    if not name:
        raise Invalid("“%(label)s”不能为空。", label=gettext("来源名称"))
    keys = {column.key for column in kind_of(visit, found.kind).columns}
    columns = {}
    for place, heading in enumerate(sorted(found.columns)):
        key = str(visit.form.get(f"column-{place}", ""))
        columns[heading] = key if key in keys else ""
    used = [key for key in columns.values() if key]
    if len(used) != len(set(used)):
        raise Invalid("同一列被选了两次，请只保留一处。")
    actions.rename_map(visit.db, visit.actor, found, name, columns, at=visit.at)
    return redirect("/exchange/sources", gettext("已保存。"))


@page(may_enter=keeps)
def forget_source(visit: Visit) -> Response:
    """Forget a mapping."""
    found = queries.map_of(visit.db, visit.actor, visit.number("source"))
    actions.forget_map(visit.db, visit.actor, found)
    return redirect("/exchange/sources", gettext("已删除。"))


routes: list[BaseRoute] = [
    Route("/exchange", index),
    Route("/exchange/batches", upload, methods=["POST"]),
    Route("/exchange/batches/{batch:int}", show),
    Route("/exchange/batches/{batch:int}/progress", progress),
    Route("/exchange/batches/{batch:int}/mapping", remap, methods=["POST"]),
    Route("/exchange/batches/{batch:int}/apply", apply, methods=["POST"]),
    Route("/exchange/batches/{batch:int}/drop", drop, methods=["POST"]),
    Route("/exchange/batches/{batch:int}/refused.xlsx", wrong_rows),
    Route("/exchange/templates/{kind}.xlsx", template),
    Route("/exchange/exports", export, methods=["POST"]),
    Route("/exchange/sources", sources),
    Route("/exchange/sources/{source:int}", source),
    Route("/exchange/sources/{source:int}", change_source, methods=["POST"]),
    Route("/exchange/sources/{source:int}/forget", forget_source, methods=["POST"]),
]

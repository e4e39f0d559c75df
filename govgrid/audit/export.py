"""Lines of the journal as a sheet; the export is a line of the journal itself."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.audit import told
from govgrid.audit.queries import Wanted, all_lines, count_up_to
from govgrid.errors import Invalid
from govgrid.journal import Entry
from govgrid.sheets.cells import text
from govgrid.sheets.outcome import Column
from govgrid.sheets.writing import write_csv, write_sheet
from govgrid.web.language import gettext
from govgrid.words import N_

MOST = 50_000
HEADINGS = {
    "id": N_("行号"),
    "at": N_("时间"),
    "who": N_("操作人"),
    "where": N_("来源"),
    "verb": N_("操作"),
    "subject": N_("对象"),
    "subject_id": N_("对象编号"),
    "summary": N_("内容"),
    "seal": N_("校验值"),
}


def export(db: Session, actor: Actor, wanted: Wanted, kind: str) -> bytes:
    """Return the found lines, the newest first. Raise `Invalid` for too many or none."""
    lines = count_up_to(db, actor, wanted, MOST)
    if not lines:
        raise Invalid("没有符合条件的日志，请调整条件后再导出。")
    if lines > MOST:
        raise Invalid("符合条件的日志超过 %(n)s 行，请缩小日期范围后分批导出。", n=MOST)
    rows = _rows(all_lines(db, actor, wanted))
    stream = io.BytesIO()
    if kind == "csv":
        write_csv(stream, _columns(), rows)
    else:
        write_sheet(stream, _columns(), rows, gettext("操作日志"))
    asked = {name: value for name, value in asdict(wanted).items() if value is not None}
    journal.record(db, actor, "export", "journal", kind, lines=lines, filters=asked)
    return stream.getvalue()


def _rows(entries: Iterable[Entry]) -> Iterator[Mapping[str, object]]:
    for entry in entries:
        yield {
            "id": entry.id,
            "at": entry.at,
            "who": told.who(entry),
            "where": told.where(entry),
            "verb": told.verb(entry),
            "subject": told.subject(entry),
            "subject_id": entry.subject_id,
            "summary": told.summary(entry),
            "seal": entry.seal,
        }


def _columns() -> list[Column]:
    return [Column(gettext(heading), key, text(32767)) for key, heading in HEADINGS.items()]

"""The register of the archive as a sheet; the export is a line of the journal."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.clock import HERE
from govgrid.errors import Invalid
from govgrid.meetings.models import Minutes
from govgrid.meetings.queries.texts import Wanted, search
from govgrid.meetings.rules.minutes import file_number, kept_until
from govgrid.sheets.cells import text
from govgrid.sheets.outcome import Column
from govgrid.sheets.writing import write_sheet
from govgrid.web.language import gettext
from govgrid.words import N_

MOST = 50_000
STRETCH = 500
HEADINGS = {
    "file": N_("档号"),
    "title": N_("题名"),
    "community": N_("社区"),
    "unit": N_("会议单元"),
    "issue": N_("期号"),
    "number": N_("版次"),
    "held": N_("会议日期"),
    "signed": N_("签发日期"),
    "signer": N_("签发人"),
    "pages": N_("页数"),
    "retention": N_("保管期限"),
    "until": N_("保管到期年份"),
    "paper": N_("文件 SHA-256"),
    "record": N_("会议数据 SHA-256"),
    "code": N_("核验码"),
    "archived": N_("归档时间"),
}


def register(db: Session, actor: Actor, wanted: Wanted) -> bytes:
    """Return the register of what is wanted. Raise `Invalid` for nothing or too much."""
    columns = [Column(gettext(heading), key, text(32767)) for key, heading in HEADINGS.items()]
    stream = io.BytesIO()
    count = write_sheet(
        stream, columns, _rows(_all(db, actor, wanted)), gettext("会议纪要归档目录")
    )
    if not count:
        raise Invalid("没有符合条件的纪要，请调整条件后再导出。")
    asked = {
        "words": list(wanted.words),
        "area": wanted.area.code if wanted.area else None,
        "year": wanted.year,
        "retention": wanted.retention,
    }
    filters = {name: value for name, value in asked.items() if value}
    journal.record(db, actor, "export", "archive", "xlsx", rows=count, filters=filters)
    return stream.getvalue()


def _all(db: Session, actor: Actor, wanted: Wanted) -> Iterator[Minutes]:
    """Yield what is wanted, a stretch at a time. Raise `Invalid` for too many."""
    count = 0
    while found := search(db, actor, wanted, STRETCH):
        count += len(found)
        if count > MOST:
            raise Invalid("符合条件的纪要超过 %(n)s 份，请缩小范围后分批导出。", n=MOST)
        yield from found
        wanted = replace(wanted, before=found[-1].id)
        for one in found:
            db.expunge(one)


def _rows(found: Iterable[Minutes]) -> Iterator[Mapping[str, object]]:
    for one in found:
        record = one.record or {}
        yield {
            "file": file_number(one),
            "title": f"{record.get('title', '')}纪要",
            "community": record.get("community"),
            "unit": record.get("unit"),
            "issue": one.issue,
            "number": one.number,
            "held": one.meeting.start.astimezone(HERE).date(),
            "signed": one.signed_at.astimezone(HERE).date() if one.signed_at else None,
            "signer": one.signer.name if one.signer else None,
            "pages": one.pages,
            "retention": gettext(one.retention.word) if one.retention else None,
            "until": kept_until(one),
            "paper": one.paper,
            "record": one.record_hash,
            "code": one.code,
            "archived": one.archived_at,
        }

"""`invite` and `minutes`: a month's invitations out, its minutes onto paper."""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from govgrid import archive
from govgrid.cli.answer import say_json
from govgrid.cli.given import area_of, database
from govgrid.errors import Conflict, Invalid, NotFound
from govgrid.meetings.actions.invitations import Invited, invite_month
from govgrid.meetings.models import Meeting, MinutesStage
from govgrid.meetings.papers.binding import bind, title_of
from govgrid.meetings.papers.store import paper
from govgrid.meetings.queries.board import filed, with_minutes
from govgrid.press.press import Press
from govgrid.settings import Settings
from govgrid.web.forms import month_of
from govgrid.web.provisional import consulting, planned_text

CITY = "/"


@click.command()
@click.argument("month")
@click.option("--area", default=None, help="Code of the area; all of them by default.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def invite(month: str, area: str | None, *, as_json: bool) -> None:
    """Queue the invitations of confirmed meetings."""
    site = database()
    with site.reading() as db:
        path = area_of(db, area).path if area else CITY
    at = datetime.now(UTC)
    done = invite_month(site, month_of(month), path, at=at)
    if as_json:
        say_json({"month": month, "meetings": [_json(one) for one in done]})
        return
    with site.reading() as db, consulting(db):
        for one in done:
            missing = f"，无邮箱：{'、'.join(one.unreachable)}" if one.unreachable else ""
            click.echo(f"{one.unit}  {planned_text(one.start)}  {one.letters} 封{missing}")
    click.echo(f"{len(done)} 场会议，{sum(one.letters for one in done)} 封通知待发。", err=True)


def _json(one: Invited) -> dict[str, object]:
    return {
        "id": one.id,
        "unit": one.unit,
        "start": one.start.isoformat(),
        "letters": one.letters,
        "unreachable": list(one.unreachable),
    }


@click.command()
@click.argument("what", metavar="MONTH|MEETING")
@click.option("--area", default=None, help="Code of the area; with a month.")
@click.option(
    "-o", "path", metavar="FILE.pdf", required=True, type=click.Path(dir_okay=False, path_type=Path)
)
def minutes(what: str, area: str | None, path: Path) -> None:
    """Write a month's signed minutes as one bookmarked PDF, or one meeting's."""
    settings, site = Settings.read(), database()
    if what.isdecimal() == (area is not None):
        raise click.UsageError("give MONTH --area CODE, or the number of a MEETING alone")
    with Press.open(settings.vendor, settings.house_fonts) as press, site.reading() as db:
        data = _one(press, db, int(what)) if area is None else _month(press, db, what, area)
    with archive.beside(path) as part:
        part.write_bytes(data)


def _one(press: Press, db: Session, number: int) -> bytes:
    row = db.execute(with_minutes().where(Meeting.id == number)).one_or_none()
    if row is None:
        raise NotFound("没有编号为 %(number)s 的会议，或会议已取消。", number=number)
    if row[1] is None:
        raise Conflict("会议尚未召开，没有纪要。")
    return paper(press, Settings.read(), row[1])


def _month(press: Press, db: Session, month: str, code: str) -> bytes:
    first, area = month_of(month), area_of(db, code)
    rows = db.execute(filed(area, first)).all()
    signed = sum(w is not None and w.stage is MinutesStage.SIGNED for _m, w in rows)
    if not signed:
        raise Invalid("%(area)s%(month)s没有已签发的会议纪要。", area=area.name, month=month)
    if left := len(rows) - signed:
        click.echo(f"{left} 场会议的纪要尚未签发，未收入汇编。", err=True)
    return bind(press, Settings.read(), title_of(area, first), rows, at=datetime.now(UTC))

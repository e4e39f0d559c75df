"""Set the standing items of a unit's agendas, or those of all units of an area."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict
from govgrid.grid.models import Area
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.models import AreaSettings, Kind, Unit
from govgrid.meetings.queries.settings import settings_row
from govgrid.meetings.rules.settings import Standing


def set_agenda_of_area(
    db: Session,
    actor: Actor,
    area: Area,
    kind: Kind,
    items: Sequence[Standing] | None,
    version: int,
) -> None:
    """Let these be the area's own standing items (None: as above it)."""
    may_convene(actor, area.path)
    row = settings_row(db, area, kind)
    _refuse_stale(row.version if row else 0, version)
    if row is None:
        row = AreaSettings(area_id=area.id, kind=kind)
        db.add(row)
    before = journal.image(row, "agenda")
    row.agenda = _stored(items)
    db.flush()
    after = journal.image(row, "agenda")
    journal.record(db, actor, "set", "settings", area.code, kind=kind, before=before, after=after)


def set_agenda_of_unit(
    db: Session, actor: Actor, unit: Unit, items: Sequence[Standing] | None, version: int
) -> None:
    """Let these be the unit's own standing items (None: as those of its community)."""
    may_convene(actor, unit.community.path)
    _refuse_stale(unit.version, version)
    before = journal.image(unit, "agenda")
    unit.agenda = _stored(items)
    after = journal.image(unit, "agenda")
    journal.record(db, actor, "set", "unit", unit.id, before=before, after=after)


def _refuse_stale(known: int, version: int) -> None:
    if known != version:
        raise Conflict("设置刚被其他人修改，请刷新页面核对后再保存。")


def _stored(items: Sequence[Standing] | None) -> list[list[str | int]] | None:
    return None if items is None else [[i.kind.value, i.title, i.minutes] for i in items]

"""The map's layer of meetings: when the compounds of each micro-grid meet next."""

from datetime import timedelta

from govgrid.grid.layers import Layer, Tint
from govgrid.grid.models import Area
from govgrid.meetings.queries.micro_grids import NextMeeting, next_by_micro_grid
from govgrid.web.language import gettext as _
from govgrid.web.provisional import planned_text
from govgrid.web.visit import Visit
from govgrid.words import N_

SOON = timedelta(days=7)


def _next(visit: Visit, area: Area) -> dict[int, Tint]:
    found = next_by_micro_grid(visit.db, area, visit.at)
    return {area_id: _tint(visit, meeting) for area_id, meeting in found.items()}


def _tint(visit: Visit, meeting: NextMeeting) -> Tint:
    if meeting.start is None:
        return Tint("unplanned", meeting.compound)
    remark = _("%(compound)s：%(at)s", compound=meeting.compound, at=planned_text(meeting.start))
    return Tint("soon" if meeting.start <= visit.at + SOON else "later", remark)


NEXT_MEETING = Layer(
    "meetings",
    N_("下次联席会议"),
    (
        ("unplanned", N_("尚未排定"), "warn"),
        ("soon", N_("7 天内召开"), "good"),
        ("later", N_("已排定"), "info"),
        ("", N_("没有小区会议"), "blank"),
    ),
    _next,
    N_("只看小区的联席会议；一个微网格有多个小区时，按最早的一次着色，全部未排定才算“尚未排定”。"),
)

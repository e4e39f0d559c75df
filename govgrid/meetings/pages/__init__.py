"""Pages of meetings, one module a noun."""

from govgrid.meetings.pages.agenda import routes as agenda
from govgrid.meetings.pages.archive import routes as archive
from govgrid.meetings.pages.board import routes as board
from govgrid.meetings.pages.calls import routes as calls
from govgrid.meetings.pages.desk import routes as desk
from govgrid.meetings.pages.door import routes as door
from govgrid.meetings.pages.entrance import routes as entrance
from govgrid.meetings.pages.feeds import routes as feeds
from govgrid.meetings.pages.figures import routes as figures
from govgrid.meetings.pages.guests import routes as guests
from govgrid.meetings.pages.hearing import routes as hearing
from govgrid.meetings.pages.inbox import routes as inbox
from govgrid.meetings.pages.meeting import routes as meeting
from govgrid.meetings.pages.mine import routes as mine
from govgrid.meetings.pages.minutes import routes as minutes
from govgrid.meetings.pages.planning import routes as planning
from govgrid.meetings.pages.plans import routes as plans
from govgrid.meetings.pages.promised import routes as promised
from govgrid.meetings.pages.room import routes as room
from govgrid.meetings.pages.room_sync import routes as room_sync
from govgrid.meetings.pages.schedule import routes as schedule
from govgrid.meetings.pages.sending import routes as sending
from govgrid.meetings.pages.settings import routes as settings
from govgrid.meetings.pages.taking import routes as taking
from govgrid.meetings.pages.tasks import routes as tasks
from govgrid.meetings.pages.templates import routes as templates
from govgrid.meetings.pages.venues import routes as venues
from govgrid.meetings.pages.wording import routes as wording

routes = [
    *mine, *board, *schedule, *planning, *plans, *taking, *settings, *templates, *venues, *meeting, *inbox, *sending, *hearing, *agenda,
    *room_sync, *room, *guests, *tasks, *minutes, *wording, *desk, *archive, *door, *feeds, *calls, *entrance, *figures,
    *promised,
]  # fmt: skip

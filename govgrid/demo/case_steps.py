"""Steps of this month's cases in the first community: some handed up, some reopened."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import ActingPost, Actor, Role
from govgrid.cases.actions.life import Note, steps_for, take_step
from govgrid.cases.models import Case, Step
from govgrid.cases.queries.four_rates import received_in
from govgrid.demo.divisions import SHOWCASE_STREET, children
from govgrid.demo.ways import ways
from govgrid.grid.models import Area, Compound, Officer

_SOON = timedelta(minutes=40)
_STEPS = (
    (Step.HAND_UP, "项目部缺少备件和维修人员，请区域公司协调。"),
    (Step.FEED_BACK, "已电话回访，告知处理结果。"),
    (Step.REOPEN, "回访时居民反映问题再次出现，要求重新办理。"),
)
_MOST = 3  # of each


def take_steps(db: Session, today: date, at: datetime) -> None:
    """Let the community's secretary note what became of some cases."""
    home = db.scalars(select(Area).where(Area.code == children(SHOWCASE_STREET)[0].code)).one()
    person = ways(today)[0].person
    officer = db.scalars(select(Officer).where(Officer.code == person.code)).one()
    post = ActingPost(Role.SECRETARY, home.id, home.path, home.name)
    actor = Actor(officer.id, officer.id, officer.name, (post,))
    for step, text in _STEPS:
        able = [case for case in _cases(db, home, today) if step in steps_for(actor, case)]
        if step is Step.REOPEN:
            able = [case for case in able if case.satisfied is False]
        for case in able[:_MOST]:
            last = case.closed_at or case.replied_at or case.received_at
            take_step(db, actor, case, step, Note(min(last + _SOON, at), text), at=at)


def _cases(db: Session, home: Area, today: date) -> list[Case]:
    found = (
        select(Case)
        .join(Case.compound)
        .join(Compound.community)
        .where(Compound.community_id == home.id, received_in(today.replace(day=1)))
        .order_by(Case.received_at.desc(), Case.id)
        .options(
            contains_eager(Case.compound).contains_eager(Compound.community),
            contains_eager(Case.compound).joinedload(Compound.grid),
        )
    )
    return list(db.scalars(found))

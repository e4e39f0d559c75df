"""The demo street's bound reports of last month, asked for; the worker makes them once it runs."""

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import ActingPost, Actor, Role
from govgrid.clock import HERE
from govgrid.demo.divisions import DISTRICT
from govgrid.demo.months import months_before
from govgrid.grid.models import Area
from govgrid.reports.actions import ask_for_reports


def add_report(db: Session, today: date) -> None:
    """Ask for the reports of the street and its communities."""
    street = db.scalars(select(Area).where(Area.code == f"{DISTRICT}001")).one()
    post = ActingPost(Role.LIAISON, street.id, street.path, street.name)
    at = datetime.combine(today, time(6), HERE)
    ask_for_reports(
        db, Actor(0, 0, "街道联络员", (post,)), street, months_before(today, 1), at, at=at
    )

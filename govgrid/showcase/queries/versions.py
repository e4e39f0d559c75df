"""Drafts and published versions of a compound's period, with their photos."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from govgrid.errors import NotFound
from govgrid.grid.models import Compound
from govgrid.showcase.models import ShowcasePhoto, ShowcaseVersion
from govgrid.showcase.queries.items import showcase_of
from govgrid.showcase.rules import PanelText, Plan, readable, restored


def draft_of(db: Session, compound_id: int, period: date) -> ShowcaseVersion | None:
    """Return what is being written for the period."""
    return db.scalar(
        select(ShowcaseVersion).where(
            ShowcaseVersion.compound_id == compound_id,
            ShowcaseVersion.period == period,
            ShowcaseVersion.draft,
        )
    )


def versions_of(db: Session, compound_id: int, period: date) -> list[ShowcaseVersion]:
    """Return every published version of the period, the newest first."""
    found = select(ShowcaseVersion).where(
        ShowcaseVersion.compound_id == compound_id,
        ShowcaseVersion.period == period,
        ~ShowcaseVersion.draft,
    )
    return list(db.scalars(found.order_by(ShowcaseVersion.number.desc())))


def latest_of(db: Session, compound_id: int, period: date) -> ShowcaseVersion | None:
    """Return the version that is published now; None where a sheet brought it, or nothing is."""
    return next(iter(versions_of(db, compound_id, period)), None)


def said_now(db: Session, compound_id: int, period: date, plan: Plan) -> list[PanelText]:
    """Return what is published now, whoever brought it."""
    latest = latest_of(db, compound_id, period)
    if latest is not None:
        return restored(latest.panels)
    return readable(showcase_of(db, [compound_id], period), plan)


def photos_of(db: Session, version: ShowcaseVersion | None) -> Sequence[ShowcasePhoto]:
    """Return the photos of a version in their order."""
    if version is None:
        return ()
    found = select(ShowcasePhoto).where(ShowcasePhoto.version_id == version.id)
    return db.scalars(found.order_by(ShowcasePhoto.id)).all()


def photo_of(db: Session, compound: Compound, number: int, *, drafts: bool) -> ShowcasePhoto:
    """Return a photo of the compound that is published now, or with `drafts` one being prepared.

    Raise `NotFound` for any other: what a correction took away is seen no more.
    """
    found = db.scalar(
        select(ShowcasePhoto)
        .join(ShowcasePhoto.showcase)
        .where(ShowcasePhoto.id == number, ShowcaseVersion.compound_id == compound.id)
        .options(contains_eager(ShowcasePhoto.showcase))
    )
    if found is not None:
        version = found.showcase
        latest = latest_of(db, compound.id, version.period)
        if (drafts and version.draft) or (latest is not None and latest.id == version.id):
            return found
    raise NotFound("没有这张照片，或尚未公示。")

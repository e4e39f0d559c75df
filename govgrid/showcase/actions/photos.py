"""Put photos into a draft and take them out again."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid import archive, journal
from govgrid.access import Actor
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Compound
from govgrid.showcase.actions.versions import draft_for
from govgrid.showcase.leftovers import leave, want_again
from govgrid.showcase.models import ShowcasePhoto
from govgrid.showcase.pictures import Picture
from govgrid.showcase.queries.versions import latest_of, photos_of

MOST = 12
"""Photos of one version."""


def add_photo(
    db: Session,
    actor: Actor,
    compound: Compound,
    period: date,
    picture: Picture,
    *,
    panel: str,
    caption: str,
    at: datetime,
) -> ShowcasePhoto:
    """Add a photo to the draft, which begins with it where there is none."""
    draft = draft_for(db, actor, compound, period, at=at)
    known = photos_of(db, draft)
    if len(known) >= MOST:
        raise Invalid("一期最多 %(n)s 张照片，请先删去几张。", n=MOST)
    if panel not in {one["word"] for one in draft.panels}:
        raise Invalid("没有“%(name)s”这个面板，请重新选择。", name=panel[:20])
    folder = db.info["settings"].archive
    want_again(db, map(archive.digest, (picture.large, picture.small)))
    made = ShowcasePhoto(
        version_id=draft.id,
        panel=panel,
        caption=caption,
        digest=archive.keep(folder, picture.large),
        small=archive.keep(folder, picture.small),
        width=picture.width,
        height=picture.height,
    )
    if any((one.panel, one.digest) == (panel, made.digest) for one in known):
        raise Invalid("这张照片已经在这一期里了。")
    db.add(made)
    db.flush()
    journal.record(
        db, actor, "add_photo", "showcase", compound.code, period=f"{period:%Y-%m}",
        panel=panel, caption=caption, sha256=made.digest,
    )  # fmt: skip
    return made


def remove_photo(
    db: Session, actor: Actor, compound: Compound, period: date, number: int, *, at: datetime
) -> None:
    """Take a photo out of the draft; what is published keeps it until the draft is published."""
    draft = draft_for(db, actor, compound, period, at=at)
    known = photos_of(db, draft)
    # The page may have shown the photos of the version from which the draft has just begun.
    begun_from = photos_of(db, latest_of(db, compound.id, period))
    marks = {(one.panel, one.digest) for one in (*known, *begun_from) if one.id == number}
    found = next((one for one in known if (one.panel, one.digest) in marks), None)
    if found is None:
        raise NotFound("草稿中没有这张照片，可能已经删去。")
    db.delete(found)
    leave(db, [found], at=at)
    journal.record(
        db, actor, "remove_photo", "showcase", compound.code, period=f"{period:%Y-%m}",
        panel=found.panel, caption=found.caption, sha256=found.digest,
    )  # fmt: skip

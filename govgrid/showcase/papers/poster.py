"""What is published of a period as an A3 poster: panels, photos, codes; more pages where needed."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy.orm import Session

from govgrid import archive
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Compound
from govgrid.press.fonts import Fonts
from govgrid.press.press import Sheet
from govgrid.showcase.letters import period_text
from govgrid.showcase.papers.code import drawn, environment, families, printable
from govgrid.showcase.queries.items import PanelShown, panels, showcase_of
from govgrid.showcase.queries.plans import plan_at
from govgrid.showcase.queries.versions import latest_of, photos_of
from govgrid.showcase.rules import PanelText, hidden, restored, signed
from govgrid.web.language import DEFAULT, local, speaking

MOST_PHOTOS = 4
"""Photos on the poster, in one row; the residents' page shows all."""


@dataclass(frozen=True, slots=True)
class Poster:
    """What the template lays out."""

    compound: Compound
    place: str
    period: str
    panels: list[PanelShown]
    said: dict[str, PanelText]
    published_on: date | None
    number: int
    note: str
    photos: list[tuple[str, str]]
    more_photos: int
    dense: str
    """How much there is: airy, roomy, full or dense."""


def poster_sheet(
    db: Session,
    fonts: Fonts,
    compound: Compound,
    district: Area | None,
    period: date,
    addresses: tuple[str, str],
    at: datetime,
) -> Sheet:
    """Return the poster of what is published. Raise `Invalid` where nothing is.

    `addresses`: residents' page, one-click page (or nothing).
    """
    items = showcase_of(db, [compound.id], period)
    if not items:
        raise Invalid("这一期还没有公示，没有内容可印。")
    plan, latest = plan_at(db, compound), latest_of(db, compound.id, period)
    pictures = photos_of(db, latest)
    shown = [one for one in panels(items, [p.word for p in plan.panels]) if one.items]
    folder = db.info["settings"].archive
    with speaking(DEFAULT):  # a poster is Chinese, whoever prints it
        name = period_text(plan, period)
    poster = Poster(
        compound,
        f"{district.name} {compound.community.name}" if district else compound.community.name,
        name,
        shown,
        {panel.word: panel for panel in restored(latest.panels)} if latest else {},
        min((i.published_on for i in items if i.published_on), default=None),
        latest.number if latest else 1,
        latest.note or "" if latest else "",
        [(f"{n}.jpg", one.caption) for n, one in enumerate(pictures[:MOST_PHOTOS])],
        max(0, len(pictures) - MOST_PHOTOS),
        _density(len(items) + (4 if pictures else 0)),
    )
    html = (
        environment()
        .get_template("poster.html")
        .render(
            families=partial(families, fonts),
            fit=lambda text: printable(fonts, hidden(text)),
            poster=poster,
            signed=signed,
            district=district,
            printed=local(at).date(),
            created=at.isoformat(timespec="seconds"),
        )
    )
    codes = [("code.svg", addresses[0]), ("help.svg", addresses[1])]
    return Sheet(
        html,
        at,
        images=tuple((name, drawn(text)) for name, text in codes if text),
        photos=tuple(
            (f"{n}.jpg", archive.fetch(folder, one.digest))
            for n, one in enumerate(pictures[:MOST_PHOTOS])
        ),
    )


def _density(rows: int) -> str:
    sizes = ((11, "airy"), (14, "roomy"), (22, "full"))
    return next((size for most, size in sizes if rows <= most), "dense")

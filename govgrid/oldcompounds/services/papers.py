"""The one-page paper of a service plan, for the residents' meeting: A4, three variants side by side."""

from datetime import datetime
from functools import lru_cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from govgrid.grid.models import Compound
from govgrid.oldcompounds.services.models import ServicePlan
from govgrid.oldcompounds.services.queries import figures_of, offer_of
from govgrid.oldcompounds.services.rules import CATALOGUE
from govgrid.press.fonts import Fonts
from govgrid.press.press import Sheet
from govgrid.web.language import local


def plan_sheet(fonts: Fonts, compound: Compound, plan: ServicePlan, at: datetime) -> Sheet:
    """Return what the press prints. Raise `Invalid` for a character no font has."""
    offers = [offer_of(variant) for variant in plan.variants]
    fonts.refuse_missing(
        [compound.name, compound.community.name, *(offer.name for offer in offers)], "hei"
    )
    html = (
        _environment()
        .get_template("paper.html")
        .render(
            families=partial(_families, fonts),
            compound=compound,
            plan=plan,
            columns=list(zip(offers, figures_of(plan), strict=True)),
            catalogue=CATALOGUE,
            as_of=local(plan.saved_at).date(),
            created=at.isoformat(timespec="seconds"),
        )
    )
    return Sheet(html, at)


def _families(fonts: Fonts, style: str) -> Markup:
    """Return the CSS list of a style's fonts, the first that has a character draws it."""
    names = ", ".join(f'"{face.key}"' for face in fonts.chains[style])
    return Markup(names)  # noqa: S704  # names of our own font files


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("govgrid.oldcompounds.services"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

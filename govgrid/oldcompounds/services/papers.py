"""The one-page paper of a service plan, for the residents' meeting: A4, three variants side by side."""

from datetime import datetime

from govgrid.grid.models import Compound
from govgrid.oldcompounds.services.models import ServicePlan
from govgrid.oldcompounds.services.queries import figures_of, offer_of
from govgrid.oldcompounds.services.rules import CATALOGUE
from govgrid.press.fonts import Fonts
from govgrid.press.paper import environment as papers
from govgrid.press.press import Sheet
from govgrid.web.language import local


def plan_sheet(fonts: Fonts, compound: Compound, plan: ServicePlan, at: datetime) -> Sheet:
    """Return what the press prints. Raise `Invalid` for a character no font has."""
    offers = [offer_of(variant) for variant in plan.variants]
    fonts.refuse_missing(
        [compound.name, compound.community.name, *(offer.name for offer in offers)], "hei"
    )
    html = (
        papers("govgrid.oldcompounds.services")
        .get_template("paper.html")
        .render(
            families=fonts.families,
            compound=compound,
            plan=plan,
            columns=list(zip(offers, figures_of(plan), strict=True)),
            catalogue=CATALOGUE,
            as_of=local(plan.saved_at).date(),
            created=at.isoformat(timespec="seconds"),
        )
    )
    return Sheet(html, at)

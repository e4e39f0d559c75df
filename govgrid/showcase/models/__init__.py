"""Tables of the dual-showcase, one module a noun."""

from govgrid.showcase.models.form import ShowcaseForm
from govgrid.showcase.models.item import ShowcaseItem
from govgrid.showcase.models.version import ShowcaseChase, ShowcasePhoto, ShowcaseVersion

__all__ = ["ShowcaseChase", "ShowcaseForm", "ShowcaseItem", "ShowcasePhoto", "ShowcaseVersion"]

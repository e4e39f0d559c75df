"""Tables of the dual-showcase, one module a noun."""

from govgrid.showcase.models.form import ShowcaseForm
from govgrid.showcase.models.item import ShowcaseItem
from govgrid.showcase.models.version import PhotoLeft, ShowcaseChase, ShowcasePhoto, ShowcaseVersion

__all__ = [
    "PhotoLeft",
    "ShowcaseChase",
    "ShowcaseForm",
    "ShowcaseItem",
    "ShowcasePhoto",
    "ShowcaseVersion",
]

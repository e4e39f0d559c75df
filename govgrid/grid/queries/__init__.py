"""Named reads of the grid, each starting from what the actor may see."""

from govgrid.grid.queries.areas import (
    Counts,
    area_at,
    area_seen,
    areas_of,
    children,
    crumbs,
    starts,
)
from govgrid.grid.queries.compounds import compound_seen, compounds_of, compounds_seen
from govgrid.grid.queries.officers import (
    Holder,
    Seat,
    holders,
    holders_at,
    officers_for_unit,
    on_duty,
    phone_tail,
    posts_for_unit,
    seats,
)
from govgrid.grid.queries.people import officer_seen, officers_seen, substitutes_on
from govgrid.grid.queries.responsible import Step, responsible_for_area, responsible_for_compound

__all__ = [
    "Counts",
    "Holder",
    "Seat",
    "Step",
    "area_at",
    "area_seen",
    "areas_of",
    "children",
    "compound_seen",
    "compounds_of",
    "compounds_seen",
    "crumbs",
    "holders",
    "holders_at",
    "officer_seen",
    "officers_for_unit",
    "officers_seen",
    "on_duty",
    "phone_tail",
    "posts_for_unit",
    "responsible_for_area",
    "responsible_for_compound",
    "seats",
    "starts",
    "substitutes_on",
]

"""Which organization a name means, made where nobody has named it yet."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.grid.models import Organization, OrganizationKind
from govgrid.oldcompounds.rules import Terms, fitting_kind


def operator_of(db: Session, terms: Terms) -> tuple[OrganizationKind | None, Organization | None]:
    """Return what kind of organization the operator is, and itself where it is known."""
    if terms.operator is None:
        return None, None
    named = db.scalars(select(Organization).where(Organization.name == terms.operator))
    known = {organization.kind: organization for organization in named}
    kind = fitting_kind(terms.operator, {terms.mode}, known)
    return kind, known.get(kind)


def make_operator(db: Session, terms: Terms, kind: OrganizationKind | None) -> Organization | None:
    """Add the organization that the terms name; None where they name none."""
    if terms.operator is None or kind is None:
        return None
    made = Organization(name=terms.operator, kind=kind)
    db.add(made)
    db.flush()
    return made

"""What a compound's notice board says: who answers, with duty phones, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from govgrid.access import Role
from govgrid.grid.models import Area, BoardPrint, Compound, Level
from govgrid.grid.queries.compounds import compounds_within
from govgrid.grid.queries.officers import Holder
from govgrid.grid.queries.responsible import Step, responsible
from govgrid.words import N_

HOUSING, COMPANY = N_("住建部门"), N_("物业企业")
PEOPLE = (Role.PROJECT_MANAGER, Role.GRID_LEADER, Role.POLICE, Role.MICRO_GRID_MEMBER)
DUE = frozenset({HOUSING, COMPANY, Role.PROJECT_MANAGER.word, Role.GRID_LEADER.word})
"""Lines that no board may lack unnoticed; police and micro-grid members stand where known."""
PHONED = DUE - {COMPANY}
"""Of these the phone is due too: a company is reached through its project manager."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or organization with its duty phone, None where not known."""

    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the board: its label (a msgid) and who stands there."""

    label: str
    contacts: tuple[Contact, ...]

    @property
    def due(self) -> bool:
        """Whether the board is incomplete without."""
        return self.label in DUE

    @property
    def vacant(self) -> bool:
        return not self.contacts

    @property
    def without_phone(self) -> bool:
        return not any(contact.phone for contact in self.contacts)


@dataclass(frozen=True, slots=True)
class Board:
    """A compound's board; the compound's community is loaded."""

    compound: Compound
    district: Area
    street: Area
    lines: tuple[Line, ...]

    @property
    def vacancies(self) -> tuple[str, ...]:
        """Return the labels of the due lines where nobody stands."""
        return tuple(line.label for line in self.lines if line.due and line.vacant)

    @property
    def without_phone(self) -> tuple[str, ...]:
        """Return the labels of the due lines whose phone is not known."""
        return tuple(
            line.label
            for line in self.lines
            if line.label in PHONED and not line.vacant and line.without_phone
        )

    @property
    def whole(self) -> bool:
        """Whether nothing due is missing."""
        return not (self.vacancies or self.without_phone)


def board_ids(db: Session, area: Area) -> list[int]:
    """Return the ids of an area's compounds, in the order of the bound boards."""
    rows = compounds_within(area).join(Compound.community).order_by(Area.path, Compound.code)
    return list(db.scalars(rows.with_only_columns(Compound.id)))


def boards(db: Session, ids: Sequence[int], on: date) -> list[Board]:
    """Return the boards of these compounds as of a day, in the order of the ids."""
    rows = (
        select(Compound)
        .where(Compound.id.in_(ids))
        .options(
            joinedload(Compound.community),
            joinedload(Compound.grid),
            joinedload(Compound.company),
            selectinload(Compound.micro_grids),
        )
    )
    found = {compound.id: compound for compound in db.scalars(rows)} if ids else {}
    above = _above(db, list(found.values()))
    chains = responsible(db, [], list(found.values()), on).of_compound
    return [_board(found[n], above, chains[n]) for n in ids if n in found]


def prints_of(db: Session, area: Area, limit: int = 5) -> list[BoardPrint]:
    """Return the latest print jobs of exactly this area."""
    rows = (
        select(BoardPrint)
        .where(BoardPrint.area_id == area.id)
        .options(joinedload(BoardPrint.officer))
        .order_by(BoardPrint.asked_at.desc(), BoardPrint.id.desc())
    )
    return list(db.scalars(rows.limit(limit)))


def _above(db: Session, compounds: Sequence[Compound]) -> dict[str, Area]:
    codes = {code for c in compounds for code in c.community.path.strip("/").split("/")}
    rows = select(Area).where(Area.code.in_(codes))
    return {area.code: area for area in db.scalars(rows)} if codes else {}


def _board(compound: Compound, above: dict[str, Area], chain: list[Step]) -> Board:
    upward = [above[code] for code in compound.community.path.strip("/").split("/")]
    levels = {area.level: area for area in upward}
    held: dict[Role, list[Holder]] = {}
    for step in chain:
        held.setdefault(step.role, []).extend(step.holders)
    return Board(
        compound,
        levels.get(Level.DISTRICT, upward[0]),
        levels.get(Level.STREET, upward[-1]),
        (
            Line(HOUSING, _department(held.get(Role.HOUSING_OFFICER, []))),
            Line(COMPANY, _company(compound)),
            *(Line(role.word, _people(held.get(role, []))) for role in PEOPLE),
        ),
    )


def _department(held: Sequence[Holder]) -> tuple[Contact, ...]:
    """Return the department by its own name and phone, else by its officer's."""
    for holder in held:
        department = holder.officer.organization
        name = department.name if department else holder.officer.name
        phone = department.phone if department else None
        return (Contact(name, phone or holder.officer.phone),)
    return ()


def _company(compound: Compound) -> tuple[Contact, ...]:
    company = compound.company
    return (Contact(company.name, company.phone),) if company else ()


def _people(held: Sequence[Holder]) -> tuple[Contact, ...]:
    people = {h.officer.id: Contact(h.officer.name, h.officer.phone) for h in held}
    return tuple(people.values())

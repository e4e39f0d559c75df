"""Tables of the texts under which the directory finds people, compounds and areas.

A trigger takes them away with their subject; a foreign key would look each one up in vain.
"""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base, ordered

_NO_ROWID = {"sqlite_with_rowid": False}


class OfficerKey(Base):
    """A text under which the directory finds a person."""

    __tablename__ = "officer_keys"
    __table_args__ = (Index("ix_officer_keys_officer_id", "officer_id"), _NO_ROWID)

    key: Mapped[str] = mapped_column(ordered(24), primary_key=True)
    officer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CompoundKey(Base):
    """A text under which the directory finds a compound."""

    __tablename__ = "compound_keys"
    __table_args__ = (Index("ix_compound_keys_compound_id", "compound_id"), _NO_ROWID)

    key: Mapped[str] = mapped_column(ordered(24), primary_key=True)
    compound_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class AreaKey(Base):
    """A text under which the directory finds an area."""

    __tablename__ = "area_keys"
    __table_args__ = (Index("ix_area_keys_area_id", "area_id"), _NO_ROWID)

    key: Mapped[str] = mapped_column(ordered(24), primary_key=True)
    area_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)

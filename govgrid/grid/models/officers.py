"""Tables of officers, of their posts, and of when they cannot come."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.access import Role
from govgrid.cipher import TAIL_IN_STORED, Encrypted, EncryptedPhone
from govgrid.db import Base, enumeration, ordered
from govgrid.grid.follow import follows
from govgrid.grid.models.areas import Area
from govgrid.grid.models.compounds import Compound, Organization
from govgrid.words import N_


class Officer(Base):
    """A person; what the person does stands in the posts.

    `phone_tail`, cut by the database out of the stored phone, is the keyed digest of its last four
    digits.
    """

    __tablename__ = "officers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ordered(40), unique=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("officers.phone"))
    phone_tail: Mapped[str | None] = mapped_column(
        String(16), Computed(TAIL_IN_STORED, persisted=True), index=True, deferred=True
    )
    email: Mapped[str | None] = mapped_column(String(254))
    version: Mapped[int] = mapped_column(default=1)

    organization: Mapped[Organization | None] = relationship(lazy="raise")
    posts: Mapped[list["Post"]] = relationship(back_populates="officer", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Post(Base):
    """A dated post: role over one area or at one compound; `until` is the last day held."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("(area_id IS NULL) <> (compound_id IS NULL)", name="one_place"),
        CheckConstraint("until IS NULL OR since IS NULL OR until >= since", name="period"),
        Index("ix_posts_area_id_role", "area_id", "role"),
        Index("ix_posts_compound_id_role", "compound_id", "role"),
        UniqueConstraint("officer_id", "role", "area_id", "compound_id", "since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    role: Mapped[Role] = mapped_column(enumeration(Role))
    area_id: Mapped[int | None] = mapped_column(
        ForeignKey("areas.id"), info=follows(N_("任职"), label="officer_id.name", dated=True)
    )
    compound_id: Mapped[int | None] = mapped_column(ForeignKey("compounds.id"))
    since: Mapped[date | None]
    until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    officer: Mapped[Officer] = relationship(back_populates="posts", lazy="raise")
    area: Mapped[Area | None] = relationship(lazy="raise")
    compound: Mapped[Compound | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Substitute(Base):
    """Who stands in for the holder of a post in a period; `until` is the last day."""

    __tablename__ = "substitutes"
    __table_args__ = (CheckConstraint("until >= since", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"),
        index=True,
        info=follows(N_("替岗"), label="officer_id.name", dated=True),
    )
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    since: Mapped[date]
    until: Mapped[date]

    post: Mapped[Post] = relationship(lazy="raise")
    officer: Mapped[Officer] = relationship(lazy="raise")


class BusyFeed(Base):
    """A calendar outside from which an officer's busy times are read again and again.

    The address is a secret of its owner. `failure` is why the last reading brought nothing.
    """

    __tablename__ = "busy_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    address: Mapped[str] = mapped_column(Encrypted("busy_feeds.address"))
    host: Mapped[str] = mapped_column(String(253))
    added_at: Mapped[datetime]
    read_after: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(200))

    officer: Mapped[Officer] = relationship(lazy="raise")


class Absence(Base):
    """A time in which an officer cannot come; `end` is excluded. `feed_id`: read from there."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint('"end" > start', name="period"),
        Index("ix_absences_officer_id_start", "officer_id", "start"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(40))
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("busy_feeds.id"), index=True)

"""Tables of drafts and published versions, their photos, and who was asked to publish."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base
from govgrid.grid.models import Compound

_DRAFT = text("draft")


class ShowcaseVersion(Base):
    """What a compound's project says of a period: one draft at most, and every published version.

    A published version never changes: a correction is the next number and says what changed
    (`note`). `panels` are word, kind, lines and balances, amounts as decimal text. The day of
    publication is unknown where a sheet brought it without one.
    """

    __tablename__ = "showcase_versions"
    __table_args__ = (
        UniqueConstraint("compound_id", "period", "number"),
        Index(
            "ix_showcase_versions_draft",
            "compound_id",
            "period",
            unique=True,
            sqlite_where=_DRAFT,
            postgresql_where=_DRAFT,
        ),
        CheckConstraint("NOT draft OR published_on IS NULL", name="draft"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"))
    period: Mapped[date]
    number: Mapped[int]
    draft: Mapped[bool]
    panels: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(String(400))
    written_by: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime]
    published_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    compound: Mapped[Compound] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ShowcasePhoto(Base):
    """A photo of a version; the picture and its small copy lie in the archive under their hashes."""

    __tablename__ = "showcase_photos"
    __table_args__ = (
        Index("ix_showcase_photos_version_id", "version_id"),
        Index("ix_showcase_photos_digest", "digest"),
        Index("ix_showcase_photos_small", "small"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("showcase_versions.id"))
    panel: Mapped[str] = mapped_column(String(20))
    caption: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    small: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]

    showcase: Mapped[ShowcaseVersion] = relationship(lazy="raise")


class PhotoLeft(Base):
    """A file that a photo taken out of a draft has left in the archive, until it is cleared away."""

    __tablename__ = "showcase_photos_left"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(index=True)


class ShowcaseChase(Base):
    """On that day the project of a compound was asked to publish the period, by so many letters."""

    __tablename__ = "showcase_chases"

    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(80))
    letters: Mapped[int]

"""Tables of what is attached to agenda items."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base, enumeration
from govgrid.words import N_, Word


class Media(Word):
    """What sort of file it is, as its first bytes say."""

    PDF = "pdf", N_("PDF")
    PNG = "png", N_("PNG 图片")
    JPEG = "jpeg", N_("JPEG 图片")
    WEBP = "webp", N_("WebP 图片")

    @property
    def type(self) -> str:
        """Return the media type that a browser is told."""
        return f"{'application' if self is Media.PDF else 'image'}/{self.value}"


class Attachment(Base):
    """A file under an agenda item; its bytes (`size` of them) lie in the archive by their hash."""

    __tablename__ = "attachments"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    media: Mapped[Media] = mapped_column(enumeration(Media))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(80))

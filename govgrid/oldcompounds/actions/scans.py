"""Keep an agreement's scan: in the archive under its hash, its type by its first bytes."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import archive
from govgrid.access import Actor
from govgrid.errors import Invalid
from govgrid.media import JPEG, PDF, PNG, media_type
from govgrid.oldcompounds.models import Scan
from govgrid.settings import Settings

MOST = 15 * 1024 * 1024  # bytes: some forty pages as a scanner makes them
TYPES = frozenset({PDF, PNG, JPEG})


def keep_scan(db: Session, actor: Actor, name: str, data: bytes, *, at: datetime) -> str:
    """Keep the file and return its hash. Raise `Invalid` for what is no scan, or too large."""
    if len(data) > MOST:
        raise Invalid("扫描件超过 15 MB，请压缩后再上传。")
    kind = media_type(data)
    if kind not in TYPES:
        raise Invalid("“%(name)s”不是 PDF、PNG 或 JPEG 文件，请上传协议的扫描件。", name=name[:60])
    settings: Settings = db.info["settings"]
    kept = archive.keep(settings.archive, data)
    if db.get(Scan, kept) is None:
        db.add(
            Scan(
                sha256=kept,
                name=name[-120:],
                media_type=kind,
                size=len(data),
                added_at=at,
                added_by=actor.name,
            )
        )
        db.flush()
    return kept

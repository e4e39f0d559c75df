"""What was attached as files: inside the PDF as they came, pictures on a page of their own too."""

from collections.abc import Iterator
from pathlib import Path

from govgrid import archive
from govgrid.errors import Refusal
from govgrid.meetings.models import Media
from govgrid.meetings.papers.document import EnclosedFile
from govgrid.meetings.record import Record
from govgrid.meetings.rules.agenda import MIB
from govgrid.showcase.pictures import develop

MOST = 24 * MIB
"""Of all files in one paper; a child holds them several times over while it prints."""
TOO_MUCH = f"附件合计超过{MOST // MIB}MB，本件未嵌入，由系统另存"


def files_of(record: Record, folder: Path | None = None) -> tuple[EnclosedFile, ...]:
    """Return the record's files; from the archive folder with their bytes, as they are printed.

    Raise `Unavailable` where the archive has lost one: a paper without it would be another paper.
    """
    return tuple(_read(record, folder))


def _read(record: Record, folder: Path | None) -> Iterator[EnclosedFile]:
    room = MOST
    for number, one in enumerate(record.get("files", ()), 1):
        media = Media.of_key(one["media"])
        content = b""
        if folder is not None and one["size"] <= room:
            content = archive.fetch(folder, one["sha256"])
            room -= len(content)
        picture, why = b"", "" if content or folder is None else TOO_MUCH
        if content and media is not Media.PDF:
            picture, why = _picture(content)
        yield EnclosedFile(
            place=f"attachment-{number:02}.{media.value}",
            name=one["name"],
            item=one["item"],
            kind=str(media.word),
            size=one["size"],
            digest=one["sha256"],
            content=content,
            picture=picture,
            why=why,
        )


def _picture(data: bytes) -> tuple[bytes, str]:
    """Return the picture as it is printed, or nothing and why; the rest is printed all the same."""
    try:
        return develop(data).large, ""
    except Refusal:
        return b"", "图片已损坏或像素过多，未另页印出"

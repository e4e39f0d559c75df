"""What a backup holds: the last member of its tar, sealed with the installation's secret."""

import hashlib
import hmac
import json
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from govgrid.errors import Invalid

NAME = "manifest.json"
DATABASE = "database"
HEADS = "journal-heads"
MOST = 256 * 1024 * 1024  # bytes of a manifest; a million files fit


@dataclass(frozen=True, slots=True)
class Part:
    """One member of the tar: its name, bytes and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """When and from which engine and schema the backup was made, and every part of it."""

    made_at: str
    engine: str
    schema: str
    parts: tuple[Part, ...]

    def seal(self, key: str) -> str:
        """Return the HMAC over everything."""
        plain = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hmac.new(key.encode(), f"backup\n{plain}".encode(), hashlib.sha256).hexdigest()

    def written(self, key: str) -> bytes:
        """Return the member's bytes."""
        return json.dumps({**asdict(self), "seal": self.seal(key)}, ensure_ascii=False).encode()

    @classmethod
    def read(cls, tar: tarfile.TarFile, key: str) -> Self:
        """Return the manifest. Raise `Invalid` where it is missing, cut off or not ours."""
        try:
            member = tar.extractfile(NAME)
            assert member
            given = json.loads(member.read(MOST))
            seal = given.pop("seal")
            parts = tuple(Part(**part) for part in given.pop("parts"))
            found = cls(**given, parts=parts)
        except (KeyError, TypeError, ValueError, AttributeError, tarfile.TarError, OSError):
            raise Invalid("备份文件不完整或已损坏：缺少清单。请换一份备份。") from None
        if not hmac.compare_digest(str(seal), found.seal(key)):
            raise Invalid(
                "备份清单的校验值不符：文件被改动，或 GOVGRID_SECRET 与备份时不同。"
                "请用备份时的密钥重试。"
            )
        return found


def opened_by(path: Path, key: str) -> bool:
    """Tell whether the backup there was sealed with the secret."""
    try:
        with tarfile.open(path, "r:") as tar:
            Manifest.read(tar, key)
    except (Invalid, tarfile.TarError, EOFError, OSError):
        return False
    return True

"""Files that never change, kept under the hash of their bytes."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from govgrid.errors import Unavailable


def digest(data: bytes) -> str:
    """Return the SHA-256 under which the bytes are kept, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def keep(folder: Path, data: bytes) -> str:
    """Store the bytes and return their hash; the same bytes are stored once.

    Written beside, synced and renamed, so that a crash leaves no half file.
    """
    name = digest(data)
    path = _path(folder, name)
    if path.exists():
        return name
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
        beside.write(data)
        beside.flush()
        os.fsync(beside.fileno())
    Path(beside.name).rename(path)
    return name


def fetch(folder: Path, name: str) -> bytes:
    """Return the bytes. Raise `Unavailable` where they are gone or not what they were."""
    path = _path(folder, name)
    if not path.is_file():
        raise Unavailable("存档文件缺失（%(name)s），请联系管理员从备份恢复。", name=name[:12])
    data = path.read_bytes()
    if digest(data) != name:
        raise Unavailable("存档文件已损坏（%(name)s），请联系管理员从备份恢复。", name=name[:12])
    return data


def names(folder: Path) -> Iterator[str]:
    """Yield the hash of every kept file."""
    for path in sorted(folder.glob("??/*")):
        if len(path.name) == hashlib.sha256().digest_size * 2:
            yield path.name


def _path(folder: Path, name: str) -> Path:
    return folder / name[:2] / name

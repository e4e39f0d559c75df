"""Files that never change, kept under the hash of their bytes; files written beside, then named."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govgrid.errors import Conflict, Unavailable

CHUNK = 1024 * 1024


def digest(data: bytes) -> str:
    """Return the SHA-256 under which the bytes are kept, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file of any size, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(folder: Path, data: bytes) -> str:
    """Store the bytes and return their hash; the same bytes are stored once.

    Written beside, synced and renamed, so that a crash leaves no half file.
    """
    name = digest(data)
    path = place(folder, name)
    if path.exists():
        return name
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).rename(path)
    return name


def fetch(folder: Path, name: str) -> bytes:
    """Return the bytes. Raise `Unavailable` where they are gone or not what they were."""
    path = place(folder, name)
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


def place(folder: Path, name: str) -> Path:
    """Return where the file of that hash is kept."""
    return folder / name[:2] / name


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Yield a path next to `path` to write to; without an error it takes its name, synced.

    A kill leaves the old file and a `.NAME.part`, which the next writer overwrites. Raise
    `Conflict` where another process writes the same file now.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.name}.part"
    with part.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("另一个程序正在写入“%(name)s”，请等它结束。", name=path.name) from None
        held.truncate(0)
        try:
            yield part
            sync(part)
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Put a file's or a folder's bytes onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Texts encrypted in the database under a key kept outside it, and the digest of a phone's tail."""

import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Text, TypeDecorator, make_url
from sqlalchemy.orm import Session
from sqlalchemy.sql.operators import OperatorType

from govgrid.errors import Invalid, Unavailable
from govgrid.settings import Settings

# What is stored: gv1.KEY.base64, for phones gv1.KEY.TAIL.base64 (key and tail in hex digits).
_STORED = re.compile(r"gv1\.(?P<key>[0-9a-f]{8})\.(?:(?P<tail>[0-9a-f]{16})\.)?(?P<rest>[\w+/=]*)")
_NONCE = 12
TAIL = 4
TAIL_IN_STORED = "substr(phone, 14, 16)"  # SQL over a stored phone


class Key:
    """One data key, derived from a secret text."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.name = self._derived("name", 4).hex()
        self.prefix = f"gv1.{self.name}."
        self._aead = AESGCM(self._derived("data", 32))
        self._tails = self._derived("phone tail", 32)
        self._known: dict[str, str] = {}  # of at most 10,000 tails

    def _derived(self, purpose: str, length: int) -> bytes:
        return HKDF(SHA256(), length, None, f"govgrid {purpose}".encode()).derive(self._secret)

    def seal(self, text: str, place: str, tail: str = "") -> str:
        """Return the stored form; `place` is table.column, bound to the text."""
        head = f"{self.prefix}{tail}." if tail else self.prefix
        nonce = os.urandom(_NONCE)
        sealed = self._aead.encrypt(nonce, text.encode(), f"{place}:{head}".encode())
        return head + b64encode(nonce + sealed).decode()

    def open(self, head: str, rest: str, place: str) -> str:
        """Return the text. Raise `InvalidTag` where it was not sealed so."""
        sealed = b64decode(rest)
        about = f"{place}:{head}".encode()
        return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], about).decode()

    def tail(self, digits: str) -> str:
        """Return the digest of a phone's last digits: nobody tries 10,000 tails without the key."""
        if digits not in self._known:
            digest = hmac.digest(self._tails, digits.encode(), "sha256")
            self._known[digits] = digest[:8].hex()
        return self._known[digits]


class Ring:
    """The keys of one installation: the first seals, all open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def keys(self) -> dict[str, Key]:
        """Return the keys by name, the sealing one first."""
        return {key.name: key for key in map(Key, self._secrets())}

    @cached_property
    def first(self) -> Key:
        """Return the key that seals."""
        return next(iter(self.keys.values()))

    def _secrets(self) -> Iterator[str]:
        given = [*self._settings.data_keys, *filter(None, [self._settings.secret])]
        yield from given
        beside = key_file(self._settings)
        if beside.exists() or not given:
            yield _read_or_make(beside)

    def seal(self, text: str, place: str) -> str:
        """Return the stored form of the text."""
        return self.first.seal(text, place)

    def seal_phone(self, text: str, place: str) -> str:
        """Return the stored form of a phone, its tail's digest in front."""
        return self.first.seal(text, place, self.first.tail(last_digits(text)))

    def open(self, stored: str, place: str) -> str:
        """Return the text; what a database held before it was encrypted comes back as it is.

        Raise `Unavailable` where no key fits.
        """
        found = _STORED.fullmatch(stored)
        if found is None:
            return stored
        key = self.keys.get(found["key"])
        if key is None:
            raise Unavailable(
                "数据库中的电话或诉求内容由另一密钥加密（编号 %(key)s）。请将原密钥列入 GOVGRID_DATA_KEY。",
                key=found["key"],
            )
        try:
            return key.open(stored[: found.start("rest")], found["rest"], place)
        except (InvalidTag, ValueError):
            raise Unavailable("数据库中有一处加密内容已损坏，请从备份恢复。") from None


_rings: WeakKeyDictionary[Dialect, Ring] = WeakKeyDictionary()


def entrust(dialect: Dialect, settings: Settings) -> None:
    """Give the columns of one engine the keys of its installation."""
    _rings[dialect] = Ring(settings)


def ring_of(db: Session) -> Ring:
    """Return the keys of the session's database."""
    return _rings[db.get_bind().dialect]


def tails(db: Session, digits: str) -> list[str]:
    """Return the digests under which a phone ending in these four digits may be stored."""
    return [key.tail(digits) for key in ring_of(db).keys.values()]


def last_digits(phone: str) -> str:
    """Return a phone's last four digits."""
    tail = phone[-TAIL:]
    return tail if tail.isdecimal() else re.sub(r"\D", "", phone)[-TAIL:]


class Encrypted(TypeDecorator[str]):
    """A text column sealed under the installation's key; SQL can only ask whether it is empty."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    class Comparator(TypeDecorator.Comparator[str]):
        """Refuses comparisons with a text, which could never be true."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> Any:
            if any(isinstance(value, str | list | tuple | set) for value in other):
                msg = "an encrypted column cannot be compared in SQL"
                raise TypeError(msg)
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _rings[dialect].seal(value, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _rings[dialect].open(value, self.place)


class EncryptedPhone(Encrypted):
    """A phone whose stored form begins with the digest of its tail, so that both stay in step."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _rings[dialect].seal_phone(value, self.place)


def key_file(settings: Settings) -> Path:
    """Return where the key stands that an installation without any secret makes for itself."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(f"{url.database}.key")
    return Path("var/govgrid.key")


def _read_or_make(path: Path) -> str:
    """Return the secret of the file, made at the first need, readable by its owner alone."""
    if not path.exists():
        _make(path)
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise Invalid("密钥文件 %(name)s 不完整，请从备份恢复。", name=str(path))
    return secret


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as file:
        file.write(os.urandom(32).hex())
        file.flush()
        os.fsync(file.fileno())
        # A link, unlike a rename, leaves the key alone that another process made meanwhile.
        with suppress(FileExistsError):
            path.hardlink_to(file.name)

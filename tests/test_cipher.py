"""What stands encrypted in the database, who can read it, and how a key is changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select, text, update

from govgrid import schema
from govgrid.cipher import Encrypted, Ring, key_file
from govgrid.db import Database, metadata
from govgrid.errors import Invalid, Unavailable
from govgrid.grid.models import Officer, Organization, OrganizationKind
from govgrid.grid.queries import phone_tail
from govgrid.settings import Settings
from tests import build

pytestmark = pytest.mark.usefixtures("engines_apart")  # the databases here differ in their keys

RING = Ring(Settings(secret="s" * 40))
OTHER = "another-secret-that-is-long-enough-too"


def stored(db: object, table: str = "officers", column: str = "phone") -> list[str]:
    return list(db.execute(text(f"SELECT {column} FROM {table} ORDER BY id")).scalars())  # type: ignore[attr-defined]


@given(st.text())
def test_what_is_sealed_opens_again(words: str) -> None:
    words = words.encode(errors="replace").decode()
    sealed = RING.seal(words, "cases.content")
    assert RING.open(sealed, "cases.content") == words
    assert RING.seal(words, "cases.content") != sealed
    with pytest.raises(Unavailable):
        RING.open(sealed, "officers.phone")


@given(st.text(), st.integers(0))
def test_what_was_never_sealed_comes_back_as_it_is(words: str, at: int) -> None:
    assert RING.open(words, "cases.content") == words


def test_a_changed_letter_or_tail_is_noticed() -> None:
    sealed = RING.seal_phone("10000000001", "officers.phone")
    swapped = "0" if sealed[-1] != "0" else "1"
    for wrong in (sealed[:-2] + swapped + sealed[-1], sealed[:13] + "0" * 16 + sealed[29:]):
        with pytest.raises(Unavailable):
            RING.open(wrong, "officers.phone")


def test_the_database_holds_no_phone(database: Database) -> None:
    with database.writing() as db:
        build.officer(db, "周", phone="10000001234")
        db.add(Organization(name="甲", kind=OrganizationKind.OTHER, phone="10000005678"))
    with database.reading() as db:
        for raw in [*stored(db), *stored(db, "organizations")]:
            assert raw.startswith("gv1.")
            assert "1234" not in raw[:13]
            assert "10000" not in raw
        assert db.scalar(select(Officer.phone)) == "10000001234"
        assert db.scalar(select(Organization.phone)) == "10000005678"


def test_a_phone_is_found_by_its_tail_however_it_was_written(database: Database) -> None:
    with database.writing() as db:
        build.officer(db, "甲", phone="10000001234")
        build.officer(db, "乙", phone="028-60001234")
        build.officer(db, "丙")
    with database.writing() as db:
        found = db.scalars(select(Officer.name).where(phone_tail(db, "1234")).order_by(Officer.id))
        assert list(found) == ["甲", "乙"]
        db.execute(update(Officer).where(Officer.name == "甲").values(phone="10000009999"))
        assert list(db.scalars(select(Officer.name).where(phone_tail(db, "1234")))) == ["乙"]
        assert list(db.scalars(select(Officer.name).where(phone_tail(db, "9999")))) == ["甲"]
        db.execute(update(Officer).where(Officer.name == "乙").values(phone=None))
        assert list(db.scalars(select(Officer.name).where(phone_tail(db, "1234")))) == []


def test_the_tail_is_searched_by_an_index(database: Database) -> None:
    names = {index["name"] for index in inspect(database.engine).get_indexes("officers")}
    assert "ix_officers_phone_tail" in names


def test_comparing_an_encrypted_column_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        Officer.phone == "10000000001"  # noqa: B015
    assert "IS NULL" in str(Officer.phone.is_(None))


@pytest.fixture
def migrated(settings: Settings, tmp_path: Path) -> Iterator[Database]:
    """Return a migrated SQLite database: what this is about is the same on both engines."""
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    opened = Database(replace(settings, database_url=url))
    schema.migrate(opened)
    yield opened
    opened.close()


def test_migrating_encrypts_what_was_readable(migrated: Database) -> None:
    with migrated.writing() as db:
        for number in range(3):
            db.execute(
                text("INSERT INTO officers (code, name, phone, version) VALUES (:c, 'x', :p, 1)"),
                {"c": str(number), "p": f"1000000123{number}"},
            )
    schema.migrate(migrated)
    with migrated.reading() as db:
        assert all(raw.startswith("gv1.") for raw in stored(db))
        assert set(db.scalars(select(Officer.phone))) == {f"1000000123{n}" for n in range(3)}
        assert db.scalar(select(Officer.code).where(phone_tail(db, "1232"))) == "2"


def test_a_key_is_changed_while_the_old_one_opens(migrated: Database) -> None:
    with migrated.writing() as db:
        build.officer(db, "周", phone="10000001234")
    changed = Database(replace(migrated.settings, data_keys=(OTHER,)))
    with changed.reading() as db:
        before = stored(db)
        assert db.scalar(select(Officer.phone).where(phone_tail(db, "1234"))) == "10000001234"
    schema.migrate(changed)
    with changed.reading() as db:
        assert stored(db) != before
    changed.close()
    alone = Database(replace(migrated.settings, secret="", data_keys=(OTHER,)))
    with alone.reading() as db:
        assert db.scalar(select(Officer.phone).where(phone_tail(db, "1234"))) == "10000001234"
    alone.close()
    with migrated.reading() as db, pytest.raises(Unavailable, match="GOVGRID_DATA_KEY"):
        db.scalar(select(Officer.phone))


def test_without_any_secret_a_key_file_is_made_and_still_opens_later(migrated: Database) -> None:
    bare = Database(replace(migrated.settings, secret=""))
    with bare.writing() as db:
        build.officer(db, "周", phone="10000001234")
    bare.close()
    beside = key_file(migrated.settings)
    assert beside.stat().st_mode & 0o777 == 0o600
    later = Database(migrated.settings)
    with later.reading() as db:
        assert db.scalar(select(Officer.phone)) == "10000001234"
    later.close()
    beside.write_text("short")
    broken = Database(replace(migrated.settings, secret=""))
    with broken.reading() as db, pytest.raises(Invalid):
        db.scalar(select(Officer.phone))
    broken.close()


def test_a_short_data_key_is_refused() -> None:
    assert Settings.read({"GOVGRID_DATA_KEY": f"{OTHER}, {'b' * 32}"}).data_keys[1] == "b" * 32
    with pytest.raises(Invalid):
        Settings.read({"GOVGRID_DATA_KEY": f"{OTHER},short"})


def test_every_phone_and_complaint_is_encrypted() -> None:
    schema.load_models()
    plain = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if column.name in {"phone", "content"} and not isinstance(column.type, Encrypted)
    ]
    assert plain == []

"""Tables by month: rows find their month, months go whole, the way there and back keeps every row."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, func, select, text, update

from govgrid import journal, months, schema
from govgrid.access import Role
from govgrid.cases.models import Case
from govgrid.db import Database
from govgrid.journal import heads, retention, writing
from govgrid.meetings.models import ActionItem
from govgrid.meetings.retention import forget_letters
from govgrid.outbox.actions import Draft, queue
from govgrid.outbox.models import Letter
from govgrid.outbox.worker import hourly
from tests import build
from tests.conftest import NOW
from tests.web import tree
from tests.web.world import Founder

JOURNAL, LETTERS = months.parted()


def month(table: Table, digits: str) -> months.Month:
    return months._month(table.name, digits)


def write(database: Database, *moments: datetime) -> None:
    """Write a line of the journal and a letter that left at each moment."""
    for at in moments:
        with pytest.MonkeyPatch.context() as patch, database.writing() as db:
            patch.setattr(writing, "_now", lambda at=at: at)
            journal.record(db, None, "move", "meeting", 1)
            queue(db, draft(f"k{at:%Y%m%d%H}"), at=at)
            db.flush()
            db.execute(text("UPDATE letters SET sent_at = queued_at WHERE sent_at IS NULL"))


def draft(key: str, about: str = "desk:1") -> Draft:
    return Draft(key, about, "书记", "wang@example.com", "王网格", "通知", "正文", "<p>正文</p>")


def places(database: Database, table: Table) -> list[str]:
    """Return in whose partition each row lies."""
    with database.reading() as db:
        found = text(f"SELECT tableoid::regclass::text FROM {table.name} ORDER BY id")
        return list(db.scalars(found))


def faults(database: Database) -> list[journal.Fault]:
    anchors = heads.read(database.settings)
    with database.reading() as db:
        return list(journal.prove(db, anchors))


postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@postgresql
def test_rows_go_into_their_month_and_back_into_one_table(database: Database) -> None:
    write(database, NOW)
    assert months.make_months(database, NOW) == 2 * months.AHEAD
    assert months.make_months(database, NOW) == 0
    write(database, NOW, NOW + timedelta(days=30), NOW + timedelta(days=400))
    assert places(database, LETTERS) == ["letters_rest", "letters_202612", "letters_rest"]
    assert places(database, JOURNAL) == ["journal_rest"] * 2 + ["journal_202612", "journal_rest"]
    assert faults(database) == []
    assert schema.differences(database) == []
    before = database.settings
    schema.roll_back(database, "0043")
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Letter)) == 3
    schema.migrate(database)
    assert places(database, LETTERS) == ["letters_rest"] * 3
    assert faults(database) == []
    assert database.settings == before
    write(database, NOW + timedelta(hours=1))  # numbers go on after the highest


@postgresql
def test_a_month_with_rows_in_the_rest_stays_there(database: Database) -> None:
    write(database, NOW + timedelta(days=30))
    assert months.make_months(database, NOW) == 2 * (months.AHEAD - 1)
    write(database, NOW + timedelta(days=31))
    assert places(database, LETTERS) == ["letters_rest"] * 2


@postgresql
def test_nobody_touches_a_month_of_the_journal(database: Database) -> None:
    months.make_months(database, NOW)
    write(database, NOW + timedelta(days=30))
    for attempt in ("DELETE FROM journal", "UPDATE journal_202612 SET actor = ''",
                    "DELETE FROM journal_202612", "TRUNCATE journal_202612", "TRUNCATE journal"):  # fmt: skip
        with pytest.raises(Exception, match="append-only"), database.writing() as db:
            db.execute(text(attempt))
    assert places(database, JOURNAL) == ["journal_202612"]


@postgresql
def test_a_month_of_the_journal_goes_whole_behind_a_sealed_cut(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    old = (old - timedelta(days=900)).replace(day=1)
    monthly = [month(JOURNAL, f"{old + timedelta(days=d):%Y%m}") for d in (0, 40)]
    for one in monthly:
        assert months.make_month(database, JOURNAL, one)
    late = monthly[0].end + timedelta(seconds=1)
    # Sealed after a line of the next month, as requests at midnight may be.
    write(database, old - timedelta(days=9), old, late, monthly[0].end - timedelta(seconds=2))
    write(database, monthly[1].start + timedelta(days=20), datetime.now(UTC))
    now = datetime.now(UTC)
    noted = len(heads.read(database.settings))
    assert retention.trim(database, now) == 1  # what lay in the rest
    assert retention.trim(database, now) == 3
    assert len(heads.read(database.settings)) > noted
    assert "journal_" + monthly[0].name[-6:] not in places(database, JOURNAL)
    assert faults(database) == []
    with database.reading() as db:
        assert [m.name for m in months.months_of(db, JOURNAL)] == [monthly[1].name]

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(heads, "_append", full)
    with pytest.raises(OSError):  # noqa: PT011  # no head noted: nothing goes
        retention.trim(database, now)
    monkeypatch.undo()
    assert monthly[1].name in places(database, JOURNAL)
    assert retention.trim(database, now) == 1
    assert faults(database) == []
    assert retention.trim(database, now) == 0


def test_letters_past_retention_go_unless_something_open_speaks_of_them(
    database: Database,
) -> None:
    long_ago = NOW - timedelta(days=900)
    with database.writing() as db:
        community = tree.codes(db)["1.1.1"]
        secretary = build.officer(db, "书记", Role.SECRETARY, community)
        founder = Founder(db, NOW)
        place = founder.place(community, community)
        held, coming = place.things["meeting"], founder.coming(place, secretary)
        db.execute(text("DELETE FROM letters"))
        case = db.scalars(select(Case.id)).one()
        about = {
            "coming": f"meeting:{coming['meeting']}", "held": f"meeting:{held['meeting']}",
            "case": f"case:{case}", "desk": "desk:1",
        }  # fmt: skip
        for key, subject in about.items():
            queue(db, draft(key, subject), at=long_ago)
        db.flush()
        db.execute(text("UPDATE letters SET sent_at = queued_at"))
        queue(db, draft("waiting"), at=long_ago)
        queue(db, draft("young"), at=NOW)
    assert (forget_letters(database, NOW), forget_letters(database, NOW)) == (1, 0)
    assert keys(database) == {"coming", "held", "case", "waiting", "young"}
    with database.writing() as db:
        db.execute(update(Case).values(closed_at=NOW))
        db.execute(update(ActionItem).values(closed_at=NOW, evidence="已整改"))
    assert (forget_letters(database, NOW), forget_letters(database, NOW)) == (2, 0)
    assert keys(database) == {"coming", "waiting", "young"}


def keys(database: Database) -> set[str]:
    with database.reading() as db:
        return set(db.scalars(select(Letter.key)))


@postgresql
def test_a_month_of_letters_waits_for_what_it_holds(database: Database) -> None:
    for digits in ("202401", "202402"):
        assert months.make_month(database, LETTERS, month(LETTERS, digits))
    january = datetime(2024, 1, 9, tzinfo=UTC)
    write(database, january)
    with database.writing() as db:
        queue(db, draft("waiting"), at=january)
    assert forget_letters(database, NOW) == 1  # February holds nothing
    assert forget_letters(database, NOW) == 0
    with database.writing() as db:
        db.execute(text("UPDATE letters SET dead_at = queued_at WHERE key = 'waiting'"))
    assert forget_letters(database, NOW) == 1
    assert places(database, LETTERS) == []


def test_what_is_hourly_runs_on_while_it_finds_work(database: Database) -> None:
    found = iter((2, 0, 0, 0))
    calls: list[datetime] = []

    def step(_database: Database, at: datetime) -> int:
        calls.append(at)
        return next(found)

    take: Callable[[Database, datetime], int] = hourly(step)
    minutes = (0, 1, 2, 59, 61, 5)
    assert [take(database, NOW + timedelta(minutes=m)) for m in minutes] == [2, 0, 0, 0, 0, 0]
    assert len(calls) == 4  # a clock set back does not silence it

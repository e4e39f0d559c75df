"""Tables of the journal: its lines, the cuts that retention made, and the triggers that guard both.

A line may only be removed once a cut covers it and it is older than six months; nothing else
changes a line, whoever asks.
"""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Connection, Index, Integer, String, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base, metadata
from govgrid.months import REST, by_month

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class Entry(Base):
    """One line. Numbers have no gaps; `seal` covers this line and the seal before.

    `address` is where the request came from, `cli:` and the system's user for a command, empty
    for the worker. `detail` holds `before` and `after` where something changed.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_subject", "subject", "subject_id"),
        Index("ix_journal_subject_line", "subject", "id"),
        Index("ix_journal_verb", "verb", "id"),
        Index("ix_journal_actor", "actor", "id"),
        Index("ix_journal_account_id", "account_id", "id"),
        {"info": by_month("at")},
    )

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(64), server_default="")
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, object]] = mapped_column(JSON)
    seal: Mapped[str] = mapped_column(String(64))


class Cut(Base):
    """A checkpoint: lines up to `last_id` were removed after their time; the chain goes on at it.

    `root` is the seal of the journal's very first line, by which anchors know their journal.
    """

    __tablename__ = "journal_cuts"

    last_id: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    last_seal: Mapped[str] = mapped_column(String(64))
    root: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


_SQLITE = {
    "journal_no_update": "BEFORE UPDATE ON journal",
    "journal_no_insert_before": "BEFORE INSERT ON journal "
    "WHEN NEW.id <= (SELECT coalesce(max(id), 0) FROM journal)",
    "journal_no_delete": "BEFORE DELETE ON journal "
    "WHEN OLD.id > coalesce((SELECT max(last_id) FROM journal_cuts), 0) "
    "OR OLD.at > datetime('now', '-6 months')",
    "journal_cuts_no_update": "BEFORE UPDATE ON journal_cuts",
    "journal_cuts_no_delete": "BEFORE DELETE ON journal_cuts",
}
_POSTGRESQL = {
    "journal_guard": "BEFORE UPDATE OR DELETE ON journal FOR EACH ROW",
    "journal_whole": "BEFORE TRUNCATE ON journal FOR EACH STATEMENT",
    f"journal{REST}_whole": f"BEFORE TRUNCATE ON journal{REST} FOR EACH STATEMENT",
    "journal_cuts_guard": "BEFORE UPDATE OR DELETE ON journal_cuts FOR EACH ROW",
    "journal_cuts_whole": "BEFORE TRUNCATE ON journal_cuts FOR EACH STATEMENT",
}
_FUNCTION = """
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME <> 'journal_cuts' THEN
    IF OLD.id <= coalesce((SELECT max(last_id) FROM journal_cuts), 0)
       AND OLD.at <= now() - interval '6 months' THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the journal is append-only';
END $$
"""


@event.listens_for(metadata, "after_create")
def _guard(_target: object, connection: Connection, tables: list[Table], **_: object) -> None:
    """Put the guards up where tables are made without the revisions, which have their own."""
    if Cut.__table__ not in tables:
        return
    if connection.dialect.name == "sqlite":
        refuse = "SELECT RAISE(ABORT, 'the journal is append-only')"
        for name, when in _SQLITE.items():
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} BEGIN {refuse}; END")
        return
    connection.exec_driver_sql(_FUNCTION)
    for name, when in _POSTGRESQL.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION journal_guard()")

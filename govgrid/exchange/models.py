"""Tables of the exchange: sources with their mappings, batches with their files and lines."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import follows
from govgrid.grid.models import Area
from govgrid.words import N_, Word


class Stage(Word):
    """How far a batch is; those that end in -ing wait for the worker."""

    CHECKING = "checking", N_("正在检查")
    MAPPING = "mapping", N_("等待列对应")
    CHECKED = "checked", N_("等待确认")
    REFUSED = "refused", N_("有误，未导入")
    APPLYING = "applying", N_("正在写入")
    APPLIED = "applied", N_("已导入")


WAITING = (Stage.CHECKING, Stage.APPLYING)
SETTLED = (Stage.REFUSED, Stage.APPLIED)


class Sort(Word):
    """Sort of a line of a batch's preview."""

    NEW = "new", N_("新增")
    CHANGED = "changed", N_("更改")
    WRONG = "wrong", N_("有误")


class ColumnMap(Base):
    """How a source's sheets become ours; kept by name for one kind, owned by an area.

    `columns`: its heading to our column's key, empty to leave it out. `words`: our column's key to
    its words and ours.
    """

    __tablename__ = "column_maps"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    area_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"), index=True, info=follows(N_("导入来源"))
    )
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    words: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Batch(Base):
    """One uploaded file on its way in; seen by nobody but who uploaded it.

    `headings` are those of the file, `samples` a few cells and `words` the distinct ones by
    heading. `digest` is that of the preview: the same file in the same state, or it is refused.
    """

    __tablename__ = "exchange_batches"
    __table_args__ = (
        Index("ix_exchange_batches_account_id_uploaded_at", "account_id", "uploaded_at"),
        Index("ix_exchange_batches_stage", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    crs: Mapped[str | None] = mapped_column(String(20))
    repair: Mapped[bool] = mapped_column(default=False)
    map_id: Mapped[int | None] = mapped_column(ForeignKey("column_maps.id", ondelete="SET NULL"))
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    words: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    stage: Mapped[Stage] = mapped_column(enumeration(Stage))
    uploaded_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    digest: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)

    map: Mapped[ColumnMap | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class BatchFile(Base):
    """The bytes of a batch while it is not settled."""

    __tablename__ = "exchange_files"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("exchange_batches.id", ondelete="CASCADE"), primary_key=True
    )
    data: Mapped[bytes] = mapped_column(LargeBinary)


class BatchLine(Base):
    """One line of a preview: a new row, a changed one with its cells, or a wrong one."""

    __tablename__ = "exchange_lines"
    __table_args__ = (Index("ix_exchange_lines_batch_id_sort_id", "batch_id", "sort", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("exchange_batches.id", ondelete="CASCADE"))
    sort: Mapped[Sort] = mapped_column(enumeration(Sort))
    row: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))
    told: Mapped[dict[str, Any]] = mapped_column(JSON)

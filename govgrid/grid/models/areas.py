"""Tables of areas: the tree, its boundaries and its changes."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration, ordered
from govgrid.grid.cells import cell_of
from govgrid.grid.follow import IN_TREE, STAYS, follows
from govgrid.words import N_, Word


class Level(Word):
    """Level of an area in the tree."""

    CITY = "city", N_("市")
    DISTRICT = "district", N_("区县")
    STREET = "street", N_("街道")
    COMMUNITY = "community", N_("社区")
    GRID = "grid", N_("网格")
    MICRO_GRID = "micro_grid", N_("微网格")
    DEDICATED_GRID = "dedicated_grid", N_("专属网格")


class Area(Base):
    """A node of the tree. `path` is the codes from the city down, each followed by a slash.

    From `closed_on` on the area is no more; it then lies under its heir, whose people see it.
    """

    __tablename__ = "areas"
    __table_args__ = (
        Index("ix_areas_parent_id_level", "parent_id", "level"),
        Index("ix_areas_level_path", "level", "path"),
        Index(
            "ix_areas_managing_area_id",
            "managing_area_id",
            sqlite_where=text("managing_area_id IS NOT NULL"),
            postgresql_where=text("managing_area_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ordered(24), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[Level] = mapped_column(enumeration(Level))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), info=IN_TREE)
    path: Mapped[str] = mapped_column(ordered(120), unique=True)
    external_code: Mapped[str | None] = mapped_column(String(40))
    managing_area_id: Mapped[int | None] = mapped_column(
        ForeignKey("areas.id"), info=follows(N_("代管的区域"))
    )
    closed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    parent: Mapped["Area | None"] = relationship(
        foreign_keys=[parent_id], remote_side="Area.id", lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ChangeKind(Word):
    """What a change does to areas."""

    CREATE = "create", N_("新设")
    RENAME = "rename", N_("更名")
    MOVE = "move", N_("划转")
    MERGE = "merge", N_("合并")
    SPLIT = "split", N_("拆分")
    CLOSE = "close", N_("撤销")
    REOPEN = "reopen", N_("恢复")
    MANAGE = "manage", N_("调整管理单位")


class ChangeStage(Word):
    """How far a change has come: a draft is applied, or waits for its day."""

    DRAFT = "draft", N_("待确认")
    PLANNED = "planned", N_("待生效")
    DONE = "done", N_("已生效")
    FAILED = "failed", N_("未能生效")
    WITHDRAWN = "withdrawn", N_("已撤回")
    UNDONE = "undone", N_("已撤销办理")


class AreaChange(Base):
    """One change of areas: what was asked for (`wish`) and what was done, row by row (`steps`).

    `steps` holds every row before and after, so that the change can be told and taken back.
    """

    __tablename__ = "area_changes"
    __table_args__ = (Index("ix_area_changes_stage_effective_on", "stage", "effective_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ChangeKind] = mapped_column(enumeration(ChangeKind))
    stage: Mapped[ChangeStage] = mapped_column(enumeration(ChangeStage))
    effective_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(String(200))
    wish: Mapped[dict[str, object]] = mapped_column(JSON)
    steps: Mapped[list[object] | None] = mapped_column(JSON)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_by_id: Mapped[int]  # the account
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    parts: Mapped[list["AreaChangePart"]] = relationship(
        back_populates="change", order_by="AreaChangePart.id", lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Side(Word):
    """How a change touches an area."""

    FROM = "from", N_("变更前")
    TO = "to", N_("变更后")
    BELOW = "below", N_("随同变更")
    ABOVE = "above", N_("上级区域")


class AreaChangePart(Base):
    """One area of a change; what a changed one was called, and where it hung, before it."""

    __tablename__ = "area_change_parts"
    __table_args__ = (
        Index("ix_area_change_parts_area_id", "area_id", "change_id"),
        Index("ix_area_change_parts_old_code", "old_code"),
        Index("ix_area_change_parts_change_id", "change_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("area_changes.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    side: Mapped[Side] = mapped_column(enumeration(Side))
    old_code: Mapped[str | None] = mapped_column(ordered(24))
    new_code: Mapped[str | None] = mapped_column(ordered(24))
    old_name: Mapped[str | None] = mapped_column(String(80))
    new_name: Mapped[str | None] = mapped_column(String(80))
    old_parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    new_parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), info=STAYS)

    change: Mapped[AreaChange] = relationship(back_populates="parts", lazy="raise")
    area: Mapped[Area] = relationship(foreign_keys=[area_id], lazy="raise")


def _cell(context: DefaultExecutionContext) -> int:
    """Return the cell of the box that is written."""
    box = dict(context.get_current_parameters())  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return cell_of(box["west"], box["south"], box["east"], box["north"])


class Boundary(Base):
    """The polygon of an area in WGS84 degrees, as GeoJSON geometry, with its box and its cell.

    Whoever changes the box changes the cell with it (`cells.cell_of`).
    """

    __tablename__ = "boundaries"

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True, info=STAYS)
    geometry: Mapped[str] = mapped_column(Text)
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    cell: Mapped[int] = mapped_column(BigInteger, index=True, default=_cell)

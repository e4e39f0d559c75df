"""Tables of the grid: areas, boundaries, organizations, compounds, officers and their posts."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.access import Role
from govgrid.cipher import TAIL_IN_STORED, Encrypted, EncryptedPhone
from govgrid.db import Base, enumeration, ordered
from govgrid.grid.cells import cell_of
from govgrid.grid.follow import IN_TREE, STAYS, follows
from govgrid.words import N_, Word

_NO_ROWID = {"sqlite_with_rowid": False}


class Level(Word):
    """Level of an area in the tree."""

    CITY = "city", N_("市")
    DISTRICT = "district", N_("区县")
    STREET = "street", N_("街道")
    COMMUNITY = "community", N_("社区")
    GRID = "grid", N_("网格")
    MICRO_GRID = "micro_grid", N_("微网格")
    DEDICATED_GRID = "dedicated_grid", N_("专属网格")


class CompoundKind(Word):
    """Kind of a residential compound; all but commodity are the old kinds."""

    COMMODITY = "commodity", N_("商品房小区")
    OLD_COURTYARD = "old_courtyard", N_("老旧院落")
    RESETTLEMENT = "rural_resettlement", N_("农民集中居住区")
    AFFORDABLE = "affordable", N_("保障性住房小区")
    RELOCATION = "relocation", N_("拆迁安置小区")


class PaperSize(Word):
    """Paper of a notice board: the same page, larger."""

    A4 = "A4", N_("A4 竖版")
    A3 = "A3", N_("A3 竖版")


OLD_KINDS = tuple(kind for kind in CompoundKind if kind is not CompoundKind.COMMODITY)


class OrganizationKind(Word):
    """Kind of an organization."""

    PROPERTY_COMPANY = "property_company", N_("物业企业")
    SOCIAL_ORGANIZATION = "social_organization", N_("社会组织")
    RESIDENTS_COMMITTEE = "residents_committee", N_("居委会")
    OWNERS_COMMITTEE = "owners_committee", N_("业委会")
    STREET_OFFICE = "street_office", N_("街道办")
    HOUSING_DEPARTMENT = "housing_department", N_("住建部门")
    POLICE_STATION = "police_station", N_("派出所")
    OTHER = "other", N_("其他")


class Area(Base):
    """A node of the tree. `path` is the codes from the city down, each followed by a slash.

    From `closed_on` on the area is no more; it then lies under its heir, whose people see it.
    """

    __tablename__ = "areas"
    __table_args__ = (
        Index("ix_areas_parent_id_level", "parent_id", "level"),
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


class Organization(Base):
    """A company, committee, office or department."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("name", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[OrganizationKind] = mapped_column(enumeration(OrganizationKind))
    phone: Mapped[str | None] = mapped_column(Encrypted("organizations.phone"))


class Compound(Base):
    """A residential compound; floor area in square metres, position in WGS84 degrees."""

    __tablename__ = "compounds"
    __table_args__ = (
        Index("ix_compounds_community_id_kind", "community_id", "kind"),
        CheckConstraint("households >= 0", name="households"),
        CheckConstraint("floor_area >= 0", name="floor_area"),
        CheckConstraint("buildings >= 0", name="buildings"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ordered(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[CompoundKind] = mapped_column(enumeration(CompoundKind))
    community_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"), info=follows(N_("小区"), via="grid_id")
    )
    grid_id: Mapped[int | None] = mapped_column(
        ForeignKey("areas.id"), index=True, info=follows(N_("小区（所属网格）"))
    )
    address: Mapped[str | None] = mapped_column(String(200))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    households: Mapped[int | None]
    floor_area: Mapped[float | None]
    buildings: Mapped[int | None]
    built_year: Mapped[int | None]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    contract_until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    community: Mapped[Area] = relationship(foreign_keys=[community_id], lazy="raise")
    grid: Mapped[Area | None] = relationship(foreign_keys=[grid_id], lazy="raise")
    company: Mapped[Organization | None] = relationship(lazy="raise")
    micro_grids: Mapped[list[Area]] = relationship(secondary="compound_micro_grids", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CompoundMicroGrid(Base):
    """A compound is served by one or more micro-grids."""

    __tablename__ = "compound_micro_grids"

    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), primary_key=True)
    micro_grid_id: Mapped[int] = mapped_column(
        ForeignKey("areas.id"),
        primary_key=True,
        index=True,
        info=follows(N_("小区（服务微网格）"), label="compound_id.name"),
    )


class Officer(Base):
    """A person; what the person does stands in the posts.

    `phone_tail`, cut by the database out of the stored phone, is the keyed digest of its last four
    digits.
    """

    __tablename__ = "officers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ordered(40), unique=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("officers.phone"))
    phone_tail: Mapped[str | None] = mapped_column(
        String(16), Computed(TAIL_IN_STORED, persisted=True), index=True, deferred=True
    )
    email: Mapped[str | None] = mapped_column(String(254))
    version: Mapped[int] = mapped_column(default=1)

    organization: Mapped[Organization | None] = relationship(lazy="raise")
    posts: Mapped[list["Post"]] = relationship(back_populates="officer", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Post(Base):
    """A dated post: role over one area or at one compound; `until` is the last day held."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("(area_id IS NULL) <> (compound_id IS NULL)", name="one_place"),
        CheckConstraint("until IS NULL OR since IS NULL OR until >= since", name="period"),
        Index("ix_posts_area_id_role", "area_id", "role"),
        Index("ix_posts_compound_id_role", "compound_id", "role"),
        UniqueConstraint("officer_id", "role", "area_id", "compound_id", "since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    role: Mapped[Role] = mapped_column(enumeration(Role))
    area_id: Mapped[int | None] = mapped_column(
        ForeignKey("areas.id"), info=follows(N_("任职"), label="officer_id.name", dated=True)
    )
    compound_id: Mapped[int | None] = mapped_column(ForeignKey("compounds.id"))
    since: Mapped[date | None]
    until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    officer: Mapped[Officer] = relationship(back_populates="posts", lazy="raise")
    area: Mapped[Area | None] = relationship(lazy="raise")
    compound: Mapped[Compound | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Substitute(Base):
    """Who stands in for the holder of a post in a period; `until` is the last day."""

    __tablename__ = "substitutes"
    __table_args__ = (CheckConstraint("until >= since", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"),
        index=True,
        info=follows(N_("替岗"), label="officer_id.name", dated=True),
    )
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    since: Mapped[date]
    until: Mapped[date]

    post: Mapped[Post] = relationship(lazy="raise")
    officer: Mapped[Officer] = relationship(lazy="raise")


class BusyFeed(Base):
    """A calendar outside from which an officer's busy times are read again and again.

    The address is a secret of its owner. `failure` is why the last reading brought nothing.
    """

    __tablename__ = "busy_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    address: Mapped[str] = mapped_column(Encrypted("busy_feeds.address"))
    host: Mapped[str] = mapped_column(String(253))
    added_at: Mapped[datetime]
    read_after: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(200))

    officer: Mapped[Officer] = relationship(lazy="raise")


class Absence(Base):
    """A time in which an officer cannot come; `end` is excluded. `feed_id`: read from there."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint('"end" > start', name="period"),
        Index("ix_absences_officer_id_start", "officer_id", "start"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(40))
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("busy_feeds.id"), index=True)


class OfficerKey(Base):
    """A text under which the directory finds a person: see `keys`.

    A trigger takes it away with the person; a foreign key would look each one up in vain.
    """

    __tablename__ = "officer_keys"
    __table_args__ = (Index("ix_officer_keys_officer_id", "officer_id"), _NO_ROWID)

    key: Mapped[str] = mapped_column(ordered(24), primary_key=True)
    officer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CompoundKey(Base):
    """A text under which the directory finds a compound."""

    __tablename__ = "compound_keys"
    __table_args__ = (Index("ix_compound_keys_compound_id", "compound_id"), _NO_ROWID)

    key: Mapped[str] = mapped_column(ordered(24), primary_key=True)
    compound_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class AreaKey(Base):
    """A text under which the directory finds an area."""

    __tablename__ = "area_keys"
    __table_args__ = (Index("ix_area_keys_area_id", "area_id"), _NO_ROWID)

    key: Mapped[str] = mapped_column(ordered(24), primary_key=True)
    area_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class BoardPrint(Base):
    """Notice boards of an area to be printed as one PDF; a worker takes a few at a time.

    `waiting` are ids of compounds, `parts` community, name and hash of each board printed,
    `skipped` a line for each left out, `paper` the hash of the bound PDF.
    """

    __tablename__ = "board_prints"
    __table_args__ = (
        Index("ix_board_prints_area_id_asked_at", "area_id", "asked_at"),
        Index(
            "ix_board_prints_open",
            "asked_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    asked_at: Mapped[datetime]
    size: Mapped[PaperSize] = mapped_column(enumeration(PaperSize))
    with_gaps: Mapped[bool]
    total: Mapped[int]
    waiting: Mapped[list[int]] = mapped_column(JSON)
    parts: Mapped[list[list[str]]] = mapped_column(JSON)
    skipped: Mapped[list[str]] = mapped_column(JSON)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    paper: Mapped[str | None] = mapped_column(String(64))
    failure: Mapped[str | None] = mapped_column(String(200))

    area: Mapped[Area] = relationship(lazy="raise")
    officer: Mapped[Officer] = relationship(lazy="raise")

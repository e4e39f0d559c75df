"""What a unit's month is planned by: columns of the unit itself and of the areas above it."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base, enumeration
from govgrid.grid.follow import STAYS
from govgrid.words import N_, Word

_JSON = JSON(none_as_null=True)


class Kind(Word):
    """Which monthly meeting a unit holds: the joint one, or the project's own with its owners."""

    JOINT = "joint", N_("联席会议")
    OWNERS = "owners", N_("业主恳谈会")


class Scope(Word):
    """What meets in an area: nobody, each compound, the community as a whole, or both."""

    NOBODY = "nobody", N_("不召开")
    COMPOUND = "compound", N_("按小区召开")
    COMMUNITY = "community", N_("按社区召开")
    BOTH = "both", N_("小区和社区都召开")


class Part(Word):
    """What the holders of a role are to a meeting."""

    REQUIRED = "required", N_("必到")
    QUORUM = "quorum", N_("计入法定人数")
    OPTIONAL = "optional", N_("能来则来")
    NONE = "none", N_("不邀请")


class Reminder(Word):
    """How long before a meeting its people are reminded of it."""

    WEEK = "week", N_("提前一周")
    DAY = "day", N_("提前一天")
    HOURS = "hours", N_("提前两小时")


class SettingColumns:
    """Settings of a unit or an area; None: as above it.

    `starts` are minutes of the day, `roster` parts by role, `quorum` the share in per cent that
    more than must come, `preferred` pairs of weekday (1 Monday) and am, pm or eve, `reminders` pairs
    of role and reminder. `follow_up` is how many days before the meeting those who have not answered
    are asked again, `due_days` how many days before its deadline an action item is called to mind;
    0: never. `agenda` are the standing items in order: kind, title, minutes.
    """

    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venues.id"))
    minutes_long: Mapped[int | None]
    window_from: Mapped[int | None]
    window_to: Mapped[int | None]
    starts: Mapped[list[int] | None] = mapped_column(_JSON)
    evenings: Mapped[bool | None]
    weekends: Mapped[bool | None]
    roster: Mapped[dict[str, str] | None] = mapped_column(_JSON)
    quorum: Mapped[int | None]
    preferred: Mapped[list[list[int | str]] | None] = mapped_column(_JSON)
    reminders: Mapped[list[list[str]] | None] = mapped_column(_JSON)
    follow_up: Mapped[int | None]
    due_days: Mapped[int | None]
    agenda: Mapped[list[list[str | int]] | None] = mapped_column(_JSON)


class AreaSettings(SettingColumns, Base):
    """What holds for the units of one kind in a street or community, where they say nothing else.

    `like_id` is an area whose settings are taken where this one has none, before those above.
    Travel between rooms: min(cap, base + 5·ceil(km·per_km / 5)) minutes; kept by streets.
    """

    __tablename__ = "area_settings"
    __table_args__ = (
        UniqueConstraint("area_id", "kind"),
        CheckConstraint("like_id <> area_id", name="like_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), info=STAYS)
    kind: Mapped[Kind] = mapped_column(enumeration(Kind))
    scope: Mapped[Scope | None] = mapped_column(enumeration(Scope))
    like_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True, info=STAYS)
    travel_base: Mapped[int | None]
    travel_per_km: Mapped[int | None]
    travel_cap: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

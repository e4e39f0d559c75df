"""Ways that have passed a stage's last day: found, and told to whoever can move them on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from govgrid import journal
from govgrid.access import Role
from govgrid.grid.models import Area, Compound, Officer
from govgrid.oldcompounds.actions.watch import readers
from govgrid.oldcompounds.models import CoverageCall
from govgrid.oldcompounds.pipeline.models import Pipeline, Stage
from govgrid.oldcompounds.queries import untold
from govgrid.outbox.actions import Draft, queue_all
from govgrid.outbox.letter_text import Button, Text
from govgrid.settings import Settings
from govgrid.web import language, provisional
from govgrid.web.language import day_text
from govgrid.web.language import gettext as _
from govgrid.workdays import local_day

AGAIN = 7
"""Days until an overdue stage is told again."""
PRESSING = 14
"""Days overdue from which the street hears of it, too."""
MOST = 30  # lines of a letter; the list has them all


@dataclass(frozen=True, slots=True)
class Stalled:
    """A way whose stage is overdue; `mark` names it and how often it was due to be told."""

    pipeline_id: int
    name: str
    community_id: int
    community: str
    street_id: int | None
    path: str
    stage: Stage
    owner: Officer
    deadline: date
    days: int

    @property
    def mark(self) -> str:
        """Return what it is told under."""
        return f"stalled:{self.pipeline_id}:{self.deadline}:{(self.days - 1) // AGAIN}"


def stalled(db: Session, on: date) -> list[Stalled]:
    """Return the running ways whose stage ended before that day, the oldest first."""
    home = aliased(Area)
    rows = db.execute(
        select(Pipeline, Compound.name, home.id, home.name, home.parent_id, home.path, Officer)
        .join(Compound, Compound.id == Pipeline.compound_id)
        .join(home, home.id == Compound.community_id)
        .join(Officer, Officer.id == Pipeline.owner_id)
        .where(Pipeline.finished_at.is_(None), Pipeline.deadline < on)
        .order_by(Pipeline.deadline, Pipeline.id)
    )
    return [
        Stalled(
            way.id, name, community_id, community, street_id, path, way.stage, owner,
            way.deadline, (on - way.deadline).days,
        )
        for way, name, community_id, community, street_id, path, owner in rows
    ]  # fmt: skip


def tell_stalled(db: Session, *, at: datetime) -> int:
    """Queue a letter to each person whom overdue stages concern anew; return how many."""
    on = local_day(at)
    new = untold(db, stalled(db, on))
    if not new:
        return 0
    settings: Settings = db.info["settings"]
    with language.speaking(settings.locale), provisional.consulting(db):
        drafts = [
            (_letter(settings, officer, path, ways, on), at)
            for officer, path, ways in _people(db, new, on)
        ]
    queue_all(db, drafts, at=at)
    db.add_all(CoverageCall(mark=one.mark, at=at) for one in new)
    journal.record(db, None, "watch_pipelines", "coverage", on, items=len(new), letters=len(drafts))
    return len(drafts)


def _people(
    db: Session, new: Sequence[Stalled], on: date
) -> list[tuple[Officer, str, list[Stalled]]]:
    """Return who is written to, each once: the owner, the community, where it presses the street."""
    wanted: dict[tuple[Role, int], list[Stalled]] = defaultdict(list)
    theirs: dict[int, tuple[Officer, str, dict[str, Stalled]]] = {}
    for one in new:
        wanted[Role.SECRETARY, one.community_id].append(one)
        if one.days >= PRESSING and one.street_id is not None:
            wanted[Role.LIAISON, one.street_id].append(one)
        if one.owner.email:
            known = theirs.setdefault(one.owner.id, (one.owner, one.path, {}))
            known[2][one.mark] = one
    for holder, ways in readers(db, wanted, on):
        known = theirs.setdefault(holder.officer.id, (holder.officer, holder.path, {}))
        known[2].update((one.mark, one) for one in ways)
    return [(officer, path, list(ways.values())) for officer, path, ways in theirs.values()]


def _letter(settings: Settings, to: Officer, path: str, ways: Sequence[Stalled], on: date) -> Draft:
    lines = [
        _(
            "%(name)s（%(community)s）：%(stage)s，时限 %(day)s，已超期 %(n)s 天，责任人%(owner)s",
            name=one.name,
            community=one.community,
            stage=_(one.stage.word),
            day=day_text(one.deadline),
            n=one.days,
            owner=one.owner.name,
        )
        for one in ways[:MOST]
    ]
    if len(ways) > MOST:
        lines.append(_("另有 %(n)s 项，见推进清单。", n=len(ways) - MOST))
    ask = _("请登录登记进展或调整时限；没有账号的，请告知社区书记。")
    link = f"{settings.public_url}/pipelines?show=overdue"
    words = Text(
        _("%(name)s：", name=to.name),
        [(_("日期"), day_text(on)), (_("事项"), _("%(n)s 项", n=len(ways)))],
        [(_("推进环节已超期"), lines)],
        Button(link, ask, _("查看推进清单"), ask),
    )
    return Draft(
        key=f"stalled:{on}:{to.id}",
        about=f"stalled:{on}",
        scope=path,
        sender_name=settings.city,
        to_address=to.email or "",
        to_name=to.name,
        title=_("老旧小区推进环节超期：%(n)s 项", n=len(ways)),
        plain=words.plain(),
        html=words.html(),
    )

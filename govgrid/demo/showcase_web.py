"""Made-up showcases written on the web: published with photos, corrected, drafted, asked for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import ActingPost, Actor, Role
from govgrid.clock import HERE
from govgrid.demo.compounds import DemoCompound
from govgrid.demo.divisions import SHOWCASE_STREET
from govgrid.demo.months import months_before
from govgrid.demo.officers import holder
from govgrid.demo.seed import chance
from govgrid.demo.showcases import DemoShowcase, by_hand, lines
from govgrid.grid.models import Area, Compound, Officer
from govgrid.showcase.actions.photos import add_photo
from govgrid.showcase.actions.plans import set_plan
from govgrid.showcase.actions.versions import publish, save_draft
from govgrid.showcase.models import ShowcaseChase
from govgrid.showcase.pictures import Picture, develop
from govgrid.showcase.queries.versions import draft_of, said_now
from govgrid.showcase.rules import DEFAULT, Flow, ItemPlan, Line, Panel, PanelText, Plan

_EXTRA = ItemPlan("消防通道", "每日巡查，占用车辆 30 分钟内劝离")
_NOTE = "经业主监督小组核对，公共能耗支出补记路灯电费，绿化养护的结果按实际改为未达标。"
_ADDED = Decimal("386.40")


def add_showcases(db: Session, today: date) -> None:
    """Let the street add an item, and projects of its first community write on the web."""
    street = db.scalars(select(Area).where(Area.code == SHOWCASE_STREET)).one()
    post = ActingPost(Role.LIAISON, street.id, street.path, street.name)
    service, accounts = DEFAULT.panels
    plan = Plan((replace(service, items=(*service.items, _EXTRA)), accounts))
    set_plan(db, Actor(0, 0, "街道联络员", (post,)), street, plan, 0)
    period, month = months_before(today, 1), today.replace(day=1)
    web, silent = by_hand(today)
    for number, one in enumerate(web):
        published = month + timedelta(days=5 + number)
        written = min(published, today)
        compound, actor = _compound(db, one), _manager(db, today, one)
        _write(db, actor, compound, period, _text(one, period), "", written)
        for caption, panel in _CAPTIONS if number == 0 else _CAPTIONS[:2]:
            add_photo(
                db, actor, compound, period, _photo(caption), panel=panel.word, caption=caption,
                at=_morning(written),
            )  # fmt: skip
        if published <= today:
            _publish(db, actor, compound, period, published)
        if number == 0 and published + timedelta(days=6) <= today:
            _correct(db, actor, compound, period, published + timedelta(days=6))
    for one in silent[:2]:
        half = [replace(panel, lines=panel.lines[:3]) for panel in _text(one, period)]
        _write(db, _manager(db, today, one), _compound(db, one), period, half, "", today)
    db.add(
        ShowcaseChase(
            compound_id=_compound(db, silent[0]).id, period=period, day=today - timedelta(days=3),
            asked_by="街道联络员", letters=1,
        )
    )  # fmt: skip


def _compound(db: Session, one: DemoCompound) -> Compound:
    found = select(Compound).where(Compound.code == one.code)
    return db.scalars(found.options(joinedload(Compound.community))).one()


def _manager(db: Session, today: date, one: DemoCompound) -> Actor:
    person = holder(today, Role.PROJECT_MANAGER, one.code)
    officer = db.scalars(select(Officer).where(Officer.code == person.code)).one()
    home = _compound(db, one)
    post = ActingPost(
        Role.PROJECT_MANAGER, home.community_id, home.community.path, home.name, home.id
    )
    return Actor(officer.id, officer.id, officer.name, (post,))


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), HERE)


def _write(
    db: Session,
    actor: Actor,
    compound: Compound,
    period: date,
    panels: list[PanelText],
    note: str,
    day: date,
) -> None:
    known = draft_of(db, compound.id, period)
    version = known.version if known else 0
    save_draft(db, actor, compound, period, panels, note, version, at=_morning(day))


def _publish(db: Session, actor: Actor, compound: Compound, period: date, day: date) -> None:
    draft = draft_of(db, compound.id, period)
    assert draft is not None
    publish(db, actor, compound, draft, at=_morning(day))


def _correct(db: Session, actor: Actor, compound: Compound, period: date, day: date) -> None:
    """Correct an amount and a result that residents doubted."""
    panels = said_now(db, compound.id, period, DEFAULT)
    corrected = [replace(panel, lines=tuple(map(_corrected, panel.lines))) for panel in panels]
    _write(db, actor, compound, period, list(map(_summed, corrected)), _NOTE, day)
    _publish(db, actor, compound, period, day)


def _corrected(line: Line) -> Line:
    if line.item == "公共能耗支出" and line.amount is not None:
        return replace(line, amount=line.amount + _ADDED, result=f"{line.result}，含路灯")
    if line.item == "绿化养护":
        return replace(line, result="受天气影响未完成修剪，顺延至下月", met=False)
    return line


def _text(one: DemoCompound, period: date) -> list[PanelText]:
    """Return both panels as a form says them."""
    found = list(lines(one, period, period, chance("showcase on the web", one.code, period)))
    extra = Line(_EXTRA.item, _EXTRA.promise, "劝离占用车辆 7 台次，补划黄线 2 处", met=True)
    service = [*_lines(found, Panel.SERVICE), extra]
    opening = Decimal(one.households * 120).quantize(Decimal("0.01"))
    accounts = tuple(_lines(found, Panel.ACCOUNTS))
    return [
        PanelText(Panel.SERVICE.word, Panel.SERVICE, tuple(service)),
        _summed(PanelText(Panel.ACCOUNTS.word, Panel.ACCOUNTS, accounts, opening=opening)),
    ]


def _summed(panel: PanelText) -> PanelText:
    if panel.kind is not Panel.ACCOUNTS or panel.opening is None:
        return panel
    income, spending = panel.total(Flow.INCOME), panel.total(Flow.SPENDING)
    return replace(
        panel, income=income, spending=spending, closing=panel.opening + income - spending
    )


def _lines(found: list[DemoShowcase], panel: Panel) -> Iterator[Line]:
    for one in found:
        if one.panel == panel.word:
            amount = None if one.amount is None else Decimal(one.amount)
            flow = None if amount is None else Flow.SPENDING if amount < 0 else Flow.INCOME
            yield Line(
                one.item, one.promise or "", one.result, None if amount is None else abs(amount),
                flow, one.met,
            )  # fmt: skip


_CAPTIONS = (
    ("楼前绿地修剪后", Panel.SERVICE),
    ("单元门厅每日清扫", Panel.SERVICE),
    ("水泵房月度维保", Panel.SERVICE),
    ("公共收益更换的健身器材", Panel.ACCOUNTS),
)


@cache
def _photo(caption: str) -> Picture:
    """Return a drawing that stands for a photo."""
    rng = chance("photo", caption)
    image = Image.new("RGB", (960, 720), (196, 218, 230))
    pen = ImageDraw.Draw(image)
    for floor in range(9):  # a facade behind
        top = 60 + floor * 52
        for flat in range(8):
            shade = rng.randint(150, 205)
            left = 90 + flat * 100
            pen.rectangle((left, top, left + 64, top + 34), (shade, shade, shade - 12))
    pen.rectangle((0, 520, 960, 720), (146, 160, 120) if "绿" in caption else (168, 164, 158))
    for _tree in range(7):
        x, y, r = rng.randint(40, 920), rng.randint(470, 610), rng.randint(36, 80)
        pen.rectangle((x - 6, y, x + 6, y + r + 30), (98, 78, 58))
        pen.ellipse((x - r, y - r, x + r, y + r // 2), (58, rng.randint(96, 140), 66))
    pen.polygon([(380, 720), (580, 720), (520, 540), (450, 540)], (205, 200, 190))
    stream = BytesIO()
    image.save(stream, "JPEG", quality=88)
    return develop(stream.getvalue())

"""Signed minutes are filed once, found by any word, and only by whom they concern."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import archive
from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid.models import Officer
from govgrid.meetings.exports.register import register
from govgrid.meetings.models import Minutes, MinutesText, Retention, Unit
from govgrid.meetings.papers.store import file_away, print_waiting
from govgrid.meetings.queries.texts import Wanted, search
from govgrid.meetings.rules.minutes import asked_pairs, excerpt, kept_until, pairs
from govgrid.press.press import Press
from tests import build
from tests.build import City, clock
from tests.meetings.held import START, held, liaison, secretary, signed, unit_of


@dataclass
class Shelf:
    """Three signed minutes: two of the compound, one of another street."""

    db: Session
    city: City
    mine: Minutes
    older: Minutes
    far: Minutes

    def found(self, actor: Actor, *words: str, **more: object) -> list[int]:
        wanted = Wanted(words, **more)  # type: ignore[arg-type]
        return [one.id for one in search(self.db, actor, wanted, 20)]


@pytest.fixture
def shelf(database: Database, at: datetime, press: Press) -> Iterator[Shelf]:
    with database.writing() as db:
        city = build.small_city(db)
        unit = unit_of(db, city.community, city.compound)
        away = unit_of(db, city.far_community, None)
        far_secretary = build.officer(db, "远书记", Role.SECRETARY, city.far_community)
        other = build.officer(db, "远联络", Role.LIAISON, city.next_street)
        said = (
            (unit, city.secretary, "电梯困人，12345热线转来工单GD-77；网格长王彧犇到场。", START, "本月会议"),
            (unit, city.secretary, "楼道灯坏了。梯子借给物业，电动车停放。", START - timedelta(days=31), "上月会议"),
            (away, far_secretary, "电梯维保合同到期。", START, "远处会议"),
        )  # fmt: skip
        found = []
        for place, convenor, notes, start, title in said:
            meeting = held(db, place, convenor, notes=notes, start=start, title=title)
            found.append(signed(db, place_city(city, place, other), meeting, at))
        data = _leaf()
        for one in found:
            file_away(db, one, data, at=at)
        yield Shelf(db, city, *found)


def place_city(city: City, unit: Unit, other: Officer) -> City:
    """Return the city as the unit's street sees it."""
    if unit.community_id != city.far_community.id:
        return city
    return replace(city, liaison=other, street=city.next_street)


def _leaf() -> bytes:
    stream = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(stream)
    return stream.getvalue()


def test_words_of_any_length_are_found_and_nothing_beside(shelf: Shelf) -> None:
    sun = liaison(shelf.db, shelf.city)
    mine, older = shelf.mine.id, shelf.older.id
    assert shelf.found(sun) == [older, mine]
    for words, wanted in (
        (("电梯",), [mine]),
        (("梯",), [older, mine]),
        (("电梯困人",), [mine]),
        (("困人电梯",), []),
        (("梯子", "楼道"), [older]),
        (("电梯", "楼道"), []),
        (("12345",), [mine]),
        (("gd-77",), [mine]),
        (("彧犇",), [mine]),
        (("停车位划线",), [older, mine]),
        (("锦和苑",), [older, mine]),
        (("电梯电",), []),  # both pairs stand in the texts, the word does not
        (("！！",), []),
        (("a' OR 1=1 --", '"梯"'), []),
        (("%",), []),
    ):
        assert shelf.found(sun, *words) == wanted, words


def test_each_finds_only_what_they_may_see(shelf: Shelf) -> None:
    db, city = shelf.db, shelf.city
    mine, older, far = shelf.mine.id, shelf.older.id, shelf.far.id
    housing = build.actor(db, city.housing, Role.HOUSING_OFFICER, city.district)
    assert shelf.found(housing, "电梯") == [far, mine]
    assert shelf.found(housing, "电梯", area=city.next_street) == [far]
    assert shelf.found(secretary(db, city), "电梯") == [mine]
    neighbour = build.actor(db, city.next_secretary, Role.SECRETARY, city.next_community)
    assert shelf.found(neighbour, "电梯") == shelf.found(neighbour) == []
    manager = build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound)
    assert shelf.found(manager) == [older, mine]
    assert shelf.found(manager, "电梯") == [mine]
    stranger = Actor(0, build.officer(db, "外人").id, "外人", ())
    assert shelf.found(stranger, "电梯") == shelf.found(stranger) == []


def test_filters_and_older_ones(shelf: Shelf) -> None:
    sun = liaison(shelf.db, shelf.city)
    mine, older = shelf.mine.id, shelf.older.id
    assert shelf.found(sun, year=2025) == shelf.found(sun, "梯", year=2025) == []
    assert shelf.found(sun, "梯", year=2026) == [older, mine]
    assert shelf.found(sun, retention=Retention.PERMANENT) == []
    assert shelf.found(sun, "梯", retention=Retention.THIRTY, before=older) == [mine]
    assert shelf.found(sun, before=mine) == []


def test_the_register_holds_hashes_and_years(shelf: Shelf) -> None:
    data = register(shelf.db, liaison(shelf.db, shelf.city), Wanted())
    rows = list(load_workbook(BytesIO(data)).active.values)  # type: ignore[union-attr]
    told = dict(zip(rows[0], rows[2], strict=True))
    assert told["文件 SHA-256"] == shelf.mine.paper
    assert told["会议数据 SHA-256"] == shelf.mine.record_hash
    assert (told["页数"], told["保管期限"], told["保管到期年份"]) == (1, "30年", 2056)
    assert str(told["档号"]).startswith("LXHY-510107001001-")
    with pytest.raises(Invalid):
        register(shelf.db, liaison(shelf.db, shelf.city), Wanted(year=1999))
    shelf.mine.retention = Retention.PERMANENT
    assert kept_until(shelf.mine) is None


def test_filing_is_done_once(shelf: Shelf, at: datetime) -> None:
    kept = (shelf.mine.paper, shelf.mine.archived_at)
    file_away(shelf.db, shelf.mine, b"other", at=at + timedelta(days=1))
    assert (shelf.mine.paper, shelf.mine.archived_at) == kept
    folder = shelf.db.info["settings"].archive
    assert archive.fetch(folder, shelf.mine.paper or "").startswith(b"%PDF")
    texts = shelf.db.scalars(select(MinutesText.text)).all()
    assert len(texts) == 3
    assert any("电梯困人" in text for text in texts)


@pytest.mark.one_engine
def test_the_worker_files_what_was_signed_and_leaves_what_cannot_be_printed(
    database: Database, at: datetime, press: Press
) -> None:
    with database.writing() as db:
        city = build.small_city(db)
        unit = unit_of(db, city.community, city.compound)
        good = signed(db, city, held(db, unit, city.secretary), at)
        bad = held(db, unit, city.secretary, notes="好🙂", start=clock("2026-10-10 09:00"))
        signed(db, city, bad, at)
        number, zhou = good.id, secretary(db, city)
    step = print_waiting(press)
    assert step(database, at) == 1
    assert step(database, at) == 0
    with database.reading() as db:
        kept = db.get_one(Minutes, number)
        assert kept.archived_at == at
        assert kept.pages
        assert [m.id for m in search(db, zhou, Wanted(("划线",)), 5)] == [number]


def test_pairs_hold_every_word() -> None:
    assert pairs("电梯困人，GD-77") == ["电梯", "梯困", "困人", "人", "gd", "d", "77", "7"]
    assert asked_pairs("困人") == ["困人"]
    assert asked_pairs("人") == ["人"]
    assert asked_pairs("、") == []
    assert excerpt("前面的话，电梯困人了", ["困人"], around=4) == ("…话，电梯", "困人", "了")

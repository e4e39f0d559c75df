"""What an installation needs to work, checked one by one: what is wrong, and the line that mends it."""

import ctypes
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from govgrid import schema
from govgrid.db import Database
from govgrid.errors import Refusal
from govgrid.meetings.mailbox import opened, place_of
from govgrid.outbox.actions import SUPERSEDED
from govgrid.outbox.models import Letter
from govgrid.outbox.transport import Undelivered, open_transport
from govgrid.press.fonts import find_fonts
from govgrid.press.press import Press, Sheet
from govgrid.settings import DEMO_SECRET, Settings
from govgrid.upkeep import city
from govgrid.upkeep.engines import tool
from govgrid.upkeep.finding import Finding
from govgrid.workdays import calendar, local_day
from govgrid.workdays.rules import span

LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}
ROOM = 1024**3  # bytes that should be free
AHEAD = timedelta(days=92)
LATE = timedelta(hours=1)


def examine(settings: Settings, *, at: datetime) -> Iterator[Finding]:
    """Yield a finding for each check; none of them changes anything, none raises."""
    yield _secret(settings)
    yield from _database(settings, at)
    yield _folder("archive", settings.archive)
    yield _room(settings)
    yield _libraries()
    yield _fonts(settings)
    yield _printing(settings)
    yield _mail(settings)
    if settings.imap_url:
        yield _replies(settings)


def _secret(settings: Settings) -> Finding:
    name, mend = "secret", "export GOVGRID_SECRET=$(openssl rand -hex 32)"
    if settings.secret == DEMO_SECRET and settings.demo:
        return Finding(name, True, "演示密钥（只用于演示）")
    if len(settings.secret) < 32:
        return Finding(name, False, "GOVGRID_SECRET 未设置或少于 32 个字符", mend)
    return Finding(name, True, f"GOVGRID_SECRET 共 {len(settings.secret)} 个字符")


def _database(settings: Settings, at: datetime) -> Iterator[Finding]:
    url = make_url(settings.database_url)
    shown = url.render_as_string(hide_password=True)
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if file is not None and not file.is_file():
        yield Finding("database", False, f"{shown} 尚未建立", "govgrid migrate")
        return
    try:
        with closing(Database(settings)) as database:
            stands = schema.current(database)
            yield Finding("database", True, f"{shown} 可以连接")
            with database.engine.connect() as connection:
                fits = not schema.unfit(connection)
            yield _schema(stands, fits=fits)
            if fits:
                yield _workdays(database, at)
                yield _letters(database, at)
                if settings.standby_url:
                    yield from city.examine(database, at)
    except (SQLAlchemyError, OSError, Refusal) as error:
        why = str(getattr(error, "orig", error)).strip().splitlines()[0]
        line = (
            f"sqlite3 {file} 'PRAGMA integrity_check'" if file else f"psql '{shown}' -c 'SELECT 1'"
        )
        yield Finding("database", False, f"{shown} 无法使用：{why}", line)
    if file is None:
        yield _programs()


def _schema(stands: str | None, *, fits: bool) -> Finding:
    newest = schema.newest()
    if stands == newest:
        return Finding("schema", True, f"{stands}，最新")
    if fits:
        return Finding("schema", True, f"{stands}，比本程序的 {newest} 新，仍支持本版本")
    if stands is not None and not schema.knows(stands):
        found = f"{stands}，比本程序的 {newest} 新，请升级程序"
        return Finding("schema", False, found, "git pull && make setup")
    return Finding("schema", False, f"{stands or '空'}，应为 {newest}", "govgrid migrate")


def _workdays(database: Database, at: datetime) -> Finding:
    today = local_day(at)
    with database.reading() as db:
        days = calendar(db)
    coming = list(span(today, today + AHEAD))
    open_ = [day for day in coming if not days.announced(day)]
    if not open_:
        return Finding("workdays", True, f"至 {coming[-1]} 的工作日均已公布")
    months = "、".join(dict.fromkeys(f"{day.year}年{day.month}月" for day in open_))
    years = "、".join(dict.fromkeys(str(day.year) for day in open_))
    found = f"{months}的工作日为暂定：{years} 年的放假安排尚未导入"
    return Finding("workdays", False, found, f"govgrid import workdays {open_[0].year}.json")


def _letters(database: Database, at: datetime) -> Finding:
    unsent = (Letter.sent_at.is_(None), Letter.dead_at.is_(None))
    with database.reading() as db:
        late = db.scalar(
            select(func.count()).select_from(Letter).where(*unsent, Letter.not_before < at - LATE)
        )
        dead = db.scalar(
            select(func.count())
            .select_from(Letter)
            .where(Letter.dead_at > at - 30 * LATE * 24, Letter.answer != SUPERSEDED)
        )
    if late:
        return Finding("letters", False, f"{late} 封信超过 1 小时未发出", "govgrid deliver --once")
    return Finding("letters", True, f"没有滞留的信；30 天内 {dead} 封被拒收")


def _programs() -> Finding:
    missing = [name for name in ("pg_dump", "pg_restore") if shutil.which(tool(name)) is None]
    if missing:
        line = "apt-get install -y postgresql-client"
        return Finding("backup", False, f"缺少 {'、'.join(missing)}，无法备份", line)
    return Finding("backup", True, f"{tool('pg_dump')} 可用")


def _folder(name: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(name, True, f"{folder} 可以写入")
    except OSError as error:
        line = f"install -d -o $(id -un) {folder}"
        return Finding(name, False, f"{folder} 不能写入：{error.strerror}", line)


def _room(settings: Settings) -> Finding:
    folder = settings.archive.absolute()
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{folder} 所在磁盘剩余 {free / ROOM:.1f} GiB"
    return Finding("disk", free >= ROOM, found, "" if free >= ROOM else f"df -h {folder}")


def _libraries() -> Finding:
    missing = [package for name, package in LIBRARIES.items() if not _loads(name)]
    if not missing:
        return Finding("libraries", True, "排版所需系统库齐全")
    line = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    return Finding("libraries", False, f"缺少系统库：{'、'.join(missing)}", line)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _fonts(settings: Settings) -> Finding:
    try:
        fonts = find_fonts(settings.vendor, settings.house_fonts)
    except Refusal as refusal:
        house = settings.house_fonts is not None and not settings.house_fonts.is_dir()
        return Finding(
            "fonts", False, str(refusal), "unset GOVGRID_HOUSE_FONTS" if house else "make setup"
        )
    return Finding("fonts", True, f"{len(fonts.faces())} 个字体文件齐全")


def _printing(settings: Settings) -> Finding:
    page = "<!doctype html><html lang=zh><title>试印</title><h1>试印</h1></html>"
    try:
        with Press.open(settings.vendor, settings.house_fonts) as press:
            data = press.print(Sheet(page, datetime.now(UTC)))
    except (Refusal, OSError) as error:
        return Finding("printing", False, str(error), "make setup")
    return Finding("printing", data.startswith(b"%PDF"), "试印一页成功")


def _mail(settings: Settings) -> Finding:
    try:
        with open_transport(settings.smtp_url, timeout=10) as transport:
            transport.reach()
    except (Refusal, Undelivered) as error:
        line = "export GOVGRID_SMTP_URL=smtp://user:password@host:587"
        return Finding("mail", False, f"邮件无法发出：{error}", line)
    place = (
        "写入文件夹，不会真正寄出" if settings.smtp_url.startswith("file:") else "服务器可以连接"
    )
    return Finding("mail", True, place)


def _replies(settings: Settings) -> Finding:
    try:
        with opened(place_of(settings.imap_url)):
            return Finding("replies", True, "回执邮箱可以读取")
    except Refusal as refusal:
        line = "export GOVGRID_IMAP_URL=imaps://user:password@host/INBOX"
        return Finding("replies", False, str(refusal), line)

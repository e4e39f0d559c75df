"""Feed a parser of what comes in from outside with whatever atheris thinks of.

`python -m benchmarks fuzz mail|sheet [--runs N] [--seconds S]`: a mail that answers an invitation,
or a sheet of cases. Any exception but the refusal that the parser promises, more than ten seconds
on one input, or 512 MiB in all ends the run with the input that did it. `make check-security` puts
atheris where it is found.
"""

import argparse
import io
import os
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris
from xlsxwriter import Workbook

with atheris.instrument_imports(include=["govgrid", "email"]):
    from govgrid.cases.imports import COLUMNS
    from govgrid.errors import Invalid
    from govgrid.meetings.inbox.itip import said
    from govgrid.meetings.inbox.mail import read_mail
    from govgrid.outbox import wire
    from govgrid.sheets import read_sheet

MAILS = Path(__file__).parent.parent / "tests" / "meetings" / "mails"
SHEET = "xl/worksheets/sheet1.xml"
SMOKE = 2_000
LONGEST, SECONDS, MEMORY = 8 * 1024, 10, 512
HEADINGS = ("工单编号", "来源", "诉求类别", "小区编号", "受理时间")
ROWS = (
    ("GD-1", "12345", "停车", "XQ-1", "2026-10-08 09:30"),
    ("GD-2", "其他", "噪音", "XQ-2", "2026年10月8日 9:30"),
    ("'=1+1", "一键响应", "漏水", "XQ-3", "46303.5"),
)


def mail(data: bytes) -> None:
    """Read a mail and its calendars, as the inbox does."""
    try:
        found = read_mail(data)
    except ValueError:
        return
    _one_line(found.message_id, found.sender, found.sender_name)
    for part in found.calendars:
        try:
            event = said(part.text, part.method)
        except ValueError:
            continue
        if event is not None:
            _one_line(event.uid, event.comment, event.place)


def _one_line(*texts: str) -> None:
    for text in texts:
        assert wire.line(text).strip() == text.strip(), text


def sheet(data: bytes) -> None:
    """Read a sheet of cases: text, a package as it came, or a sheet's markup in a sound package."""
    way, rest = data[:1], data[1:]
    name = "x.csv" if way in {b"", b"c"} else "x.xlsx"
    given = _package({SHEET: rest}) if way == b"m" else rest
    try:
        read_sheet(given, name, COLUMNS)
    except Invalid:
        return


def mails() -> Iterable[bytes]:
    """Return the answers that real clients wrote."""
    return (path.read_bytes() for path in sorted(MAILS.glob("*.eml")))


def sheets() -> Iterable[bytes]:
    """Return small sheets of every form."""
    lines = "\n".join(",".join(row) for row in (HEADINGS, *ROWS))
    yield b"c" + lines.encode()
    yield b"c" + lines.encode("gb18030")
    yield b"c" + lines.replace(",", "\t").encode("utf-8-sig")
    yield b"x" + _BOOK
    with zipfile.ZipFile(io.BytesIO(_BOOK)) as book:
        yield b"m" + book.read(SHEET)


def _book() -> bytes:
    stream = io.BytesIO()
    with Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate((HEADINGS, *ROWS)):
            page.write_row(number, 0, row)
        page.write_formula(4, 0, "=1+1", None, "GD-4")
    return stream.getvalue()


def _package(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_BOOK)) as given,
        zipfile.ZipFile(stream, "w") as made,
    ):
        for name in given.namelist():
            made.writestr(name, parts.get(name) or given.read(name))
    return stream.getvalue()


_BOOK = _book()
TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], Iterable[bytes]]]] = {
    "mail": (mail, mails),
    "sheet": (sheet, sheets),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=SMOKE)
    parser.add_argument("--seconds", type=int, default=0, help="end after so long; 0: never")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    target, seeds = TARGETS[given.target]
    with TemporaryDirectory(prefix="govgrid-fuzz-") as folder:
        for number, data in enumerate(seeds()):
            (Path(folder) / f"seed-{number}").write_bytes(data)
        child = os.fork()
        if child == 0:  # libFuzzer ends its process
            found = f"-artifact_prefix={Path.cwd()}/found-{given.target}-"
            how = (
                f"-runs={given.runs}", f"-max_total_time={given.seconds}", f"-seed={given.seed}",
                f"-max_len={LONGEST}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEMORY}",
                "-verbosity=0", "-print_final_stats=1", "-close_fd_mask=1",
            )  # fmt: skip
            atheris.Setup([sys.argv[0], *how, found, folder], target)
            atheris.Fuzz()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        sys.exit(f"{given.target}: the run ended with {status}; the input lies beside as found-…")
    print(f"{given.target}: no crash", flush=True)


if __name__ == "__main__":
    main()

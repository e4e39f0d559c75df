"""The child that prints: reads sheets from stdin, writes PDFs to stdout, within limits.

Started as a script by `press`, never imported by it: WeasyPrint and its fonts live only here.
A frame is four bytes of length and the payload: a sheet as JSON in; out, + and the PDF, or - and
the reason.
"""

import base64
import json
import mimetypes
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

MEMORY = 1536 * 2**20


def main() -> None:
    cpu = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up between two frames
    mimetypes.add_type("image/webp", ".webp")  # known to newer Pythons only, or to the system
    printer = Printer()
    for sheet in frames(sys.stdin.buffer):
        allow(cpu)
        try:
            answer = b"+" + printer.print(json.loads(sheet))
        except Exception as error:  # noqa: BLE001 - the parent decides what a failure means
            answer = b"-" + f"{type(error).__name__}: {error}".encode()
        output.write(len(answer).to_bytes(4) + answer)
        output.flush()


def frames(stream: BinaryIO) -> Iterator[bytes]:
    while size := stream.read(4):
        yield stream.read(int.from_bytes(size))


def allow(seconds: int) -> None:
    """Let this process use that many more seconds of CPU, then be killed."""
    used = int(time.process_time()) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


class Printer:
    """WeasyPrint with one font configuration and no way out of the process."""

    def __init__(self) -> None:
        import weasyprint  # noqa: PLC0415 - after the limits, and FONTCONFIG_FILE is set
        from weasyprint.pdf import stream  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

        class OwnBytes(URLFetcher):  # type: ignore[misc]  # it is untyped
            """Serves the sheet's own images, named paper:…, and nothing else."""

            images: dict[str, tuple[str, bytes]] = {}  # noqa: RUF012 - replaced on each instance

            def fetch(self, url: str, _headers: object = None) -> Any:
                name = url.removeprefix("paper:")
                if name == url or name not in self.images:
                    raise ValueError(f"refused to fetch {url!r}")
                kind, data = self.images[name]
                return URLFetcherResponse(url, data, {"Content-Type": kind})

        stream.Font = _read_late(stream.Font)
        self.weasyprint = weasyprint
        self.fetcher = OwnBytes
        self.fonts = FontConfiguration()

    def print(self, sheet: dict[str, Any]) -> bytes:
        fetcher = self.fetcher()
        drawn = {name: ("image/svg+xml", t.encode()) for name, t in sheet["images"].items()}
        photos = {n: ("image/jpeg", base64.b64decode(t)) for n, t in sheet["photos"].items()}
        fetcher.images = drawn | photos
        page = self.weasyprint.HTML(string=sheet["html"], url_fetcher=fetcher)
        at = datetime.fromisoformat(sheet["at"]).astimezone(UTC)
        pdf: bytes = page.write_pdf(
            font_config=self.fonts,
            pdf_variant="pdf/a-3a",
            attachments=[self._attachment(given, at, fetcher) for given in sheet["attachments"]],
        )
        return pdf

    def _attachment(self, given: dict[str, str], at: datetime, fetcher: object) -> Any:
        return self.weasyprint.Attachment(
            string=base64.b64decode(given["content"]),
            name=given["name"],
            description=given["description"],
            created=at,
            modified=at,
            relationship=given["relationship"],
            url_fetcher=fetcher,
        )


def _read_late(font: type) -> type:
    """Return WeasyPrint's font without its file, which a subset of it soon replaces.

    It would copy all 10 to 25 MB of a Chinese font for every size of every sheet.
    """
    module: Any = sys.modules[font.__module__]
    read = module.get_hb_object_data

    class ReadLate(font):  # type: ignore[misc]  # it is untyped
        _content: bytes | None

        def __init__(self, *given: object) -> None:
            module.get_hb_object_data = lambda _face: None
            try:
                super().__init__(*given)
            finally:
                module.get_hb_object_data = read

        @property
        def file_content(self) -> bytes:
            if self._content is None:
                self._content = read(self.hb_face)
            return self._content

        @file_content.setter
        def file_content(self, content: bytes | None) -> None:
            self._content = content

    return ReadLate


if __name__ == "__main__":
    main()

"""A mailbox behind a small IMAP server on this machine: enough of RFC 3501 for a reader."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Box:
    """Mails by UID; `log` is what was asked. `validity` changes where a mailbox is made anew."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.validity = 7
        self.log: list[str] = []

    def add(self, data: bytes) -> int:
        number = max(self.mails, default=0) + 1
        self.mails[number] = data
        return number


class _Session(socketserver.StreamRequestHandler):
    box: Box

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            self.box.log.append(rest)
            status = self._do(rest) or "OK done"
            self._say(f"{tag} {status}")
            if rest.upper().startswith("LOGOUT"):
                return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _do(self, asked: str) -> str | None:
        verb = asked.upper()
        if verb.startswith("CAPABILITY"):
            self._say("* CAPABILITY IMAP4rev1")
        elif verb.startswith("LOGIN"):
            return None if '"secret"' in asked else "NO wrong password"
        elif verb.startswith(("SELECT", "EXAMINE")):
            if "INBOX" not in verb:
                return "NO no such folder"
            self._say(f"* {len(self.box.mails)} EXISTS")
            self._say(f"* OK [UIDVALIDITY {self.box.validity}] valid")
        elif found := re.match(r"UID SEARCH UID (\d+):\*", verb):
            newest = max(self.box.mails, default=0)
            hits = [n for n in self.box.mails if n >= int(found[1])] or [newest]
            self._say("* SEARCH " + " ".join(str(n) for n in hits if n))
        elif found := re.match(r"UID FETCH (\d+) \((.*)\)", verb):
            self._fetch(int(found[1]), found[2])
        elif verb.startswith("LOGOUT"):
            self._say("* BYE")
        return None

    def _fetch(self, number: int, what: str) -> None:
        data = self.box.mails.get(number)
        if data is None:
            return
        if "RFC822.SIZE" in what:
            self._say(f"* 1 FETCH (UID {number} RFC822.SIZE {len(data)})")
        elif found := re.search(r"<(\d+)\.(\d+)>", what):
            some = data[int(found[1]) : int(found[1]) + int(found[2])]
            self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (number, len(some)))
            self.wfile.write(some + b")\r\n")


@contextmanager
def serving(box: Box) -> Iterator[str]:
    """Serve the mailbox; yield its address."""
    handler = type("Session", (_Session,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"imap://meetings:secret@127.0.0.1:{server.server_address[1]}/INBOX"
        finally:
            server.shutdown()
            thread.join()

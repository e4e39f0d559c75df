"""An SMTP server that takes every letter at once, in a process of its own or under watch."""

import multiprocessing
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.sharedctypes import Synchronized
from typing import BinaryIO

STEPS = ("connect", "MAIL", "RCPT", "DATA", "taken", "answered")
Told = Callable[[str], None]
Take = Callable[[bytes], None]


@contextmanager
def serving(take: Take, told: Told = lambda _step: None) -> Iterator[str]:
    """Yield the address of a server in this process, one thread a connection.

    `told` hears each of STEPS before it is answered, "answered" after; `take` gets each letter.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, take, told), daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def apart() -> Iterator[tuple[str, "Synchronized[int]"]]:
    """Yield the address of a server in another process and its count of letters."""
    count = multiprocessing.Value("q", 0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = multiprocessing.Process(target=_count, args=(server, count), daemon=True)
        process.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", count
        process.kill()
        process.join()


def _count(server: socket.socket, count: "Synchronized[int]") -> None:
    def take(_letter: bytes) -> None:
        with count.get_lock():
            count.value += 1

    _accept(server, take, lambda _step: None)


def _accept(server: socket.socket, take: Take, told: Told) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_talk, args=(connection, take, told), daemon=True).start()


def _talk(connection: socket.socket, take: Take, told: Told) -> None:
    # A client that was killed leaves in the middle of anything.
    with suppress(OSError), connection, connection.makefile("rb") as lines:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        told("connect")
        connection.sendall(b"220 sink\r\n")
        while line := lines.readline():
            verb = line[:4].upper().decode("ascii", "replace")
            if verb in STEPS:
                told(verb)
            if verb == "DATA":
                connection.sendall(b"354 go on\r\n")
                letter = _letter(lines)
                if letter is None:
                    return
                take(letter)
                told("taken")
                connection.sendall(b"250 ok\r\n")
                told("answered")
            elif verb == "EHLO":
                connection.sendall(b"250-sink\r\n250 SIZE 50000000\r\n")
            else:
                connection.sendall(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")


def _letter(lines: BinaryIO) -> bytes | None:
    """Read up to the lonely dot; None where the client left before."""
    found: list[bytes] = []
    while line := lines.readline():
        if line == b".\r\n":
            return b"".join(found)
        found.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return None

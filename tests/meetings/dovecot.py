"""A real Dovecot that needs no rights: one mailbox on a port of its own, by TLS or STARTTLS."""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import trustme

# The loopback network is wider than its first address: by the second, the peer is another host.
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1, 127.0.0.2
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
ssl = required
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
mail_location = maildir:{home}/Maildir
passdb {{
  driver = static
  args = password=se:cret@/
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
"""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Dovecot:
    """Where it answers, and where mails for it lie."""

    home: Path
    imap: int
    imaps: int

    @property
    def by_tls(self) -> str:
        """Return the setting that encrypts from the first byte."""
        return f"imaps://meetings:se%3Acret%40%2F@{HERE}:{self.imaps}/INBOX"

    @property
    def by_starttls(self) -> str:
        """Return the setting that asks a peer that is not this host to encrypt."""
        return f"imap://meetings:se%3Acret%40%2F@{ELSEWHERE}:{self.imap}/INBOX"

    @property
    def authority(self) -> str:
        """Return the file of the authority that vouches for it."""
        return str(self.home / "authority.pem")

    def add(self, mail: bytes) -> None:
        """Put a mail into the mailbox as a delivery agent does: written beside, then moved."""
        name = f"{time.time():.6f}.{os.getpid()}_{next(_numbers)}.here"
        path = self.home / "Maildir" / "tmp" / name
        path.write_bytes(mail)
        path.chmod(0o644)
        path.rename(self.home / "Maildir" / "new" / name)

    def empty(self) -> None:
        """Throw the mails away."""
        for mail in self.home.glob("Maildir/*/*.here*"):
            mail.unlink()


@contextmanager
def serving() -> Iterator[Dovecot]:
    """Serve until the block ends; as root, under a user who may do nothing."""
    root = os.geteuid() == 0
    user = pwd.getpwnam("nobody" if root else getpass.getuser())
    home = Path(mkdtemp(prefix="govgrid-imap-", dir="/tmp"))  # a short path: sockets lie there
    found = Dovecot(home, *_free_ports())
    for folder in ("run", "Maildir/tmp", "Maildir/new", "Maildir/cur"):
        (home / folder).mkdir(parents=True)
    _certify(home)
    group = "nogroup" if root else str(user.pw_gid)
    told = {"home": home, "user": user.pw_name, "group": group}
    config = home / "dovecot.conf"
    config.write_text(CONFIG.format(**told, imap=found.imap, imaps=found.imaps))
    command = ["dovecot", "-F", "-c", str(config)]
    if root:
        for path in (home, *home.rglob("*")):
            shutil.chown(path, user.pw_uid, user.pw_gid)
        command = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]  # fmt: skip
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
    server = subprocess.Popen(command, env=environment)
    try:
        _wait_for(server, found)
        yield found
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(home)


def _certify(home: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(home / "authority.pem")
    issued = authority.issue_cert(HERE, ELSEWHERE)
    issued.private_key_pem.write_to_path(home / "key.pem")
    issued.cert_chain_pems[0].write_to_path(home / "cert.pem")


def _free_ports() -> tuple[int, int]:
    with socket.create_server((HERE, 0)) as one, socket.create_server((HERE, 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for(server: "subprocess.Popen[bytes]", found: Dovecot) -> None:
    while server.poll() is None:
        with socket.socket() as door:
            if door.connect_ex((HERE, found.imaps)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"Dovecot ended before it answered: {(found.home / 'log').read_text()}")

"""A PostgreSQL cluster of one's own: on a Unix socket in a folder, without a port, removed afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

SERVER_USER = "postgres"
"""The server refuses to run as root; Debian's package makes this user."""


def programs() -> Path | None:
    """Where the server's programs are; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def own_cluster() -> Iterator[str]:
    """Start a cluster and give the address of an empty database in it (as setting ``database_url``)."""
    folder = programs()
    if folder is None:
        raise FileNotFoundError("PostgreSQL is not installed (Debian: postgresql)")
    with TemporaryDirectory(prefix="antin-pg-") as made:
        home = Path(made)
        _give(home)
        data = home / "data"
        _run(folder / "initdb", "-D", data, "-A", "trust", "-U", "antin", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}'"
        _run(folder / "pg_ctl", "-D", data, "-l", home / "log", "-o", options, "-w", "start")
        try:
            _run(folder / "createdb", "-h", home, "-U", "antin", "antin")
            yield f"postgresql+psycopg://antin@/antin?host={quote(str(home), safe='')}"
        finally:
            _run(folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _give(home: Path) -> None:
    """The folder belongs to who runs the server; others may come in for the socket."""
    home.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(home, SERVER_USER, SERVER_USER)


def _run(*command: object) -> None:
    user = pwd.getpwnam(SERVER_USER).pw_name if os.geteuid() == 0 else None
    arguments = [str(part) for part in command]
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd="/")

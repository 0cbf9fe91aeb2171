"""signxml's own test files: its source distribution, downloaded by the hash that our lock pins, never committed.

``pip download`` builds the distribution's metadata with the backend that the lock pins too (no build isolation), so
that nothing unpinned runs.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WHERE = ROOT / "build" / "signxml"
DOWNLOAD_S = 120


class NoVectorsError(Exception):
    """The source distribution could not be had; the message says why."""


def signxml_files() -> Path:
    """The directory ``test`` of the source distribution; downloaded where it is not there yet.

    Raises:
        NoVectorsError: it could not be downloaded.
    """
    locked = _locked()
    directory = WHERE / locked.split()[0].replace("==", "-") / "test"
    if not directory.is_dir():
        _unpack(_download(locked))
    return directory


def _locked() -> str:
    """The lock's entry for signxml: version and hashes."""
    part = [str(ROOT / "deploy" / "lock-part.sh"), str(ROOT / "requirements.lock"), "signxml"]
    return subprocess.run(part, capture_output=True, text=True, check=True).stdout


def _download(locked: str) -> Path:
    WHERE.mkdir(parents=True, exist_ok=True)
    wanted = WHERE / "signxml.txt"
    wanted.write_text(locked, encoding="utf-8")
    arguments = ["--require-hashes", "--no-deps", "--no-binary", "signxml", "--no-build-isolation", "-d", str(WHERE)]
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", *arguments]
    try:
        done = subprocess.run(
            [*command, "-r", str(wanted)], capture_output=True, text=True, check=False, timeout=DOWNLOAD_S
        )
    except subprocess.TimeoutExpired as error:
        raise NoVectorsError(f"pip download took more than {DOWNLOAD_S} s") from error
    if done.returncode != 0:
        raise NoVectorsError(f"pip download: {done.stderr.strip().splitlines()[-1:]}")
    return next(WHERE.glob("signxml-*.tar.gz"))


def _unpack(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(WHERE, filter="data")

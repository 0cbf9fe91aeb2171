"""Bytes addressed by their SHA-256: a file appears whole or not at all, and is never changed.

The file is written before the row that names it is committed. A crash between the two leaves a file that no row
names: harmless, and ``sweep`` removes it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

SWEEP_AGE = timedelta(days=1)
"""Younger files may belong to a transaction that is still open."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = ".part-"


class DocumentMissing(Exception):  # noqa: N818 - what is wrong, in the store's words
    """No file of this digest, or its bytes no longer have the digest (the store was damaged)."""


class DocumentStore:
    """Files under ``root/ab/cd/abcd…`` (64 hexadecimal digits)."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes) -> str:
        """Keep the bytes durably; the hexadecimal SHA-256 they can be asked for by."""
        return self.put_known(hashlib.sha256(data).hexdigest(), data)

    def put_known(self, sha256: str, data: bytes) -> str:
        """The same for bytes whose digest is known: not hashed again where a file of that digest and size is here.

        Raises:
            ValueError: they do not have that digest.
        """
        path = self._path(sha256)
        if _refresh(path, len(data)):
            return sha256
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError("the bytes do not have the digest they are said to have")
        self._make_folder(path.parent)
        handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).rename(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of a digest, checked against it.

        Raises:
            DocumentMissing: not there, or damaged.
        """
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise DocumentMissing(f"no document {sha256}") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DocumentMissing(f"document {sha256} is damaged")
        return data

    def __contains__(self, sha256: object) -> bool:
        return isinstance(sha256, str) and bool(_SHA256.fullmatch(sha256)) and self._path(sha256).exists()

    def sweep(self, is_named: Callable[[str], bool], now: datetime) -> int:
        """Remove files older than a day that no row names, and unfinished ones; how many were removed."""
        limit = (now - SWEEP_AGE).timestamp()
        removed = 0
        for path in self._root.glob("*/*/*"):
            unfinished = path.name.startswith(_TEMPORARY)
            if _is_older(path, limit) and (unfinished or not is_named(path.name)):
                removed += _remove_if_still_older(path, limit)
        return removed

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise DocumentMissing(f"not a SHA-256: {sha256!r}")
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        for parent in (folder.parent, folder.parent.parent):
            _sync_folder(parent)


def _refresh(path: Path, size_bytes: int) -> bool:
    """Make an existing file young, so that a sweep leaves it to the transaction that is about to name it."""
    try:
        os.utime(path)
        return path.stat().st_size == size_bytes
    except FileNotFoundError:
        return False


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:  # another sweep
        return False


def _remove_if_still_older(path: Path, limit: float) -> bool:
    """Take the file aside, look again whether ``put`` wanted it meanwhile, then remove it or put it back."""
    aside = path.with_name(f"{_TEMPORARY}swept-{path.name}")
    try:
        path.rename(aside)
        if not _is_older(aside, limit):
            aside.rename(path)
            return False
        aside.unlink()
    except FileNotFoundError:  # another sweep
        return False
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

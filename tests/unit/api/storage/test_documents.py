"""The document store: whole or not at all, checked on reading, orphans swept."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.storage.documents import DocumentMissing, DocumentStore

DATA = b"a paper"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "documents")


def test_what_was_put_is_found_by_its_digest(store: DocumentStore, tmp_path: Path) -> None:
    assert SHA256 not in store
    assert store.put(DATA) == SHA256
    assert store.put(DATA) == SHA256
    assert SHA256 in store
    assert store.get(SHA256) == DATA
    files = [path for path in (tmp_path / "documents").rglob("*") if path.is_file()]
    assert files == [tmp_path / "documents" / SHA256[:2] / SHA256[2:4] / SHA256]


def test_a_damaged_file_is_not_handed_out(store: DocumentStore, tmp_path: Path) -> None:
    store.put(DATA)
    path = tmp_path / "documents" / SHA256[:2] / SHA256[2:4] / SHA256
    path.write_bytes(b"another paper")
    with pytest.raises(DocumentMissing, match="damaged"):
        store.get(SHA256)


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", SHA256.upper(), SHA256[:-1], SHA256 + "0"])
def test_only_digests_are_names(store: DocumentStore, name: str) -> None:
    with pytest.raises(DocumentMissing):
        store.get(name)
    assert name not in store


def test_a_write_that_fails_leaves_nothing(store: DocumentStore, tmp_path: Path) -> None:
    folder = tmp_path / "documents" / SHA256[:2]
    folder.mkdir(parents=True)
    (folder / SHA256[2:4]).write_text("a file where a folder must be")
    with pytest.raises(OSError, match=r"exists|directory"):
        store.put(DATA)
    assert SHA256 not in store


def test_the_sweep_removes_old_orphans_and_unfinished_files_only(store: DocumentStore, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    named, orphan, young = store.put(b"named"), store.put(b"orphan"), store.put(b"young orphan")
    unfinished = tmp_path / "documents" / named[:2] / named[2:4] / ".part-x"
    unfinished.write_bytes(b"half")
    old = (now - timedelta(days=2)).timestamp()
    for path in (tmp_path / "documents").rglob("*"):
        if path.is_file() and path.name != young:
            os.utime(path, (old, old))
    assert store.sweep({named}.__contains__, now) == 2
    assert (named in store, orphan in store, young in store, unfinished.exists()) == (True, False, True, False)

"""Every file of the shared corpora through the verifier, with all that could make it green trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from certs.catalogue import load_catalogue
from certs.certificate import der_of, read_certificates
from tests.vectors.corpus import certificates_in, load_vectors, own_store
from tests.viewers.told import Told, told_green
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers

AT = datetime(2026, 12, 2, tzinfo=UTC)
FOLDERS = ("tricky", "vietnam")
"""Corpora beside ``corpus/pdf``, whose files are named by ``expectations.json`` of ``corpus``."""


def corpus_files(shared: Path) -> Iterator[tuple[str, Path, str | None]]:
    """Name, path and password of every PDF; those under ``pdf/malformed`` too: they are drawn only when told green."""
    for vector in load_vectors(shared):
        if vector.path.suffix.lower() == ".pdf":
            yield vector.name, vector.path, vector.password
    for folder in FOLDERS:
        for path in sorted((shared / "corpus" / folder).glob("*.pdf")):
            yield f"{folder}/{path.name}", path, None


def trusted_ders(shared: Path) -> list[bytes]:
    """Certificates of the trust folders, DER."""
    found: dict[bytes, None] = {}
    for folder in (shared / "trust", shared / "corpus" / "tricky" / "trust"):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                found.update(dict.fromkeys(_ders(path)))
    return list(found)


def judged(workers: LimitedWorkers, name: str, data: bytes, password: str | None, ders: Iterable[bytes]) -> Told | None:
    """Verify one file, its own roots trusted besides ``ders``, no status asked for; what of it was told green."""
    own = workers.run(certificates_in, data, password)
    policy = load_policy().skipping_revocation()
    environment = Environment(policy, own_store([*dict.fromkeys((*own, *ders))]), load_catalogue())
    report = workers.verify(VerificationInput(data, password), environment, AT)
    return told_green(name, data, password, report)


def _ders(path: Path) -> list[bytes]:
    try:
        return [der_of(certificate) for certificate in read_certificates(path.read_bytes())]
    except ValueError:
        return []

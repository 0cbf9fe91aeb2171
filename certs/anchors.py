"""Whom we trust: anchors with a regime and purposes, the intermediates known beside them, pinned by SHA-256.

Two ways in: ``load_directories`` takes whatever an operator names on the command line (``--trust DIR``);
``TrustDirectory`` is the configured store, which takes only certificates the catalogue knows.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import pem

from certs.catalogue import ALL_PURPOSES, Catalogue, Entry, Purpose, Regime, Role
from certs.certificate import (
    Certificate,
    der_of,
    display_name,
    fingerprint,
    is_self_signed,
    kept_certificate,
    read_certificates,
)
from certs.signed_bytes import issued_by

__all__ = [
    "Imported",
    "NotInCatalogue",
    "Purpose",
    "Regime",
    "TrustAnchor",
    "TrustDirectory",
    "TrustStore",
    "TrustStoreError",
    "load_directories",
    "make_store",
    "replace_file",
]

MAX_CERTIFICATE_FILE_BYTES = 1 << 20
"""A certificate is 1-2 kB, a bundle some dozen of them; a larger file in a trust directory is something else."""


class TrustStoreError(Exception):
    """The trust store cannot be read; the message says which file or directory and why."""


class NotInCatalogue(TrustStoreError):  # noqa: N818 - a refusal, named by its reason
    """The certificate offered for import is not one the catalogue knows."""


@dataclass(frozen=True)
class TrustAnchor:
    """A certificate where trust begins.

    ``sha1_tree``: SHA-1 signatures are accepted on the *pinned* CA certificates below it (VGCA G1 2010, MIC 2008).
    """

    certificate: Certificate
    regime: Regime
    purposes: frozenset[Purpose]
    sha1_tree: bool
    name: str

    def __reduce__(self) -> tuple[Any, ...]:
        """Crosses to a worker as DER: an asn1crypto object that was already read does not survive pickling."""
        return _revive_anchor, (der_of(self.certificate), self.regime, self.purposes, self.sha1_tree, self.name)


@dataclass(frozen=True)
class TrustStore:
    """Anchors and known intermediates, with a digest that names this very set in a report."""

    anchors: tuple[TrustAnchor, ...]
    intermediates: tuple[Certificate, ...]
    sha256: str

    def __reduce__(self) -> tuple[Any, ...]:
        """As ``TrustAnchor``."""
        return _revive_store, (self.anchors, tuple(der_of(c) for c in self.intermediates), self.sha256)

    def anchor_for(self, root_cert: Certificate) -> TrustAnchor | None:
        """The anchor that is this very certificate (same bytes), or None."""
        wanted = fingerprint(root_cert)
        return next((anchor for anchor in self.anchors if fingerprint(anchor.certificate) == wanted), None)


def _revive_anchor(der: bytes, *facts: Any) -> TrustAnchor:
    return TrustAnchor(kept_certificate(der, Certificate.load), *facts)


def _revive_store(anchors: tuple[TrustAnchor, ...], ders: tuple[bytes, ...], sha256: str) -> TrustStore:
    return TrustStore(anchors, tuple(kept_certificate(der, Certificate.load) for der in ders), sha256)


@dataclass(frozen=True)
class Imported:
    """One certificate of the pinned store with the row that pins it."""

    certificate: Certificate
    entry: Entry
    path: Path


def make_store(anchors: Sequence[TrustAnchor], intermediates: Sequence[Certificate]) -> TrustStore:
    """A store without repetitions, in an order that does not depend on file names, and its digest."""
    by_print = {fingerprint(anchor.certificate): anchor for anchor in anchors}
    others = {fingerprint(c): c for c in intermediates}
    lines = [
        f"anchor {print_} {anchor.regime} {','.join(sorted(anchor.purposes))} sha1={anchor.sha1_tree}"
        for print_, anchor in sorted(by_print.items())
    ]
    lines += [f"known {print_}" for print_ in sorted(others)]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return TrustStore(tuple(by_print[p] for p in sorted(by_print)), tuple(others[p] for p in sorted(others)), digest)


def load_directories(dirs: Sequence[Path], catalogue: Catalogue) -> TrustStore:
    """The store of ``--trust DIR``: self-signed certificates become anchors, all others known intermediates.

    Regime, purposes and the SHA-1 exception come from the catalogue by fingerprint; an anchor it does not know has
    all purposes, the regime ``unknown`` and no exception. Files that hold no certificate are ignored.

    Raises:
        TrustStoreError: a directory is missing, or holds no certificate at all.
    """
    anchors: list[TrustAnchor] = []
    intermediates: list[Certificate] = []
    for directory in dirs:
        certificates = _certificates_below(directory)
        if not certificates:
            raise TrustStoreError(f"{directory}: no certificate in it (PEM or DER)")
        for certificate in certificates:
            if is_self_signed(certificate) and issued_by(certificate, certificate):
                anchors.append(_anchor(certificate, catalogue.entry(fingerprint(certificate))))
            else:
                intermediates.append(certificate)
    return make_store(anchors, intermediates)


class TrustDirectory:
    """The configured trust store: a directory of certificates, each pinned by a row of the catalogue."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def import_certificate(self, data: bytes, catalogue: Catalogue) -> tuple[Imported, ...]:
        """Take the certificates in ``data`` (PEM, DER or PKCS#7) into the store; all of them or none.

        Raises:
            NotInCatalogue: one is not known by its SHA-256; the message says what it looks like.
            TrustStoreError: there is no readable certificate in it.
        """
        try:
            certificates = read_certificates(data)
        except ValueError as error:
            raise TrustStoreError(str(error)) from error
        if not certificates:
            raise TrustStoreError("no certificate in it")
        pinned = [(certificate, _pin(certificate, catalogue)) for certificate in certificates]
        self.path.mkdir(parents=True, exist_ok=True)
        return tuple(self._write(certificate, entry) for certificate, entry in pinned)

    def list(self, catalogue: Catalogue) -> tuple[Imported, ...]:
        """What the store holds, by file name. Every file is compared with the catalogue anew.

        Raises:
            TrustStoreError: a file changed since its import, or its row left the catalogue.
        """
        found: list[Imported] = []
        for path in sorted(self.path.glob("*.pem")) if self.path.is_dir() else []:
            try:
                (certificate,) = read_certificates(path.read_bytes())
            except ValueError as error:
                raise TrustStoreError(f"{path}: not one readable certificate: {error}") from error
            try:
                found.append(Imported(certificate, _pin(certificate, catalogue), path))
            except NotInCatalogue as error:
                raise TrustStoreError(f"{path}: {error}") from error
        return tuple(found)

    def load(self, catalogue: Catalogue) -> TrustStore:
        """The store as a value; empty where nothing was imported yet.

        Raises:
            TrustStoreError: as ``list``.
        """
        held = self.list(catalogue)
        anchors = [_anchor(item.certificate, item.entry) for item in held if item.entry.role is Role.ROOT]
        return make_store(anchors, [item.certificate for item in held if item.entry.role is not Role.ROOT])

    def _write(self, certificate: Certificate, entry: Entry) -> Imported:
        path = self.path / f"{_slug(entry.name)}-{entry.sha256[:12]}.pem"
        replace_file(path, _armored(certificate))
        return Imported(certificate, entry, path)


def _anchor(certificate: Certificate, entry: Entry | None) -> TrustAnchor:
    if entry is None:
        return TrustAnchor(certificate, Regime.UNKNOWN, ALL_PURPOSES, sha1_tree=False, name=display_name(certificate))
    return TrustAnchor(certificate, entry.regime, entry.purposes, entry.sha1_tree, entry.name)


def _pin(certificate: Certificate, catalogue: Catalogue) -> Entry:
    found = fingerprint(certificate)
    entry = catalogue.entry(found)
    if entry is not None:
        return entry
    subject, key_identifier = display_name(certificate), certificate.key_identifier
    ski = key_identifier.hex() if key_identifier is not None else None
    near = [e for e in catalogue.all_entries() if e.subject == subject or (ski is not None and e.ski == ski)]
    if near:
        names = "; ".join(f"{entry.name} (SHA-256 {entry.sha256})" for entry in near)
        raise NotInCatalogue(f"looks like {names} but differs: its SHA-256 is {found}")
    raise NotInCatalogue(f"not in the catalogue: {subject} (SHA-256 {found})")


def _certificates_below(directory: Path) -> list[Certificate]:
    if not directory.is_dir():
        raise TrustStoreError(f"{directory}: not a directory")
    found: list[Certificate] = []
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or path.stat().st_size > MAX_CERTIFICATE_FILE_BYTES:
            continue
        try:
            found.extend(read_certificates(path.read_bytes()))
        except ValueError:
            continue
    return found


def _armored(certificate: Certificate) -> bytes:
    return bytes(pem.armor("CERTIFICATE", der_of(certificate)))


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new one, never half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".import-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "ca"

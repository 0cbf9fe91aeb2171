"""Look at what the catalogued authorities publish: new CRLs, and certificates that are not in the store yet.

Nothing is trusted for being published: a certificate is taken in only if the catalogue pins its SHA-256 and it is no
root; everything else is named for the operator.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import pem, x509

from certs.anchors import TrustDirectory, replace_file
from certs.catalogue import Catalogue, Entry, Role
from certs.certificate import MALFORMED, Certificate, der_of, display_name, fingerprint, read_certificates
from certs.evidence import statement_signed
from certs.fetch import Fetcher, FetchFailed, FetchRefused


class Refreshed(StrEnum):
    """What became of one address, or of one certificate found there."""

    CRL_CHANGED = "crl-changed"
    CRL_UNCHANGED = "crl-unchanged"
    CRL_NOT_SIGNED = "crl-not-signed"
    AUTHORITY_NOT_HELD = "authority-not-held"
    CERTIFICATE_HELD = "certificate-held"
    CERTIFICATE_IMPORTED = "certificate-imported"
    ROOT_NOT_IMPORTED = "root-not-imported"
    NOT_IN_CATALOGUE = "not-in-catalogue"
    UNREADABLE = "unreadable"
    FAILED = "failed"


@dataclass(frozen=True)
class RefreshLine:
    """One line of the account; ``detail`` is a time, a fingerprint or a reason."""

    outcome: Refreshed
    address: str
    name: str
    detail: str = ""


@dataclass(frozen=True)
class SeenCrl:
    """The CRL last fetched from an address. Times are aware UTC."""

    address: str
    issuer: str
    sha256: str
    this_update: datetime
    next_update: datetime | None
    fetched_at: datetime


@dataclass
class RefreshState:
    """What was seen last, by address; kept in one JSON file beside the trust store."""

    crls: dict[str, SeenCrl] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> RefreshState:
        """Read the file; one that is missing or unreadable is an empty state (the next refresh writes it anew)."""
        try:
            rows = json.loads(path.read_text("utf-8"))["crls"]
            seen = [
                SeenCrl(
                    row["address"],
                    row["issuer"],
                    row["sha256"],
                    datetime.fromisoformat(row["this_update"]),
                    None if row["next_update"] is None else datetime.fromisoformat(row["next_update"]),
                    datetime.fromisoformat(row["fetched_at"]),
                )
                for row in rows
            ]
        except (OSError, ValueError, KeyError, TypeError):
            return cls()
        return cls({crl.address: crl for crl in seen})

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        rows = [
            {
                **vars(crl),
                "this_update": crl.this_update.isoformat(),
                "next_update": None if crl.next_update is None else crl.next_update.isoformat(),
                "fetched_at": crl.fetched_at.isoformat(),
            }
            for _, crl in sorted(self.crls.items())
        ]
        replace_file(path, json.dumps({"crls": rows}, ensure_ascii=False, indent=2).encode())


def refresh(
    directory: TrustDirectory, catalogue: Catalogue, fetcher: Fetcher, state: RefreshState, at: datetime
) -> Iterator[RefreshLine]:
    """Fetch the CRLs and issuer certificates of all catalogued authorities, one line for each; updates ``state``.

    Raises:
        TrustStoreError: the store itself cannot be read.
    """
    held = {fingerprint(item.certificate): item.certificate for item in directory.list(catalogue)}
    for entry in catalogue.all_entries():
        for address in entry.aia:
            yield from _certificates(address, entry, directory, catalogue, fetcher, held)
    publishers: dict[str, list[Entry]] = {}
    for entry in catalogue.all_entries():
        for address in entry.crl:
            publishers.setdefault(address, []).append(entry)
    for address, entries in publishers.items():
        yield _crl(address, entries, held, fetcher, state, at)


def _certificates(
    address: str,
    entry: Entry,
    directory: TrustDirectory,
    catalogue: Catalogue,
    fetcher: Fetcher,
    held: dict[str, Certificate],
) -> Iterator[RefreshLine]:
    try:
        found = read_certificates(fetcher.get(address))
    except (FetchFailed, FetchRefused) as error:
        yield RefreshLine(Refreshed.FAILED, address, entry.name, str(error))
        return
    except ValueError as error:
        yield RefreshLine(Refreshed.UNREADABLE, address, entry.name, str(error)[:200])
        return
    for certificate in found:
        sha256 = fingerprint(certificate)
        row = catalogue.entry(sha256)
        if row is None:
            yield RefreshLine(Refreshed.NOT_IN_CATALOGUE, address, display_name(certificate), sha256)
        elif sha256 in held:
            yield RefreshLine(Refreshed.CERTIFICATE_HELD, address, row.name, sha256)
        elif row.role is Role.ROOT:
            yield RefreshLine(Refreshed.ROOT_NOT_IMPORTED, address, row.name, sha256)
        else:
            directory.import_certificate(der_of(certificate), catalogue)
            held[sha256] = certificate
            yield RefreshLine(Refreshed.CERTIFICATE_IMPORTED, address, row.name, sha256)


def _crl(
    address: str,
    entries: Sequence[Entry],
    held: Mapping[str, Certificate],
    fetcher: Fetcher,
    state: RefreshState,
    at: datetime,
) -> RefreshLine:
    """Several generations of an authority may publish at one address: the CRL is of the one that signed it."""
    name = entries[0].name
    try:
        data = fetcher.get(address)
    except (FetchFailed, FetchRefused) as error:
        return RefreshLine(Refreshed.FAILED, address, name, str(error))
    try:
        der = pem.unarmor(data)[2] if pem.detect(data) else data
        crl = asn1_crl.CertificateList.load(der, strict=True)
        tbs = crl["tbs_cert_list"]
        this_update, next_update = tbs["this_update"].native, tbs["next_update"].native
        issuers = {entry.name: held[entry.sha256] for entry in entries if entry.sha256 in held}
        signer = next((name for name, issuer in issuers.items() if _signed_by(crl, issuer)), None)
    except MALFORMED as error:
        return RefreshLine(Refreshed.UNREADABLE, address, name, str(error)[:200])
    if signer is None:
        return RefreshLine(Refreshed.CRL_NOT_SIGNED if issuers else Refreshed.AUTHORITY_NOT_HELD, address, name)
    before = state.crls.get(address)
    sha256 = hashlib.sha256(der).hexdigest()
    state.crls[address] = SeenCrl(address, signer, sha256, _utc(this_update), _maybe_utc(next_update), at)
    changed = before is None or before.sha256 != sha256
    until = "–" if next_update is None else _utc(next_update).isoformat()
    return RefreshLine(Refreshed.CRL_CHANGED if changed else Refreshed.CRL_UNCHANGED, address, signer, until)


def _signed_by(crl: asn1_crl.CertificateList, issuer: x509.Certificate) -> bool:
    tbs = crl["tbs_cert_list"]
    if tbs["issuer"] != issuer.subject:
        return False
    return statement_signed(crl["signature_algorithm"], crl["signature"].native, tbs.dump(), issuer)


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


def _maybe_utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)

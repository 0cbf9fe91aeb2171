"""A CRL taken apart (RFC 5280 §5.1, §5.2), once in a process however often it is asked.

Headers are read with asn1crypto, entries with ``cryptography`` (``certs.crl_index``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import algos, core, pem, x509
from asn1crypto import crl as asn1_crl

from certs.certificate import MALFORMED
from certs.crl_index import RevokedEntries
from certs.evidence import Evidence, EvidenceKind
from certs.memo import BoundedMemo

_KNOWN_EXTENSIONS = frozenset(
    {
        "authority_key_identifier",
        "issuer_alt_name",
        "crl_number",
        "delta_crl_indicator",
        "issuing_distribution_point",
        "freshest_crl",
        "authority_information_access",
    }
)
ALL_REASONS = frozenset(
    {
        *("key_compromise", "ca_compromise", "affiliation_changed", "superseded"),
        *("cessation_of_operation", "certificate_hold", "privilege_withdrawn", "aa_compromise"),
    }
)
"""ReasonFlags of RFC 5280 4.2.1.13, by asn1crypto's names."""

_EXPIRED_CERTS_ON_CRL = "2.5.29.60"
_DELTA_INDICATOR = b"\x06\x03\x55\x1d\x1b"
"""The object identifier 2.5.29.27 in DER."""

KEPT_BYTES = 96 << 20
"""Parsed CRLs a process keeps, by the size of their DER (17 MB for 500,000 entries; parsed, about as much again)."""

OVERHEAD_BYTES = 8 << 10
"""What the parsed header of a small CRL takes besides its bytes, roughly."""


@dataclass(frozen=True)
class CrlScope:
    """The issuing distribution point extension (RFC 5280 5.2.5), ``encoded`` its DER; empty where there is none."""

    names: tuple[x509.GeneralName, ...] = ()
    only_users: bool = False
    only_cas: bool = False
    only_attributes: bool = False
    reasons: frozenset[str] = ALL_REASONS
    indirect: bool = False
    encoded: bytes = b""


@dataclass(frozen=True)
class ParsedCrl:
    """One CRL.

    ``algorithm`` is None where the one outside the signed part differs from the one inside. ``signed_by`` remembers
    which certificates' keys verified the signature, by fingerprint. ``base_number``: the number of the oldest complete
    CRL that a delta CRL updates, None for a complete one (RFC 5280 5.2.4). ``freshest``: where deltas are published.
    """

    der: bytes
    evidence: Evidence
    algorithm: algos.SignedDigestAlgorithm | None
    signature: bytes
    entries: RevokedEntries
    signed_by: dict[str, bool]
    issuer: x509.Name
    this_update: datetime
    next_update: datetime | None
    scope: CrlScope
    number: int | None
    base_number: int | None
    freshest: tuple[str, ...]
    kept_since: datetime | None

    @property
    def delta(self) -> bool:
        """Does it list only what changed since another CRL."""
        return self.base_number is not None


_parsed: BoundedMemo[bytes, ParsedCrl] = BoundedMemo(KEPT_BYTES)


def read_crl(data: bytes) -> ParsedCrl:
    """Parse a CRL (DER or PEM), or answer what was parsed of these bytes before.

    Raises:
        ValueError: not a CRL, or one whose extensions are critical and unknown, or twice; so MALFORMED in general.
    """
    known = _parsed.get(data)
    if known is None:
        known = _parse(data)
        _parsed.keep(data, known, len(data) + OVERHEAD_BYTES)
    return known


def is_delta(data: bytes) -> bool:
    """Is it a delta CRL; what cannot be parsed is none."""
    known = _parsed.get(data)
    if known is not None:  # a large one is not searched again
        return known.delta
    if _DELTA_INDICATOR not in data and not pem.detect(data):
        return False
    try:
        return read_crl(data).delta
    except MALFORMED:
        return False


def _parse(data: bytes) -> ParsedCrl:
    der = data
    if pem.detect(data):
        _kind, _headers, der = pem.unarmor(data)
    header = asn1_crl.CertificateList.load(der, strict=True)
    tbs = header["tbs_cert_list"]
    every = list(tbs["crl_extensions"] or ())
    extensions = {ext["extn_id"].native: ext for ext in every}
    if len(extensions) != len(every):
        raise ValueError("an extension stands twice")
    unknown_critical = [
        name
        for name, ext in extensions.items()
        if ext["critical"].native and name not in _KNOWN_EXTENSIONS and name != _EXPIRED_CERTS_ON_CRL
    ]
    if unknown_critical:
        raise ValueError(f"unknown critical extensions {unknown_critical}")
    algorithm = algos.SignedDigestAlgorithm.load(header["signature_algorithm"].dump())
    idp = extensions.get("issuing_distribution_point")
    kept = extensions.get(_EXPIRED_CERTS_ON_CRL)
    return ParsedCrl(
        der=der,
        evidence=Evidence.of(EvidenceKind.CRL, der),
        algorithm=algorithm if tbs["signature"].native == algorithm.native else None,
        signature=header["signature"].native,
        entries=RevokedEntries(der),
        signed_by={},
        issuer=tbs["issuer"],
        this_update=tbs["this_update"].native,
        next_update=tbs["next_update"].native,
        scope=CrlScope() if idp is None else _scope(idp["extn_value"].parsed, tbs["issuer"]),
        number=_integer(extensions.get("crl_number")),
        base_number=_integer(extensions.get("delta_crl_indicator")),
        freshest=_addresses(extensions.get("freshest_crl")),
        kept_since=None if kept is None else core.GeneralizedTime.load(kept["extn_value"].native).native,
    )


def _integer(extension: Any) -> int | None:
    return None if extension is None else int(extension["extn_value"].parsed.native)


def _addresses(extension: Any) -> tuple[str, ...]:
    """Addresses of distribution points, as they are written; other names are passed over."""
    points = () if extension is None else extension["extn_value"].parsed
    return tuple(distribution_addresses(points))


def distribution_addresses(points: Iterable[x509.DistributionPoint]) -> Iterator[str]:
    """The URIs of distribution points (RFC 5280 4.2.1.13), as they are written."""
    for point in points:
        full = point["distribution_point"]
        if full.native and full.name == "full_name":
            yield from (name.native for name in full.chosen if name.name == "uniform_resource_identifier")


def _scope(idp: asn1_crl.IssuingDistributionPoint, crl_issuer: x509.Name) -> CrlScope:
    return CrlScope(
        names=point_names(idp["distribution_point"], crl_issuer),
        only_users=bool(idp["only_contains_user_certs"].native),
        only_cas=bool(idp["only_contains_ca_certs"].native),
        only_attributes=bool(idp["only_contains_attribute_certs"].native),
        reasons=ALL_REASONS if idp["only_some_reasons"].native is None else frozenset(idp["only_some_reasons"].native),
        indirect=bool(idp["indirect_crl"].native),
        encoded=bytes(idp.dump()),
    )


def point_names(point: Any, issuer: x509.Name) -> tuple[x509.GeneralName, ...]:
    """The names of a distribution point; a name relative to the CRL issuer is completed (RFC 5280 4.2.1.13)."""
    if isinstance(point, core.Void) or point.native is None:
        return ()
    if point.name == "full_name":
        return tuple(point.chosen)
    rdns = [*issuer.chosen, point.chosen]
    full = x509.Name(name="", value=x509.RDNSequence(rdns))
    return (x509.GeneralName(name="directory_name", value=full),)

"""Read a CMS SignedData (RFC 5652) that an untrusted document brought, into values that later rules can rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from asn1crypto import (
    algos,
    cms,
    core,
    crl,
    ocsp,
    parser,
    pdf,  # noqa: F401 - importing it teaches asn1crypto Adobe's revocation archival attribute
    x509,
)
from pyhanko.sign.general import match_issuer_serial

from certs.certificate import kept_certificate
from verifier.cms.misencoded import meant_by
from verifier.guard import Failure, attempt
from verifier.report import Finding, Severity


class CmsUnreadableError(ValueError):
    """The bytes are no SignedData with a signer."""


_REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"
"""id-aa-ets-revocationValues (ETSI EN 319 122-1 annex A.1.3.2)."""


_DIGESTS = frozenset(algos.DigestAlgorithmId._map.values())


class _CertificateLists(core.SequenceOf):  # type: ignore[misc]  # asn1crypto has no types
    _child_spec = crl.CertificateList


class _BasicResponses(core.SequenceOf):  # type: ignore[misc]
    _child_spec = ocsp.BasicOCSPResponse


class _RevocationValues(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012 - how asn1crypto declares a SEQUENCE
        ("crls", _CertificateLists, {"explicit": 0, "optional": True}),
        ("ocsps", _BasicResponses, {"explicit": 1, "optional": True}),
        ("other", core.Any, {"explicit": 2, "optional": True}),
    ]


@dataclass(frozen=True)
class CmsSignature:
    """One SignedData with one of its SignerInfos; ``signer_count`` counts those that have to be judged together.

    ``attributes`` maps an attribute's name (asn1crypto's) to its values; ``unsigned`` likewise. ``certificates`` are
    those embedded that could be parsed; ``candidates`` of them those the signer identifier names. ``signed_bytes`` are
    the signed attributes as they stand in the file, re-tagged as SET OF (RFC 5652 §5.4); None where there are none and
    the signature is over the content itself.
    """

    signed_data: Any
    signer_info: Any
    signer_count: int
    certificates: tuple[x509.Certificate, ...]
    candidates: tuple[x509.Certificate, ...]
    signed_bytes: bytes | None
    attributes: dict[str, list[Any]]
    unsigned: dict[str, list[Any]]
    findings: tuple[Finding, ...]

    @property
    def digest_algorithm(self) -> str:
        """Lower-case name of the digest algorithm (``sha256``).

        Some programs write a signature algorithm in its place (sha1WithRSAEncryption for sha1): its digest is meant.
        """
        name = str(self.signer_info["digest_algorithm"]["algorithm"].native).lower()
        meant = attempt("digest", lambda: str(algos.SignedDigestAlgorithm({"algorithm": name}).hash_algo))
        return name if isinstance(meant, Failure) or name in _DIGESTS else meant

    @property
    def content_type(self) -> str:
        """Name of the encapsulated content's type (``data``, ``tst_info``)."""
        return str(self.signed_data["encap_content_info"]["content_type"].native)

    @property
    def signature_value(self) -> bytes:
        """What a signature time stamp is over (ETSI EN 319 122-1 §5.3)."""
        return bytes(self.signer_info["signature"].native)

    @property
    def encapsulated(self) -> bytes | None:
        """The content inside, None where the signature is detached."""
        content = self.signed_data["encap_content_info"]["content"]
        if isinstance(content, core.Void):
            return None
        if isinstance(content, core.Any):  # of a type that asn1crypto does not know: an OCTET STRING all the same
            octets = attempt("content", lambda: bytes(content.parse(core.OctetString).native))
            return bytes(content) if isinstance(octets, Failure) else octets
        return bytes(content)

    @property
    def signing_time(self) -> datetime | None:
        """The signing-time attribute (RFC 5652 §11.3), a claim of the signer; None where absent or not one time."""
        values = self.attributes.get("signing_time", [])
        time = attempt("signing time", lambda: values[0].native) if len(values) == 1 else None
        return time.astimezone(UTC) if isinstance(time, datetime) and time.tzinfo else None

    def token(self) -> bytes:
        """The whole ContentInfo as DER, without padding: what is kept as evidence of a time stamp."""
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": self.signed_data}).dump())

    def time_stamp_tokens(self) -> list[bytes]:
        """Signature time stamps (RFC 3161 appendix A), DER; empty bytes for one that is no structure at all."""
        values = self.unsigned.get("signature_time_stamp_token")
        if values is not None and not values:  # an attribute whose values cannot be read
            return [b""]
        dumped = [attempt("token", lambda value=value: bytes(value.dump())) for value in values or ()]  # type: ignore[misc]
        return [b"" if isinstance(token, Failure) else token for token in dumped]

    def revocation_values(self) -> tuple[list[bytes], list[bytes]]:
        """CRLs and OCSP responses of the crls field (RFC 5940), of Adobe's archival attribute, of CAdES; DER.

        One that cannot be read takes no other with it.
        """
        choices = _members(lambda: self.signed_data["crls"])
        crls = _each(choices, lambda choice: choice.chosen.dump() if _is_crl(choice) else None)
        ocsps = _each(choices, lambda choice: choice.chosen["other_rev_info"].dump() if _is_ocsp(choice) else None)
        for archive in self.attributes.get("adobe_revocation_info_archival", []):
            crls += _each(_members(partial(archive.__getitem__, "crl")), lambda value: value.dump())
            ocsps += _each(_members(partial(archive.__getitem__, "ocsp")), lambda value: value.dump())
        for value in self.unsigned.get(_REVOCATION_VALUES, []):
            values = attempt("revocation values", lambda value=value: _RevocationValues.load(value.dump()))  # type: ignore[misc]
            if not isinstance(values, Failure):
                crls += _each(_members(partial(values.__getitem__, "crls")), lambda one: one.dump())
                ocsps += _each(_members(partial(values.__getitem__, "ocsps")), _whole_response)
        return crls, ocsps


def read_cms(contents: bytes) -> CmsSignature:
    """Parse ``contents``, whose end may be padded with zeros.

    Raises:
        CmsUnreadableError: no SignedData, or no SignerInfo in it.
    """
    parsed = attempt("cms", lambda: _read(contents))
    if isinstance(parsed, Failure):
        raise CmsUnreadableError(parsed.detail)
    return parsed


def read_cms_signers(contents: bytes, limit: int) -> list[CmsSignature | Failure]:
    """Every SignerInfo as a signature of its own (RFC 5652 §5.1), at most ``limit``; one that cannot be read by itself.

    Raises:
        CmsUnreadableError: no SignedData, or no SignerInfo in it.
    """
    opened = attempt("cms", lambda: _open(contents))
    if isinstance(opened, Failure):
        raise CmsUnreadableError(opened.detail)
    return [attempt("cms", partial(_signature, opened, info, 1)) for info in opened.signer_infos[:limit]]


def _read(contents: bytes) -> CmsSignature:
    opened = _open(contents)
    signature = _signature(opened, opened.signer_infos[0], len(opened.signer_infos))
    if signature.signer_count == 1:
        return signature
    several = Finding("SEVERAL-SIGNERS", Severity.WARNING, (("count", str(signature.signer_count)),))
    return replace(signature, findings=(*signature.findings, several))


@dataclass(frozen=True)
class _Opened:
    """A SignedData, its signers, its certificates, and what is odd about it."""

    signed_data: Any
    signer_infos: tuple[Any, ...]
    certificates: tuple[x509.Certificate, ...]
    findings: tuple[Finding, ...]


def _open(contents: bytes) -> _Opened:
    findings = list(_trailing(contents))
    info = cms.ContentInfo.load(contents)
    if info["content_type"].native != "signed_data":
        raise ValueError(f"content type {info['content_type'].native}")
    signed_data = info["content"]
    signed_data["encap_content_info"]["content_type"].native  # noqa: B018 - parsing is the point
    signer_infos = tuple(signed_data["signer_infos"])
    if not signer_infos:
        raise ValueError("no signer")
    certificates, unreadable = _certificates(signed_data)
    if unreadable:
        findings.append(Finding("CERTIFICATE-UNREADABLE", Severity.WARNING, (("count", str(unreadable)),)))
    return _Opened(signed_data, signer_infos, tuple(certificates), tuple(findings))


def _signature(opened: _Opened, signer_info: Any, signer_count: int) -> CmsSignature:
    certificates = opened.certificates
    signed_bytes = _signed_bytes(signer_info)
    findings = list(opened.findings)
    candidates = named_by(signer_info, certificates)
    if not candidates:
        candidates = meant_by(signer_info, certificates)
        findings += [Finding("ISSUER-NAME-MISWRITTEN", Severity.WARNING)] if candidates else []
    for part in (
        "digest_algorithm",
        "signature_algorithm",
    ):  # parsed late otherwise, where it would look like our fault
        signer_info[part]["algorithm"].native  # noqa: B018
    return CmsSignature(
        signed_data=opened.signed_data,
        signer_info=signer_info,
        signer_count=signer_count,
        certificates=certificates,
        candidates=tuple(candidates),
        signed_bytes=signed_bytes,
        attributes={} if signed_bytes is None else _attributes(cms.CMSAttributes.load(signed_bytes)),
        unsigned=_attributes(signer_info["unsigned_attrs"]),
        findings=tuple(findings),
    )


def named_by(signer_info: Any, certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates that a SignerIdentifier names, by issuer and serial number or by key identifier."""
    identifier = signer_info["sid"]
    if identifier.name == "subject_key_identifier":
        return [c for c in certificates if c.key_identifier == identifier.chosen.native]
    serial = identifier.chosen["serial_number"].native  # told apart first: names take a hundred times as long
    return [c for c in certificates if c.serial_number == serial and match_issuer_serial(identifier.chosen, c)]


def _signed_bytes(signer_info: Any) -> bytes | None:
    """Taken before anything reads inside: asn1crypto re-encodes what is not DER once its children were looked at."""
    attributes = signer_info["signed_attrs"]
    return None if isinstance(attributes, core.Void) else bytes(attributes.untag().dump())


def structure_end(contents: bytes) -> int:
    """Where the first ASN.1 value ends, BER of indefinite length included.

    Raises:
        ValueError: there is none.
    """
    (_, _, _, header, content, trailer) = parser.parse(contents, strict=False)
    return len(header) + len(content) + len(trailer)


def _trailing(contents: bytes) -> Iterable[Finding]:
    """Bytes other than zero padding behind the structure could hide anything: nobody reads them."""
    rest = contents[structure_end(contents) :]
    if rest.strip(b"\0"):
        yield Finding("CONTENTS-TRAILING-DATA", Severity.WARNING, (("bytes", str(len(rest.rstrip(b"\0")))),))


def _certificates(signed_data: Any) -> tuple[list[x509.Certificate], int]:
    certificates: list[x509.Certificate] = []
    unreadable = 0
    for choice in _present(signed_data["certificates"]):
        if choice.name != "certificate":
            continue
        read = attempt("certificate", partial(read_certificate, choice.chosen.dump()))
        if isinstance(read, Failure):
            unreadable += 1
        else:
            certificates.append(read)
    return certificates, unreadable


def read_certificate(der: bytes) -> x509.Certificate:
    """A certificate whose names, dates, key and extensions were read once; the rest is nobody's business here.

    Raises:
        ValueError: and others of asn1crypto's, where a part cannot be parsed.
    """
    return kept_certificate(der, _read_certificate)


def _read_certificate(der: bytes) -> x509.Certificate:
    certificate = x509.Certificate.load(der)
    for part in ("subject", "issuer", "validity", "serial_number"):
        certificate["tbs_certificate"][part].native  # noqa: B018 - parsing is the point
    certificate.critical_extensions  # noqa: B018 - fills the extension properties
    certificate.public_key.algorithm  # noqa: B018
    return certificate


def _attributes(attributes: Any) -> dict[str, list[Any]]:
    """Values by attribute type; one type in two attributes is merged, so that duplicates are seen as such."""
    found: dict[str, list[Any]] = {}
    for attribute in _present(attributes):
        values = attempt("attribute", partial(_values, attribute))
        found.setdefault(str(attribute["type"].native), []).extend([] if isinstance(values, Failure) else values)
    return found


def _values(attribute: Any) -> list[Any]:
    return list(attribute["values"])


def _present(values: Any) -> Iterable[Any]:
    """The members of an optional field; ``.native`` would walk a CRL of 500,000 entries to say so."""
    return () if isinstance(values, core.Void) else values


def _members(read: Callable[[], Any]) -> list[Any]:
    """The members of a field that somebody may have garbled; none then."""
    found = attempt("revocation values", lambda: list(_present(read())))
    return [] if isinstance(found, Failure) else found


def _each(members: Iterable[Any], encoded: Callable[[Any], Any]) -> list[bytes]:
    """Those of the members that can be encoded and are meant (None: not)."""
    read = [attempt("revocation value", partial(encoded, member)) for member in members]
    return [bytes(one) for one in read if one is not None and not isinstance(one, Failure)]


def _is_crl(choice: Any) -> bool:
    return bool(choice.name == "crl")


def _is_ocsp(choice: Any) -> bool:
    return bool(choice.name == "other" and choice.chosen["other_rev_info_format"].native == "ocsp_response")


def _whole_response(basic: Any) -> bytes:
    """A BasicOCSPResponse in the envelope that servers send (RFC 6960 §4.2.1)."""
    response = {"response_type": "basic_ocsp_response", "response": basic}
    return bytes(ocsp.OCSPResponse({"response_status": "successful", "response_bytes": response}).dump())

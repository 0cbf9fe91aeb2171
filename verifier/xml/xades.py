"""XAdES properties (ETSI EN 319 132-1): what the signer signed about the signature, and what was added to it later.

Signed properties count only where a reference of the signature covers them and its digest holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from asn1crypto import x509
from lxml import etree

from verifier.cms.rules import SigningCertificate
from verifier.guard import Failure, attempt
from verifier.report import Finding, Severity
from verifier.signature.claims import VIETNAM_OFFSET
from verifier.signature.embedded import Pieces
from verifier.xml.algorithms import digest, digest_name
from verifier.xml.safety import Element
from verifier.xml.signature import Signed, XmlSignature, value_holds
from verifier.xml.transforms import DEFAULT, DS, SIGNATURE, canonical, decoded, read_method

NAMESPACES = tuple(f"http://uri.etsi.org/01903/v{version}#" for version in ("1.3.2", "1.2.2", "1.1.1"))
_XADES = "http://uri.etsi.org/01903"
V141 = "http://uri.etsi.org/01903/v1.4.1#"
COUNTER_SIGNATURE = frozenset(f"{{{namespace}}}CounterSignature" for namespace in NAMESPACES)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class StampedToken:
    """A time stamp and the bytes it must be of; ``stamped`` is None where they cannot be computed."""

    token: bytes
    stamped: tuple[bytes, ...] | None


@dataclass(frozen=True)
class Claim:
    """A claimed signing time; ``zoned`` is false where it names no zone and Vietnam's was taken."""

    time: datetime
    zoned: bool


@dataclass(frozen=True)
class Properties:
    """The qualifying properties of one signature; all fields empty where it is plain XMLDSig."""

    namespace: str
    signed: Element | None = None
    unsigned: Element | None = None


def read_properties(signature: XmlSignature) -> Properties | None:
    """The QualifyingProperties in the signature's own Objects, None where there are none or not one that is its own.

    EN 319 132-1 §4.3.2: one to a signature, in an Object of it, its Target the signature. Wherever else one stands, or
    where there are two, nobody can say which holds: see ``has_foreign_properties``.
    """
    found = _qualifying(signature)
    if len(found) != 1:
        return None
    element = found[0]
    namespace = etree.QName(element).namespace or ""
    target = element.get("Target", "").removeprefix("#")
    holder = element.getparent()
    if holder is None or holder.tag != f"{{{DS}}}Object" or holder.getparent() is not signature.element:
        return None
    if namespace not in NAMESPACES or (target and target != signature.element.get("Id")):
        return None
    signed = element.findall(f"{{{namespace}}}SignedProperties")
    unsigned = element.findall(f"{{{namespace}}}UnsignedProperties")
    if len(signed) > 1 or len(unsigned) > 1:
        return None
    return Properties(namespace, signed[0] if signed else None, unsigned[0] if unsigned else None)


def has_foreign_properties(signature: XmlSignature, properties: Properties | None) -> bool:
    """Are there XAdES properties in the signature that are not the one set which binds its certificate.

    A second set would leave the certificate of the first unbound, and another one for the same key could stand in its
    place; so would a signed reference to SignedProperties that are not in the one set.
    """
    if properties is None:
        return bool(_qualifying(signature)) or any(_is_properties_type(one) for one in signature.references)
    return len([one for one in signature.references if _is_properties_type(one)]) > 1


def signs_foreign_properties(properties: Properties | None, named: Sequence[Signed]) -> bool:
    """Does a reference name SignedProperties that are not those of the one set: they were moved out of it."""
    own = None if properties is None else properties.signed
    targets = [one.target for one in named if etree.QName(one.target).localname == "SignedProperties"]
    return any(str(one.tag).startswith(f"{{{_XADES}") and one is not own for one in targets)


def _is_properties_type(reference: Element) -> bool:
    kind = reference.get("Type", "")
    return bool(kind.startswith(_XADES) and kind.endswith("#SignedProperties"))


def _qualifying(signature: XmlSignature) -> list[Element]:
    """Every QualifyingProperties of any version below the signature, those of countersignatures left aside."""
    return [
        one
        for one in signature.element.iter("{*}QualifyingProperties")
        if next(one.iterancestors(SIGNATURE), None) is signature.element
    ]


def are_signed(properties: Properties, signed: Sequence[Signed]) -> bool:
    """Does a reference whose digest holds cover the signed properties."""
    element = properties.signed
    return element is not None and any(one.covers(element) for one in signed)


def claimed_time(signature: XmlSignature, properties: Properties | None, signed: Sequence[Signed]) -> Claim | None:
    """xades:SigningTime, or SigningTime in a signed SignatureProperty (the form of Vietnamese e-invoices).

    SignatureProperties stands in no namespace there (``xmlns=""``), and in XMLDSig's own at the tax department.
    """
    elements: list[Element] = []
    if properties is not None and properties.signed is not None and are_signed(properties, signed):
        elements = list(properties.signed.iterfind(f".//{{{properties.namespace}}}SigningTime"))
    if not elements:
        paths = [
            entry
            for space in (f"{{{DS}}}", "")
            for entry in signature.element.iterfind(
                f"{{{DS}}}Object/{space}SignatureProperties/{space}SignatureProperty"
            )
        ]
        elements = [
            child
            for entry in paths
            for child in entry.iter()
            if isinstance(child.tag, str)
            and child.tag.rpartition("}")[2] == "SigningTime"
            and any(one.covers(child) for one in signed)
        ]
    claims = {claim for element in elements if (claim := _time(element)) is not None}
    return claims.pop() if len(claims) == 1 else None


def choose_certificate(
    signature: XmlSignature, properties: Properties | None, known: Sequence[x509.Certificate]
) -> SigningCertificate:
    """The certificate whose digest the signed properties hold; without them, the first whose key made the value.

    Whether the properties are really signed is asked afterwards: the answer needs the certificate's key.
    """
    if has_foreign_properties(signature, properties):
        several = Finding("XADES-PROPERTIES-NOT-ONE", Severity.WARNING)
        return SigningCertificate(next(iter(signature.certificates), None), False, True, (several,))
    digests = [] if properties is None else list(_certificate_digests(properties))
    if digests:
        candidates = [*signature.certificates, *known]
        named = [one for one in candidates if any(_matches(one, algorithm, value) for algorithm, value in digests)]
        if not named:
            mismatch = Finding("SIGNING-CERTIFICATE-MISMATCH", Severity.WARNING)
            first = signature.certificates[0] if signature.certificates else None
            return SigningCertificate(first, False, True, (mismatch,))
        return SigningCertificate(_verifying(signature, named) or named[0], True, False)
    if not signature.certificates:
        return SigningCertificate(None, False, False, (Finding("NO-SIGNING-CERTIFICATE", Severity.WARNING),))
    chosen = _verifying(signature, signature.certificates) or signature.certificates[0]
    return SigningCertificate(chosen, False, False, (Finding("XML-CERTIFICATE-NOT-BOUND", Severity.INFO),))


def certificate_digest_names(properties: Properties) -> tuple[str, ...]:
    """Digest algorithms by which the signing certificate is bound."""
    return tuple(algorithm for algorithm, _ in _certificate_digests(properties))


def signature_stamps(signature: XmlSignature, properties: Properties | None) -> list[StampedToken]:
    """Signature time stamps: over the SignatureValue element in the canonical form they name."""
    if properties is None or properties.unsigned is None:
        return []
    path = f"{{{properties.namespace}}}UnsignedSignatureProperties/{{{properties.namespace}}}SignatureTimeStamp"
    return [
        StampedToken(token, stamped)
        for stamp in properties.unsigned.iterfind(path)
        for token, stamped in _tokens(stamp, properties.namespace, [signature.value_element])
    ]


def embedded_pieces(signature: XmlSignature, properties: Properties | None) -> Pieces:
    """Certificates and status values that the signature brought along, in KeyInfo and in its unsigned properties."""
    certificates = [bytes(certificate.dump()) for certificate in signature.certificates]
    crls = list(signature.crls)
    ocsps: list[bytes] = []
    if properties is not None and properties.unsigned is not None:
        certificates += _encapsulated(properties, "EncapsulatedX509Certificate")
        crls += _encapsulated(properties, "EncapsulatedCRLValue")
        ocsps += _encapsulated(properties, "EncapsulatedOCSPValue")
    return Pieces(tuple(certificates), tuple(crls), tuple(ocsps))


def _encapsulated(properties: Properties, name: str) -> Iterator[bytes]:
    assert properties.unsigned is not None
    for element in properties.unsigned.iterfind(f".//{{{properties.namespace}}}{name}"):
        der = attempt("base64", partial(decoded, element))
        if not isinstance(der, Failure):
            yield der


def _tokens(
    stamp: Element, namespace: str, stamped: Sequence[Element]
) -> Iterator[tuple[bytes, tuple[bytes, ...] | None]]:
    """The tokens in one time stamp property, with what each is over."""
    methods = stamp.findall(f"{{{DS}}}CanonicalizationMethod")
    for element in stamp.iterfind(f"{{{namespace}}}EncapsulatedTimeStamp"):
        token = attempt("base64", partial(decoded, element))

        def over() -> tuple[bytes, ...]:
            method = read_method(methods[0]) if methods else DEFAULT
            return tuple(canonical(part, method) for part in stamped)

        data = attempt("canonicalise", over)
        yield b"" if isinstance(token, Failure) else token, None if isinstance(data, Failure) else data


def _certificate_digests(properties: Properties) -> Iterator[tuple[str, bytes]]:
    """SigningCertificate (V2): any of the listed digests may be the signer's (EN 319 132-1 §5.2.2)."""
    if properties.signed is None:
        return
    for name in ("SigningCertificateV2", "SigningCertificate"):
        path = f"{{{properties.namespace}}}SignedSignatureProperties/{{{properties.namespace}}}{name}"
        for entry in properties.signed.iterfind(f"{path}/{{{properties.namespace}}}Cert"):
            read = attempt("certificate digest", partial(_certificate_digest, entry, properties.namespace))
            yield ("unknown", b"") if isinstance(read, Failure) else read


def _certificate_digest(entry: Element, namespace: str) -> tuple[str, bytes]:
    (held,) = entry.findall(f"{{{namespace}}}CertDigest")
    (method,), (value,) = held.findall(f"{{{DS}}}DigestMethod"), held.findall(f"{{{DS}}}DigestValue")
    return digest_name(method.get("Algorithm", "")), decoded(value)


def _matches(certificate: x509.Certificate, algorithm: str, value: bytes) -> bool:
    return attempt("digest", lambda: digest(algorithm, certificate.dump()) == value) is True


def _verifying(signature: XmlSignature, candidates: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The first leaf whose key made the value, else the first authority's whose key did."""
    holding = [one for one in candidates if value_holds(signature, one) is True]
    leaves = [one for one in holding if attempt("ca", lambda one=one: bool(one.ca)) is not True]  # type: ignore[misc]
    return next(iter([*leaves, *holding]), None)


def _time(element: Element) -> Claim | None:
    """xs:dateTime as aware UTC."""
    match = _TIME.fullmatch((element.text or "").strip())
    if match is None or len(element):
        return None
    zone = timezone(VIETNAM_OFFSET) if match[3] is None else _zone(match[3])
    read = attempt("time", lambda: datetime.fromisoformat(match[1]).replace(tzinfo=zone).astimezone(UTC))
    return None if isinstance(read, Failure) else Claim(read, match[3] is not None)


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))

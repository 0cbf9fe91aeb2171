"""Is a CMS signature what its signer made: digest, signed attributes, signature value, signing certificate.

RFC 5652 §5.4–5.6, RFC 6211, ETSI EN 319 122-1 §5. No trust is involved and nothing raises: what is wrong or could not
be computed is a fact with a finding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pyhanko.sign.general import check_ess_certid
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from certs.identity import plain_text
from certs.public_keys import holds_without_null, readable_key
from verifier.cms.container import CmsSignature
from verifier.guard import Failure, attempt
from verifier.report import Finding, Integrity, Severity, SubIndication

Content = Sequence[bytes | memoryview]
"""What was signed, in pieces, so that a large document is not copied."""

_PLAIN_ECDSA = "0.4.0.127.0.7.1.1.4.1."
"""BSI TR-03111: the signature is r ‖ s instead of a DER sequence."""

_PLAIN_ECDSA_DIGESTS = {"1": "sha1", "2": "sha224", "3": "sha256", "4": "sha384", "5": "sha512"}

_RSA_WITH: dict[str, str | None] = {
    "2.5.8.1.1": None,
    "2.16.840.1.101.3.4.3.13": "sha3_224",
    "2.16.840.1.101.3.4.3.14": "sha3_256",
    "2.16.840.1.101.3.4.3.15": "sha3_384",
    "2.16.840.1.101.3.4.3.16": "sha3_512",
}
"""RSA PKCS#1 v1.5 under identifiers that asn1crypto does not map: X.509's rsa, and NIST's with SHA-3."""

_EDDSA_DIGESTS = {"ed25519": ("sha512",), "ed448": ("shake256", "shake256_len")}
MAX_ATTRIBUTES_BYTES = 1 << 20
"""Signed attributes have some hundred bytes; revocation values archived among them can have more."""

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_SIGNING_CERTIFICATE = {
    "signing_certificate_v2": tsp.SigningCertificateV2,
    "signing_certificate": tsp.SigningCertificate,
}


@dataclass(frozen=True)
class IntegrityFacts:
    """Outcome of the checks on one SignerInfo; ``violations`` as in ``SignatureFacts``."""

    integrity: Integrity
    failure: SubIndication | None = None
    violations: tuple[tuple[SubIndication, str], ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class SigningCertificate:
    """The certificate that the signature itself designates.

    ``certificate`` is None where none is named or embedded; ``designated`` says whether a signed ESS attribute binds
    it (ETSI EN 319 102-1 §5.2.3.4), ``mismatch`` whether one is there that names another certificate.
    """

    certificate: x509.Certificate | None
    designated: bool
    mismatch: bool
    findings: tuple[Finding, ...] = ()


def signing_certificate(signature: CmsSignature, candidates: Sequence[x509.Certificate]) -> SigningCertificate:
    """Choose the signing certificate among those that the signer identifier names.

    Where it is bound in both forms (RFC 5035 §5.4), both name the same one: programs look at one of them.
    """
    if not candidates:
        return SigningCertificate(None, False, False, (_missing(signature),))
    named = {name: values for name in _SIGNING_CERTIFICATE if (values := signature.attributes.get(name))}
    if not named:
        absent = Finding("SIGNING-CERTIFICATE-ATTRIBUTE-ABSENT", Severity.INFO)
        return SigningCertificate(candidates[0], False, False, (absent,))
    matching = list(candidates)
    for name, values in named.items():
        certid = attempt("ess", partial(_first_certid, _SIGNING_CERTIFICATE[name], values[0]))
        matching = [c for c in matching if attempt("ess", partial(check_ess_certid, c, certid)) is True]
    if any(len(values) > 1 for values in named.values()) or not matching:
        return SigningCertificate(candidates[0], False, True, (_mismatch(),))
    return SigningCertificate(matching[0], True, False)


def check_integrity(
    signature: CmsSignature, certificate: x509.Certificate | None, content: Content, expected_type: str
) -> IntegrityFacts:
    """1 the digest algorithm is known · 2 signed attributes bind the content · 3 the value verifies with the key.

    Args:
        signature: the parsed SignedData.
        certificate: whose key must have made it; None leaves step 3 open.
        content: what was signed.
        expected_type: content type that the attribute must name (``data``, ``tst_info``).
    """
    digest = attempt("digest", lambda: _digest(signature.digest_algorithm, content))
    if isinstance(digest, Failure):
        finding = Finding("DIGEST-UNKNOWN", Severity.WARNING, (("algorithm", signature.digest_algorithm),))
        return IntegrityFacts(Integrity.UNKNOWN, SubIndication.POLICY_PROCESSING_ERROR, findings=(finding,))
    violations, findings = _attribute_rules(signature, expected_type, content)
    if signature.signed_bytes is not None:
        bound = signature.attributes.get("message_digest", [])
        if len(bound) != 1:
            code = "MESSAGE-DIGEST-ATTRIBUTE"
            violations.append((SubIndication.FORMAT_FAILURE, code))
            return IntegrityFacts(Integrity.UNKNOWN, SubIndication.FORMAT_FAILURE, tuple(violations), tuple(findings))
        if bytes(bound[0].native) != digest:
            return IntegrityFacts(Integrity.BROKEN, SubIndication.HASH_FAILURE, tuple(violations), tuple(findings))
    odd = _digest_not_of_eddsa(signature)
    if odd is not None:
        return IntegrityFacts(
            Integrity.UNKNOWN, SubIndication.POLICY_PROCESSING_ERROR, tuple(violations), (*findings, odd)
        )
    if certificate is None:
        failure = SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        return IntegrityFacts(Integrity.UNKNOWN, failure, tuple(violations), tuple(findings))
    holds, notes, form = _value_holds(signature, certificate, content)
    findings += notes
    violations += form
    if isinstance(holds, Failure):
        findings.append(Finding("SIGNATURE-ALGORITHM-UNKNOWN", Severity.WARNING, (("detail", holds.detail),)))
        failure = SubIndication.POLICY_PROCESSING_ERROR
        return IntegrityFacts(Integrity.UNKNOWN, failure, tuple(violations), tuple(findings))
    if not holds:
        return IntegrityFacts(Integrity.BROKEN, SubIndication.SIG_CRYPTO_FAILURE, tuple(violations), tuple(findings))
    return IntegrityFacts(Integrity.INTACT, None, tuple(violations), tuple(findings))


def _digest_not_of_eddsa(signature: CmsSignature) -> Finding | None:
    """RFC 8419 §3.1: EdDSA over signed attributes knows one digest each; with another it is no defined algorithm."""
    name = str(signature.signer_info["signature_algorithm"]["algorithm"].native)
    wanted = _EDDSA_DIGESTS.get(name)
    if wanted is None or signature.signed_bytes is None or signature.digest_algorithm in wanted:
        return None
    parameters = (("algorithm", name), ("digest", signature.digest_algorithm))
    return Finding("DIGEST-NOT-OF-EDDSA", Severity.WARNING, parameters)


def attributes_sha256(signature: CmsSignature) -> str | None:
    """Hexadecimal SHA-256 of the signed attributes in DER, by which a report names a signature (TS 119 102-2 §4.2.3).

    None where the signature has none, and so nothing that is its own.
    """
    stored = signature.signed_bytes
    return None if stored is None else hashlib.sha256(_in_der(stored)).hexdigest()


def digest_of(algorithm: str, content: Content) -> bytes | None:
    """The digest of the content's pieces, None for an algorithm that cannot be computed."""
    digest = attempt("digest", lambda: _digest(algorithm, content))
    return None if isinstance(digest, Failure) else digest


def effective_algorithm(signature: CmsSignature) -> tuple[algos.SignedDigestAlgorithm, str]:
    """The signature algorithm in a form the engine knows, and the digest it works with."""
    algorithm = signature.signer_info["signature_algorithm"]
    name = str(algorithm["algorithm"].native)
    if name in _RSA_WITH:
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"}), _RSA_WITH[
            name
        ] or signature.digest_algorithm
    if name == _EC_PUBLIC_KEY or name.startswith(_PLAIN_ECDSA):
        digest = _PLAIN_ECDSA_DIGESTS.get(name.removeprefix(_PLAIN_ECDSA), signature.digest_algorithm)
        return algos.SignedDigestAlgorithm({"algorithm": "ecdsa"}), digest
    named = attempt("digest", lambda: str(algorithm.hash_algo))
    return algorithm, signature.digest_algorithm if isinstance(named, Failure) else named


def _digest(algorithm: str, content: Content) -> bytes:
    digest = hashes.Hash(get_pyca_cryptography_hash(algorithm))
    for piece in content:
        digest.update(piece)
    return bytes(digest.finalize())


def _first_certid(kind: Any, value: Any) -> Any:
    """The first ESSCertID names the signing certificate; the others limit its issuers."""
    return kind.load(value.dump())["certs"][0]


def _missing(signature: CmsSignature) -> Finding:
    """Which certificate it is that nobody brought: by issuer and serial number, or by its key's identifier."""
    chosen = signature.signer_info["sid"].chosen

    def read() -> tuple[str, str]:
        if signature.signer_info["sid"].name == "subject_key_identifier":
            return "—", bytes(chosen.native).hex()
        return plain_text(str(chosen["issuer"].human_friendly))[:200], f"{chosen['serial_number'].native:x}"

    named = attempt("sid", read)
    issuer, serial = ("—", "—") if isinstance(named, Failure) else named
    parameters = (("issuer", issuer), ("serial", serial))
    return Finding("SIGNER-CERTIFICATE-MISSING", Severity.WARNING, parameters)


def _mismatch() -> Finding:
    return Finding("SIGNING-CERTIFICATE-MISMATCH", Severity.WARNING)


def _are_attributes(content: Content) -> bool:
    """Is the content the encoding of signed attributes, taken from another signature and shown as what was signed.

    A value over a SET OF attributes is a value over those bytes too: who takes the attributes out of a signature and
    puts them in the place of the content has a "signed" file that its signer never saw.
    """
    first = next((bytes(piece[:1]) for piece in content if len(piece)), b"")
    if first != b"\x31" or sum(map(len, content)) > MAX_ATTRIBUTES_BYTES:
        return False

    def names() -> set[str]:
        return {str(one["type"].native) for one in cms.CMSAttributes.load(b"".join(content), strict=True)}

    found = attempt("attributes", names)
    return not isinstance(found, Failure) and "message_digest" in found


def _attribute_rules(
    signature: CmsSignature, expected_type: str, content: Content
) -> tuple[list[tuple[SubIndication, str]], list[Finding]]:
    """RFC 5652 §5.3, §11.1–11.2; RFC 6211 §3: attributes that must stand exactly once and agree with the structure."""
    violations: list[tuple[SubIndication, str]] = []
    findings: list[Finding] = []
    if signature.signer_count > 1:
        violations.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "SEVERAL-SIGNERS"))
    if signature.signed_bytes is None:
        findings.append(Finding("SIGNED-ATTRIBUTES-ABSENT", Severity.INFO))
        if expected_type != "data":  # RFC 5652 §5.3: then they must be there
            violations.append((SubIndication.FORMAT_FAILURE, "CONTENT-TYPE-ATTRIBUTE"))
        if _are_attributes(content):
            violations.append((SubIndication.FORMAT_FAILURE, "SIGNED-ATTRIBUTES-AS-CONTENT"))
        return violations, findings
    types = signature.attributes.get("content_type", [])
    if len(types) != 1 or str(types[0].native) != expected_type:
        violations.append((SubIndication.FORMAT_FAILURE, "CONTENT-TYPE-ATTRIBUTE"))
    if len(signature.attributes.get("signing_time", [])) > 1:
        findings.append(Finding("SIGNING-TIME-REPEATED", Severity.WARNING))
    protection = signature.attributes.get("cms_algorithm_protection", [])
    agrees = attempt("protection", lambda: all(_protects(value, signature.signer_info) for value in protection))
    if len(protection) > 1 or agrees is not True:
        violations.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "ALGORITHM-PROTECTION"))
    return violations, findings


def _protects(value: Any, signer_info: Any) -> bool:
    return bool(
        value["digest_algorithm"].native == signer_info["digest_algorithm"].native
        and value["signature_algorithm"].native == signer_info["signature_algorithm"].native
    )


def _value_holds(
    signature: CmsSignature, certificate: x509.Certificate, content: Content
) -> tuple[bool | Failure, list[Finding], list[tuple[SubIndication, str]]]:
    """Verify the value over the content, or over the DER encoding of the attributes, however they are stored.

    RFC 5652 §5.4 leaves no choice of order: a value over the attributes as they stand does not hold. It was made by
    the key all the same, over just what is read here, so the reason that is given is the form and no other key.
    """
    findings: list[Finding] = []
    declared = effective_algorithm(signature)[1]
    if declared != signature.digest_algorithm and declared.partition("_")[0] == "shake256":
        declared = signature.digest_algorithm
    if declared != signature.digest_algorithm and signature.signed_bytes is not None:
        parameters = (("digest", signature.digest_algorithm), ("signature", declared))
        findings.append(Finding("DIGEST-ALGORITHMS-DIFFER", Severity.WARNING, parameters))
    stored = signature.signed_bytes
    signed = b"".join(content) if stored is None else _in_der(stored)
    holds, found = _in_either_form(signature, certificate, signed)
    if holds is not False or stored is None or stored == signed:
        return holds, [*findings, *found], []
    other, found = _in_either_form(signature, certificate, stored)
    if other is not True:
        return False, findings, []
    return False, [*findings, *found], [(SubIndication.SIG_CRYPTO_FAILURE, "SIGNED-ATTRIBUTES-NOT-DER")]


def _in_either_form(
    signature: CmsSignature, certificate: x509.Certificate, signed: bytes
) -> tuple[bool | Failure, list[Finding]]:
    """As the standard has it, else as PKCS #1 v1.5 values of old programs are (``holds_without_null``)."""
    holds = attempt("verify", partial(_verifies, signature, certificate, signed))
    if holds is not False:
        return holds, []
    algorithm, digest = effective_algorithm(signature)
    if algorithm.signature_algo != "rsassa_pkcs1v15":
        return False, []
    key, value = certificate.public_key, signature.signature_value
    if attempt("verify", partial(holds_without_null, key, digest, value, signed)) is not True:
        return False, []
    return True, [Finding("DIGEST-INFO-WITHOUT-NULL", Severity.INFO)]


def _in_der(signed_bytes: bytes) -> bytes:
    """The SET OF sorted by encoding (X.690 §11.6); as it stands where it cannot be taken apart."""

    def rebuild() -> bytes:
        members = [bytes(member.dump()) for member in cms.CMSAttributes.load(signed_bytes)]
        return bytes(core.Asn1Value(class_=0, tag=17, method=1, contents=b"".join(sorted(members))).dump())

    rebuilt = attempt("der", rebuild)
    return signed_bytes if isinstance(rebuilt, Failure) else rebuilt


def _verifies(signature: CmsSignature, certificate: x509.Certificate, signed: bytes) -> bool:
    value = signature.signature_value
    name = str(signature.signer_info["signature_algorithm"]["algorithm"].native)
    if name.startswith(_PLAIN_ECDSA):
        half = len(value) // 2
        value = encode_dss_signature(int.from_bytes(value[:half]), int.from_bytes(value[half:]))
    algorithm, digest = effective_algorithm(signature)
    context = SignatureValidationContext(contextual_md_algorithm=digest, prehashed=False)
    try:
        DefaultSignatureValidator().validate_signature(
            value, signed, readable_key(certificate.public_key), algorithm, context
        )
    except InvalidSignature:
        return False
    return True

"""With which algorithms a signature was made, in plain values (``verifier.report.MadeWith``)."""

from __future__ import annotations

import dataclasses

from asn1crypto import x509

from verifier.cms.container import CmsSignature
from verifier.cms.rules import effective_algorithm
from verifier.guard import Failure, attempt
from verifier.report import MadeWith

_SCHEMES = {
    "rsassa_pkcs1v15": "rsassa-pkcs1-v1_5",
    "rsassa_pss": "rsassa-pss",
    "ecdsa": "ecdsa",
    "dsa": "dsa",
    "ed25519": "ed25519",
    "ed448": "ed448",
}
_BY_OBJECT_IDENTIFIER = {
    "2.16.840.1.101.3.4.3.17": "ml-dsa-44",
    "2.16.840.1.101.3.4.3.18": "ml-dsa-65",
    "2.16.840.1.101.3.4.3.19": "ml-dsa-87",
}
"""FIPS 204, by RFC 9882; asn1crypto has no names for them."""

_XML_SCHEMES = {"rsa": "rsassa-pkcs1-v1_5", "pss": "rsassa-pss", "ecdsa": "ecdsa", "dsa": "dsa"}
_OF_KEYS = {"ed25519": "ed25519", "ed448": "ed448", **_BY_OBJECT_IDENTIFIER}


def cms_made_with(parsed: CmsSignature) -> MadeWith:
    """Scheme and digests of a CMS signature (RFC 5652 §5.3)."""
    read = attempt("algorithms", lambda: _of_cms(parsed))
    return MadeWith() if isinstance(read, Failure) else read


def _of_cms(parsed: CmsSignature) -> MadeWith:
    algorithm, digest = effective_algorithm(parsed)
    name = str(algorithm["algorithm"].dotted)
    scheme = _BY_OBJECT_IDENTIFIER.get(name) or _SCHEMES.get(str(algorithm.signature_algo))
    digests = (parsed.digest_algorithm,) if scheme in _OF_KEYS.values() else (parsed.digest_algorithm, digest)
    return MadeWith(scheme, tuple(dict.fromkeys(digests)))


def xml_made_with(kind: str, digests: tuple[str, ...]) -> MadeWith:
    """Scheme and digests of an XML signature.

    Args:
        kind: of ``verifier.xml.algorithms.SignatureMethod``; empty where the method is not known.
        digests: of the method and of its references, asn1crypto's names.
    """
    return MadeWith(_XML_SCHEMES.get(kind), tuple(dict.fromkeys(name for name in digests if name)))


def with_key(made: MadeWith, certificate: x509.Certificate) -> MadeWith:
    """The same with the size of the signer's key; a key of one scheme only names the scheme too."""
    read = attempt("key", lambda: _key(certificate))
    if isinstance(read, Failure):
        return made
    kind, bits = read
    return dataclasses.replace(made, scheme=made.scheme or _OF_KEYS.get(kind), key_bits=bits)


def _key(certificate: x509.Certificate) -> tuple[str, int | None]:
    named = certificate["tbs_certificate"]["subject_public_key_info"]["algorithm"]["algorithm"]
    kind = str(named.dotted if named.dotted in _BY_OBJECT_IDENTIFIER else named.native)
    bits = int(certificate.public_key.bit_size) if kind in ("rsa", "rsassa_pss", "ec", "dsa") else None
    return kind, bits

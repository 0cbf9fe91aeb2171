"""The signature and digest algorithms of XML signatures (XMLDSig §6, RFC 9231), by their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from certs.algorithms import Where, acceptable_digest, acceptable_key

_DS = "http://www.w3.org/2000/09/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#"
_ENC = "http://www.w3.org/2001/04/xmlenc#"

DIGESTS = {
    f"{_DS}sha1": "sha1",
    f"{_MORE}md5": "md5",
    f"{_MORE}sha224": "sha224",
    f"{_ENC}sha256": "sha256",
    f"{_MORE}sha384": "sha384",
    f"{_ENC}sha512": "sha512",
    f"{_MORE_2007}sha3-224": "sha3_224",
    f"{_MORE_2007}sha3-256": "sha3_256",
    f"{_MORE_2007}sha3-384": "sha3_384",
    f"{_MORE_2007}sha3-512": "sha3_512",
}


class AlgorithmUnknownError(ValueError):
    """The address names no algorithm that is known here."""


@dataclass(frozen=True)
class SignatureMethod:
    """``kind`` is rsa, pss, ecdsa, dsa or eddsa; ``digest`` in asn1crypto's words, empty for eddsa."""

    kind: str
    digest: str


_SHA = ("sha1", "sha224", "sha256", "sha384", "sha512")
METHODS = {
    f"{_DS}rsa-sha1": SignatureMethod("rsa", "sha1"),
    f"{_MORE}rsa-md5": SignatureMethod("rsa", "md5"),
    **{f"{_MORE}rsa-{sha}": SignatureMethod("rsa", sha) for sha in _SHA[1:]},
    **{f"{_MORE}ecdsa-{sha}": SignatureMethod("ecdsa", sha) for sha in _SHA},
    **{f"{_MORE_2007}{sha}-rsa-MGF1": SignatureMethod("pss", sha) for sha in _SHA},
    **{f"{_MORE_2021}ecdsa-sha3-{n}": SignatureMethod("ecdsa", f"sha3_{n}") for n in (224, 256, 384, 512)},
    **{f"{_MORE_2007}sha3-{n}-rsa-MGF1": SignatureMethod("pss", f"sha3_{n}") for n in (224, 256, 384, 512)},
    f"{_DS}dsa-sha1": SignatureMethod("dsa", "sha1"),
    "http://www.w3.org/2009/xmldsig11#dsa-sha256": SignatureMethod("dsa", "sha256"),
    f"{_MORE_2021}eddsa-ed25519": SignatureMethod("eddsa", ""),
    f"{_MORE_2021}eddsa-ed448": SignatureMethod("eddsa", ""),
}


def is_hmac(address: str) -> bool:
    """A keyed digest proves nothing to a third party: whoever can check it can make it."""
    return "hmac" in address.lower()


def digest_name(address: str) -> str:
    """The digest algorithm behind an address.

    Raises:
        AlgorithmUnknownError: none that is known.
    """
    if address not in DIGESTS:
        raise AlgorithmUnknownError(address[:100])
    return DIGESTS[address]


def digest(name: str, data: bytes) -> bytes:
    """The digest of ``data``."""
    computed = hashes.Hash(get_pyca_cryptography_hash(name))
    computed.update(data)
    return computed.finalize()


def verifies(address: str, certificate: x509.Certificate, value: bytes, signed: bytes) -> bool:
    """Was ``value`` made over ``signed`` with the key of this certificate.

    Raises:
        AlgorithmUnknownError: the address names no known algorithm.
        ValueError: and others of cryptography's, where the key cannot be used.
    """
    method = METHODS.get(address)
    if method is None:
        raise AlgorithmUnknownError(address[:100])
    key = load_der_public_key(certificate.public_key.dump())
    try:
        _verify(method, key, value, signed)
    except InvalidSignature:
        return False
    return True


def is_der_value(address: str, certificate: x509.Certificate, value: bytes, signed: bytes) -> bool:
    """Did this key make an ECDSA value that is written as a DER sequence instead of r ‖ s (XMLDSig §6.4.3)."""
    method = METHODS.get(address)
    key = load_der_public_key(certificate.public_key.dump())
    if method is None or method.kind != "ecdsa" or not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(value, signed, ec.ECDSA(get_pyca_cryptography_hash(method.digest)))
    except InvalidSignature:
        return False
    return True


def _verify(method: SignatureMethod, key: object, value: bytes, signed: bytes) -> None:
    """A key of another kind than the method's did not make the value."""
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and method.kind == "eddsa":
        key.verify(value, signed)
        return
    if not method.digest:
        raise InvalidSignature
    algorithm = get_pyca_cryptography_hash(method.digest)
    match key:
        case rsa.RSAPublicKey() if method.kind == "rsa":
            key.verify(value, signed, padding.PKCS1v15(), algorithm)
        case rsa.RSAPublicKey() if method.kind == "pss":
            pss = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
            key.verify(value, signed, pss, algorithm)
        case ec.EllipticCurvePublicKey() if method.kind == "ecdsa":
            key.verify(_der(value, (key.curve.key_size + 7) // 8), signed, ec.ECDSA(algorithm))
        case dsa.DSAPublicKey() if method.kind == "dsa":
            size = (key.parameters().parameter_numbers().q.bit_length() + 7) // 8
            key.verify(_der(value, size), signed, algorithm)
        case _:
            raise InvalidSignature


def _der(value: bytes, size: int) -> bytes:
    """r ‖ s (XMLDSig §6.4.3) as the DER sequence that cryptography takes."""
    if len(value) != 2 * size:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(value[:size]), int.from_bytes(value[size:]))


def weak_algorithms(address: str, digests: tuple[str, ...], at: datetime) -> tuple[str, ...]:
    """Those of the signature's and its references' digests that are no longer accepted."""
    method = METHODS.get(address)
    used = [*([method.digest] if method is not None and method.digest else []), *digests]
    return tuple(sorted({name for name in used if not acceptable_digest(name, at, Where.DOCUMENT)}))


def algorithms_hold(address: str, digests: tuple[str, ...], certificate: x509.Certificate, at: datetime) -> bool:
    """Key, signature and digest algorithms acceptable at that time."""
    return bool(acceptable_key(certificate.public_key)) and not weak_algorithms(address, digests, at)

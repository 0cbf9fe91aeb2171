"""Public keys as certificates hold them: what has to be mended before a library reads them, and what is refused."""

from __future__ import annotations

import hashlib
import hmac

from asn1crypto import algos, core, keys

_PKCS1_TYPE_1 = b"\x00\x01"
MIN_PADDING_BYTES = 8
"""RFC 8017 §9.2: the string PS has at least eight octets."""


def readable_key(public_key: keys.PublicKeyInfo) -> keys.PublicKeyInfo:
    """The key with a modulus that is a positive number.

    Some programs write the octets of an RSA modulus as an INTEGER without the zero that keeps it positive (X.690
    §8.3.3), and libraries then refuse the key. The octets are the modulus (RFC 8017 §A.1.1): it is never negative.
    """
    if str(public_key.algorithm) != "rsa":
        return public_key
    rsa = public_key["public_key"].parsed
    modulus = rsa["modulus"]
    if modulus.native > 0:
        return public_key
    positive = int.from_bytes(modulus.contents, "big")
    mended = keys.RSAPublicKey({"modulus": positive, "public_exponent": rsa["public_exponent"].native})
    return keys.PublicKeyInfo.wrap(mended, "rsa")


def holds_without_null(public_key: keys.PublicKeyInfo, digest: str, signature: bytes, signed: bytes) -> bool:
    """Is it a PKCS #1 v1.5 value whose DigestInfo leaves the NULL of its digest algorithm out.

    RFC 8017 §9.2 asks for the NULL; §A.2.4 and RFC 4055 §2.1 know the older form without. The one encoding that such a
    value can have is built and compared as a whole, as §8.2.2 does it: nothing of the value is parsed.

    Raises:
        ValueError: and others of ``MALFORMED``, where the key cannot be read or the digest is unknown.
    """
    if str(public_key.algorithm) != "rsa":
        return False
    numbers = readable_key(public_key)["public_key"].parsed
    modulus, exponent = int(numbers["modulus"].native), int(numbers["public_exponent"].native)
    size = (modulus.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != size or value >= modulus or exponent < 3 or exponent % 2 == 0:
        return False
    encoded = pow(value, exponent, modulus).to_bytes(size, "big")
    info = _digest_info(digest, signed)
    padding = size - len(info) - 3
    return padding >= MIN_PADDING_BYTES and hmac.compare_digest(
        encoded, _PKCS1_TYPE_1 + b"\xff" * padding + b"\x00" + info
    )


def _digest_info(digest: str, signed: bytes) -> bytes:
    """DigestInfo (RFC 8017 §9.2) whose AlgorithmIdentifier holds the identifier alone."""
    identifier = core.Sequence(contents=algos.DigestAlgorithmId(digest).dump()).dump()
    octets = core.OctetString(hashlib.new(digest, signed).digest()).dump()
    return bytes(core.Sequence(contents=identifier + octets).dump())


def has_named_curve(public_key: keys.PublicKeyInfo) -> bool:
    """RFC 5480 §2.1.1: a curve by its name, nothing else; parameters written out can be chosen to fit any signature.

    (CVE-2020-0601: a root's public point on a curve of the forger's own.)
    """
    return str(public_key.algorithm) != "ec" or public_key["algorithm"]["parameters"].name == "named"

"""Which algorithm is acceptable where and when (TT 15/2025; NIST SP 800-131A for what is dropped).

In force: RSA of at least 2048 bits (PKCS#1 v1.5 or PSS) or ECDSA of at least 256, with SHA-256/384/512, SHA-512/224,
SHA-512/256, SHA-3, SHAKE. SHA-1 only on CA certificates pinned in a tree the catalogue allows, and on what their
holders sign about status.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from asn1crypto import algos, keys

from certs.certificate import MALFORMED, Certificate
from certs.public_keys import has_named_curve, readable_key

MIN_RSA_BITS = 2048
MIN_EC_BITS = 256

SHA1_LEAF_CUT_OFF = datetime(2020, 1, 7, tzinfo=UTC)
"""From here on a certificate could be forged at will under SHA-1 (chosen-prefix collision, ePrint 2020/014)."""

STRONG_DIGESTS = frozenset(
    {
        *("sha256", "sha384", "sha512", "sha512_224", "sha512_256"),
        *("sha3_256", "sha3_384", "sha3_512", "shake128", "shake256"),
    }
)
_SIZED = {"rsassa_pkcs1v15": MIN_RSA_BITS, "rsassa_pss": MIN_RSA_BITS, "rsa": MIN_RSA_BITS}
_SIZED |= {"ecdsa": MIN_EC_BITS, "ec": MIN_EC_BITS}
_SELF_CONTAINED = frozenset({"ed25519", "ed448"})


class Where(StrEnum):
    """What the algorithm protects: a document's digest or signature, a leaf certificate, a CA certificate."""

    DOCUMENT = "document-digest"
    LEAF = "leaf"
    CA = "ca"


@dataclass(frozen=True)
class Acceptance:
    """Whether an algorithm is acceptable; ``reason`` says why not, in the algorithm's own terms."""

    acceptable: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.acceptable


def acceptable_digest(digest: str, at: datetime, where: Where, *, sha1_pinned: bool = False) -> Acceptance:
    """May this digest algorithm (asn1crypto's name, ``sha256``) be relied on at ``at``.

    Args:
        digest: lower-case name.
        at: for a leaf certificate the time it was issued, else the time of the signature.
        where: what the digest protects.
        sha1_pinned: the certificate is a CA certificate pinned in a tree where SHA-1 is allowed.
    """
    if digest in STRONG_DIGESTS:
        return Acceptance(True)
    if digest == "sha1" and where is Where.CA and sha1_pinned:
        return Acceptance(True)
    if digest == "sha1" and where is Where.LEAF and at < SHA1_LEAF_CUT_OFF:
        return Acceptance(True)
    return Acceptance(False, f"{digest} on a {where}")


def acceptable_key(public_key: keys.PublicKeyInfo) -> Acceptance:
    """Is the key of a kind and size in force: RSA 2048 or EC 256 at least, or an Edwards curve."""
    try:
        kind = str(public_key.algorithm)
        if kind in _SELF_CONTAINED:
            return Acceptance(True)
        if not has_named_curve(public_key):
            return Acceptance(False, "ec key with parameters of its own")
        bits = int(readable_key(public_key).bit_size) if kind in _SIZED else 0
    except MALFORMED:
        return Acceptance(False, "unreadable key")
    minimum = _SIZED.get(kind)
    if minimum is None:
        return Acceptance(False, f"{kind} key")
    return Acceptance(bits >= minimum, "" if bits >= minimum else f"{kind} key of {bits} bits")


def acceptable(
    algorithm: algos.SignedDigestAlgorithm,
    public_key: keys.PublicKeyInfo,
    at: datetime,
    where: Where,
    *,
    digest: str | None = None,
    sha1_pinned: bool = False,
) -> Acceptance:
    """May a signature by this algorithm and key be relied on at ``at``.

    Args:
        algorithm: the signature algorithm as it stands beside the signature.
        public_key: the key that made it.
        at: as for ``acceptable_digest``.
        where: what was signed.
        digest: for algorithms that do not name one themselves (CMS with plain ``rsaEncryption``).
        sha1_pinned: as for ``acceptable_digest``.
    """
    key = acceptable_key(public_key)
    if not key:
        return key
    if str(public_key.algorithm) in _SELF_CONTAINED:
        return Acceptance(True)
    try:
        name = str(algorithm.hash_algo)
    except MALFORMED:
        name = digest or "no digest"
    return acceptable_digest(name, at, where, sha1_pinned=sha1_pinned)


def acceptable_leaf(cert: Certificate, issuer: Certificate) -> Acceptance:
    """Is the leaf's own key, and the signature of its issuer on it, by algorithms acceptable when it was issued."""
    own = acceptable_key(cert.public_key)
    if not own:
        return own
    return acceptable(cert["signature_algorithm"], issuer.public_key, cert.not_valid_before, Where.LEAF)

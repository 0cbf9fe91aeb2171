"""Algorithms in force, and the one exception for SHA-1."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from asn1crypto import algos, keys
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.algorithms import Where, acceptable, acceptable_digest, acceptable_key, acceptable_leaf
from demo.pki import DemoPki

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OLD = datetime(2015, 5, 1, tzinfo=UTC)

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey | ed25519.Ed25519PublicKey


def info(key: PublicKey) -> keys.PublicKeyInfo:
    return keys.PublicKeyInfo.load(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512", "sha512_256", "sha3_256", "shake256"])
@pytest.mark.parametrize("where", list(Where))
def test_strong_digests_are_acceptable_everywhere(digest: str, where: Where) -> None:
    assert acceptable_digest(digest, NOW, where)


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha224", "md2", ""])
@pytest.mark.parametrize("where", list(Where))
def test_weak_digests_are_not(digest: str, where: Where) -> None:
    answer = acceptable_digest(digest, NOW, where)
    assert not answer
    assert answer.reason == f"{digest} on a {where}"


def test_sha1_is_acceptable_on_a_pinned_ca_certificate_and_on_an_old_leaf() -> None:
    assert acceptable_digest("sha1", NOW, Where.CA, sha1_pinned=True)
    assert not acceptable_digest("md5", NOW, Where.CA, sha1_pinned=True)
    assert not acceptable_digest("sha1", OLD, Where.DOCUMENT, sha1_pinned=True)
    assert acceptable_digest("sha1", OLD, Where.LEAF)
    assert not acceptable_digest("sha1", NOW, Where.LEAF, sha1_pinned=True)


def test_keys_in_force() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    assert acceptable_key(info(small)).reason == "rsa key of 1024 bits"
    assert not acceptable_key(info(ec.generate_private_key(ec.SECP192R1()).public_key()))
    assert acceptable_key(info(ec.generate_private_key(ec.SECP256R1()).public_key()))
    assert acceptable_key(info(ed25519.Ed25519PrivateKey.generate().public_key()))
    assert acceptable_key(info(dsa.generate_private_key(2048).public_key())).reason == "dsa key"


def test_a_signature_without_a_digest_of_its_own_takes_the_one_beside_it(pki: DemoPki) -> None:
    plain = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
    key = pki.holder("citizen").asn1.public_key
    assert acceptable(plain, key, NOW, Where.DOCUMENT, digest="sha256")
    assert not acceptable(plain, key, NOW, Where.DOCUMENT, digest="sha1")
    assert acceptable(plain, key, NOW, Where.DOCUMENT).reason == "no digest on a document-digest"


def test_a_leaf_is_judged_by_when_it_was_issued(pki: DemoPki) -> None:
    issuer = pki.authority("g1-sub").asn1
    assert acceptable_leaf(pki.holder("officer-g1").asn1, issuer)
    assert acceptable_leaf(pki.holder("officer-g1-sha1").asn1, issuer).reason == "sha1 on a leaf"
    old = pki.issue("old-sha1", "officer-g1-sha1", not_before=OLD)
    assert acceptable_leaf(old.asn1, issuer)

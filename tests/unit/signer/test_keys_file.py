"""Keys in files and where their secrets come from: what they sign verifies, and they give nothing away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    pkcs12,
)

from demo.pki import PASSPHRASE, DemoPki
from signer.keyring import FileKeyReference, KeyRing
from signer.keys import KeyUnavailable, signature_mechanism
from signer.keys_file import FileKey
from signer.refusal import RefusalCode, SealRefused
from signer.secret import SecretSource
from tests.unit.signer.sealing import DATA, verifies


@pytest.mark.parametrize("slug", ["officer", "citizen-ec"])
def test_a_file_key_signs(slug: str, file_key: Callable[[str], FileKey]) -> None:
    key = file_key(slug)
    verifies(key.certificate, key.sign(DATA, "sha256"))
    assert key.chain


def test_a_file_key_needs_its_passphrase_and_its_own_certificate(pki: DemoPki) -> None:
    data = pki.pkcs12_path("officer").read_bytes()
    with pytest.raises(KeyUnavailable, match="cannot be opened") as raised:
        FileKey.from_pkcs12(data, b"wrong-passphrase")
    assert "wrong-passphrase" not in str(raised.value)
    with pytest.raises(KeyUnavailable, match="cannot be opened"):
        FileKey.from_pkcs12(b"not PKCS#12", None)
    holder, other = pki.holder("officer"), pki.holder("agency")
    mixed = pkcs12.serialize_key_and_certificates(b"x", holder.key, None, None, NoEncryption())
    with pytest.raises(KeyUnavailable, match="no RSA or EC key with its certificate"):
        FileKey.from_pkcs12(mixed, None)
    with pytest.raises(KeyUnavailable, match="does not belong"):
        FileKey(holder.key, x509.Certificate.load(other.certificate.public_bytes(Encoding.DER)), ())._check_pair(
            other.certificate.public_key()
        )


def test_a_file_key_shows_nothing_secret(file_key: Callable[[str], FileKey]) -> None:
    key = file_key("officer")
    assert "Phạm Thị Mẫu" in repr(key)
    assert "rivate" not in repr(key)


def test_weak_and_foreign_kinds_of_key_are_refused(pki: DemoPki) -> None:
    weak = pki.issue("weak", like="plain", key=rsa.generate_private_key(65537, 1024))
    with pytest.raises(SealRefused) as refused:
        signature_mechanism(x509.Certificate.load(weak.certificate.public_bytes(Encoding.DER)), "sha256")
    assert refused.value.code is RefusalCode.KEY_UNUSABLE


def test_a_secret_comes_from_one_place_and_is_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    path.write_text("s3cret\nsecond line\n", encoding="utf-8")
    assert SecretSource(path=path).read({}) == "s3cret"
    assert SecretSource("PIN").read({"PIN": "s3cret"}) == "s3cret"
    assert "s3cret" not in repr(SecretSource(path=path))
    with pytest.raises(KeyUnavailable, match="PIN is not set"):
        SecretSource("PIN").read({})
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        SecretSource(path=tmp_path / "missing").read({})
    for variable, place in ((None, None), ("PIN", path)):
        with pytest.raises(ValueError, match="one environment variable"):
            SecretSource(variable, place)


def test_the_ring_opens_each_key_once_and_forgets_failures(pki: DemoPki, tmp_path: Path) -> None:
    data = pki.pkcs12_path("officer").read_bytes()
    reference = FileKeyReference(tmp_path / "key.p12", SecretSource("PASS"))
    ring = KeyRing({"PASS": PASSPHRASE.decode()})
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        ring.open(reference)
    reference.path.write_bytes(data)
    key = ring.open(reference)
    reference.path.unlink()
    assert ring.open(reference) is key

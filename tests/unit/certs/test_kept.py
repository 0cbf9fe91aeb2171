"""Certificates that come again are not read again, and what is remembered of them is what they are."""

from __future__ import annotations

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certs import certificate as module
from certs.certificate import der_of, fingerprint, kept_certificate
from certs.memo import BoundedMemo
from certs.signed_bytes import issued_by
from demo.pki import DemoPki


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests of this process have read is not known here."""
    monkeypatch.setattr(module, "_kept", BoundedMemo[bytes, x509.Certificate](1 << 18))


def der(pki: DemoPki, slug: str) -> bytes:
    return pki.authority(slug).certificate.public_bytes(Encoding.DER)


def test_the_same_bytes_are_read_once(pki: DemoPki) -> None:
    data = der(pki, "public-sub")
    first = kept_certificate(data, x509.Certificate.load)
    assert kept_certificate(bytes(bytearray(data)), x509.Certificate.load) is first
    assert bytes(first.dump()) == der_of(first) == data


def test_other_bytes_are_another_certificate(pki: DemoPki) -> None:
    data = bytearray(der(pki, "public-sub"))
    whole = kept_certificate(bytes(data), x509.Certificate.load)
    data[-1] ^= 1
    forged = kept_certificate(bytes(data), x509.Certificate.load)
    assert fingerprint(forged) != fingerprint(whole)
    issuer = kept_certificate(der(pki, "public-root"), x509.Certificate.load)
    for _ in range(2):
        assert issued_by(whole, issuer)
        assert not issued_by(forged, issuer)
        assert not issued_by(issuer, whole)


def test_one_that_cannot_be_read_is_read_anew_each_time(pki: DemoPki) -> None:
    data = der(pki, "public-sub").replace(b"\x17\x0d", b"\x17\x0c", 1)  # a date that ends too early
    read: list[bytes] = []

    def reading(certificate: bytes) -> x509.Certificate:
        read.append(certificate)
        return x509.Certificate.load(certificate)

    first = kept_certificate(data, reading)
    assert kept_certificate(data, reading) is not first
    assert len(read) == 2
    assert der_of(first) == data


def test_one_that_reading_spoils_is_read_anew_each_time(pki: DemoPki, monkeypatch: pytest.MonkeyPatch) -> None:
    data = der(pki, "official-root")
    monkeypatch.setattr(x509.Certificate, "dump", lambda self, force=False: b"otherwise")
    first = kept_certificate(data, x509.Certificate.load)
    assert kept_certificate(data, x509.Certificate.load) is not first

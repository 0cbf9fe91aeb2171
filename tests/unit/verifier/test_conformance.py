"""Conformance to the list of TT 15/2025/TT-BKHCN, apart from validity."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from demo.pki import DemoPki
from tests.unit.verifier.facts import PASSING
from tests.unit.verifier.signing import Signing, blank_paper, environment, sign, verdicts
from verifier.conclude import conclude_signature
from verifier.conformance import REASONS, Conformance, conformance
from verifier.report import Indication, MadeWith, SignatureFacts, SignatureKind, SignatureLevel
from verifier.signature.made_with import with_key, xml_made_with

PADES = SignatureLevel.PADES_B
TT_15 = "TT 15/2025/TT-BKHCN"


def made(scheme: str | None, *digests: str, bits: int | None = None) -> SignatureFacts:
    return dataclasses.replace(PASSING, level=PADES, made_with=MadeWith(scheme, digests, bits))


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (made("rsassa-pss", "sha256", bits=2048), ()),
        (made("rsassa-pss", "sha512", bits=4096), ()),
        (made("ecdsa", "sha384", bits=256), ()),
        (made("ecdsa", "sha3_256", bits=521), ()),
        (made("rsassa-pss", "shake256", bits=3072), ()),
        (made("rsassa-pkcs1-v1_5", "sha256", bits=2048), ("CONFORMANCE-RSA-SCHEME",)),
        (
            made("rsassa-pkcs1-v1_5", "sha1", bits=1024),
            ("CONFORMANCE-RSA-SCHEME", "CONFORMANCE-KEY-SIZE", "CONFORMANCE-DIGEST"),
        ),
        (made("rsassa-pss", "sha256", bits=2047), ("CONFORMANCE-KEY-SIZE",)),
        (made("ecdsa", "sha256", bits=255), ("CONFORMANCE-KEY-SIZE",)),
        (made("ecdsa", "sha256", "sha1", bits=256), ("CONFORMANCE-DIGEST",)),
        (made("ecdsa", "sha224", bits=256), ("CONFORMANCE-DIGEST",)),
        (made("ed25519", "sha512"), ("CONFORMANCE-ALGORITHM",)),
        (made("ed448", "shake256"), ("CONFORMANCE-ALGORITHM",)),
        (made("ml-dsa-65", "sha512"), ("CONFORMANCE-ALGORITHM",)),
        (made("dsa", "sha256", bits=2048), ("CONFORMANCE-ALGORITHM",)),
        (dataclasses.replace(made("ecdsa", "sha256", bits=256), level=SignatureLevel.PKCS7_T), ("CONFORMANCE-FORMAT",)),
        (dataclasses.replace(made("ecdsa", "sha256", bits=256), level=SignatureLevel.XMLDSIG), ("CONFORMANCE-FORMAT",)),
        (dataclasses.replace(made("ecdsa", "sha256", bits=256), level=SignatureLevel.XADES_B), ()),
        (dataclasses.replace(made("ecdsa", "sha256", bits=256), level=SignatureLevel.CADES_LTA), ()),
        (dataclasses.replace(made("ecdsa", "sha256", bits=256), level=None), ("CONFORMANCE-FORMAT",)),
    ],
)
def test_the_list(facts: SignatureFacts, reasons: tuple[str, ...]) -> None:
    assert conformance(facts) == Conformance(TT_15, not reasons, reasons)
    assert set(reasons) <= set(REASONS)


def test_a_time_stamp_has_a_format_of_its_own() -> None:
    stamp = dataclasses.replace(made("ecdsa", "sha256", bits=256), kind=SignatureKind.DOCUMENT_TIMESTAMP, level=None)
    assert conformance(stamp).conforms is True


def test_what_was_not_read_is_not_known() -> None:
    assert conformance(made(None)) == Conformance(TT_15, None, ("CONFORMANCE-UNKNOWN",))


def test_conformance_changes_no_verdict() -> None:
    facts = made("ed25519", "sha512")
    assert conformance(facts).conforms is False
    assert conclude_signature(facts).indication is Indication.TOTAL_PASSED


def certificate(key: CertificateIssuerPrivateKeyTypes) -> x509.Certificate:
    name = pyca.Name([pyca.NameAttribute(pyca.NameOID.COMMON_NAME, "a")])
    since = datetime(2026, 1, 1, tzinfo=UTC)
    builder = pyca.CertificateBuilder(name, name, key.public_key(), 1, since, since + timedelta(days=1))
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) else hashes.SHA256()
    return x509.Certificate.load(builder.sign(key, digest).public_bytes(serialization.Encoding.DER))


@pytest.mark.parametrize(
    ("key", "scheme", "expected"),
    [
        (rsa.generate_private_key(65537, 2048), "rsassa-pss", MadeWith("rsassa-pss", (), 2048)),
        (ec.generate_private_key(ec.SECP384R1()), "ecdsa", MadeWith("ecdsa", (), 384)),
        (ed25519.Ed25519PrivateKey.generate(), None, MadeWith("ed25519", ())),
        (ed448.Ed448PrivateKey.generate(), None, MadeWith("ed448", ())),
    ],
)
def test_the_key_is_read(key: CertificateIssuerPrivateKeyTypes, scheme: str | None, expected: MadeWith) -> None:
    assert with_key(MadeWith(scheme), certificate(key)) == expected


def test_a_key_of_ml_dsa_is_known_by_its_identifier() -> None:
    written = certificate(ec.generate_private_key(ec.SECP256R1()))
    named = written["tbs_certificate"]["subject_public_key_info"]["algorithm"]
    named["algorithm"] = "2.16.840.1.101.3.4.3.18"
    assert with_key(MadeWith(None, ("sha512",)), written).scheme == "ml-dsa-65"


def test_an_xml_method() -> None:
    assert xml_made_with("pss", ("sha256", "", "sha256")) == MadeWith("rsassa-pss", ("sha256",))
    assert xml_made_with("eddsa", ("",)).scheme is None


def test_a_signed_paper_tells_with_what_it_was_signed(pki: DemoPki) -> None:
    _, (verdict,) = verdicts(sign(blank_paper(), Signing(pki.holder("citizen"))), environment(pki))
    told = verdict.facts.made_with
    assert told.scheme in ("rsassa-pkcs1-v1_5", "ecdsa")
    assert told.digests == ("sha256",)
    assert told.key_bits is not None and told.key_bits >= 256
    assert conformance(verdict.facts).conforms is not None

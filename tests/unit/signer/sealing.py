"""A sealing environment over the demo PKI with the real verifier, and requests for it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from asn1crypto import x509
from cryptography import x509 as cx509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from certs.anchors import Regime
from demo.pki import PASSPHRASE, DemoPki
from signer.agencies import AGENCY_FIELD, PERSON_FIELD
from signer.environment import SigningEnvironment
from signer.keys import KeySigner, SigningKey
from signer.keys_file import FileKey
from signer.request import Appearance, ResultMark, Role, SealLevel, SealWording, SigningRequest, SignStep
from signer.timestamp import TimeStampPool

DATA = b"what is signed"
DEPARTMENT = "Sở Tài nguyên và Môi trường DEMO"


def now() -> datetime:
    """The responders answer with the real time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """Where tests order seals: keys by slug, requests, and the environment they are carried out in."""

    pki: DemoPki
    environment: SigningEnvironment
    wording: SealWording
    mark: ResultMark

    def key(self, slug: str) -> FileKey:
        return FileKey.from_pkcs12(self.pki.pkcs12_path(slug).read_bytes(), PASSPHRASE)

    def person(self, slug: str = "officer") -> SignStep:
        shown = Appearance("Phạm Thị Mẫu", "Giám đốc", DEPARTMENT)
        return SignStep(self.key(slug), Role.AUTHORISED_PERSON, PERSON_FIELD, shown)

    def agency(self, slug: str = "agency") -> SignStep:
        return SignStep(self.key(slug), Role.AGENCY, AGENCY_FIELD, Appearance(DEPARTMENT, None, DEPARTMENT))

    def request(self, document: bytes, level: SealLevel = SealLevel.B_B, **changes: Any) -> SigningRequest:
        """Person and agency, with the mark, unless changed."""
        asked = SigningRequest(document, (self.person(), self.agency()), level, self.wording, self.mark)
        return replace(asked, **changes)

    def pool(self, *urls: str) -> TimeStampPool:
        """By default the official regime's authority."""
        verification = self.environment.verification
        return TimeStampPool(urls or (self.pki.tsa_url(Regime.OFFICIAL),), self.pki.fetcher(), verification.trust)

    def with_pool(self, *urls: str) -> SigningEnvironment:
        """The environment with other time-stamp authorities."""
        return replace(self.environment, timestamps=self.pool(*urls))


def signed_by_others(document: bytes, *keys: SigningKey) -> bytes:
    """The document signed by pyHanko's own signer, invisibly, once with each key."""
    for number, key in enumerate(keys, start=1):
        document = signed_as(document, key, PdfSignatureMetadata(f"Foreign{number}", subfilter=SigSeedSubFilter.PADES))
    return document


def signed_as(document: bytes, key: SigningKey, metadata: PdfSignatureMetadata) -> bytes:
    """The document signed once by pyHanko's own signer, as the metadata says."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    signing = PdfSigner(metadata, signer=KeySigner(key, key.chain)).async_sign_pdf(writer)
    return bytes(asyncio.run(signing).getvalue())


@contextmanager
def short_lived(pki: DemoPki, until: datetime) -> Iterator[None]:
    """The official authority's certificate ends at that time."""
    usual = pki.holders["tsa-official"]
    pki.issue("tsa-official", "tsa-official", not_after=until)
    try:
        yield
    finally:
        pki.holders["tsa-official"] = usual


def verifies(certificate: x509.Certificate, signature: bytes) -> None:
    """The value is one over ``DATA`` by this certificate's key; raises where it is not."""
    public_key = cx509.load_der_x509_certificate(certificate.dump()).public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        public_key.verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        public_key.verify(signature, DATA, ec.ECDSA(hashes.SHA256()))
